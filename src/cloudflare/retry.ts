/** A failed attempt, as far as trying again depends on it. */
export type FailedAttempt = {
  readonly method: string
  /** How many attempts were made, this one included. */
  readonly attempts: number
  readonly retries: number
  /** False where surely nothing of the request left. */
  readonly sent: boolean
  /** Of an answer whose headers arrived. */
  readonly status: number | undefined
  /** Whether the answer arrived to its last byte. */
  readonly whole: boolean
  /** What Node or undici call a connection's failure; a timeout of ours is `TIMEOUT`. */
  readonly code: string | undefined
  /** What the upstream asked for in `Retry-After`. */
  readonly retryAfterMs: number | undefined
}

const longestAskedWaitMs = 2_000
const firstBackoffMs = 250
const longestBackoffMs = 4_000
// A timer may ring a moment early, when the pause that the upstream asked for is not over yet.
const earlyTimerMs = 5

const passingStatuses = new Set([408, 500, 502, 503, 504, 520, 521, 522, 523, 524])
const passingCodes = new Set([
  'TIMEOUT',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
])

/**
 * Whether to try once more. A POST only where it surely did not arrive; the other methods set a state, so that doing
 * them twice is doing them once (quirk 7). A rate limit's refusal only for a read, and only if it names a short wait.
 * An answer that broke off is not asked for again: its first part was an answer.
 */
export function mayRetry(failed: FailedAttempt): boolean {
  const { method, attempts, retries, sent, status, whole, code } = failed
  if (attempts > retries || (failed.retryAfterMs ?? 0) > longestAskedWaitMs) return false
  if (status === undefined) {
    return code !== undefined && passingCodes.has(code) && (!sent || method !== 'POST')
  }
  if (status === 429) return method === 'GET' && failed.retryAfterMs !== undefined
  return whole && passingStatuses.has(status) && method !== 'POST'
}

/**
 * How long to wait before the next attempt, in milliseconds: anything up to 250 ms, 500 ms, ... 4 s, so that callers
 * who failed together do not come back together, after what the upstream asked for. `random` is in [0, 1).
 */
export function retryDelayMs(
  { attempts, retryAfterMs }: Pick<FailedAttempt, 'attempts' | 'retryAfterMs'>,
  random: () => number,
): number {
  const backoffMs = random() * Math.min(firstBackoffMs * 2 ** (attempts - 1), longestBackoffMs)
  const askedMs = retryAfterMs === undefined ? 0 : retryAfterMs + earlyTimerMs
  return Math.round(backoffMs + askedMs)
}
