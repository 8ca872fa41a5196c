import { type Answer, type Call, callFailure } from './call.ts'
import type { CloudflareError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { AttemptAnswer } from './rate-limit.ts'
import { retryAfterMs } from './rate-limit-headers.ts'
import { codeOf } from './redaction.ts'
import type { FailedAttempt } from './retry.ts'
import { type Slots, SlotsExhausted } from './slots.ts'
import { type Verdict, verdictOn } from './verdict.ts'

/** What the attempts of one call have come to so far. */
export type Progress = {
  attempts: number
  /** Whether an earlier attempt of a write may have been done. */
  mayHaveHappened: boolean
  lastFailure:
    | { readonly error: CloudflareError; readonly attempt: Omit<FailedAttempt, 'retries'> }
    | undefined
}

/** What an attempt is made with. */
export type AttemptParts = {
  readonly send: () => Promise<Exchange>
  /** Shared by all credentials. */
  readonly connections: Slots
  readonly now: () => number
}

/**
 * Makes one attempt: waits for a slot, asks the rate limiter and the caller's `admit`, sends, judges, and reports.
 * Throws `CloudflareError`. Where a repetition is refused before it is sent, the failure that it would have mended
 * stands; a first attempt fails with the refusal itself, `admit`'s own error included.
 */
export async function makeAttempt(call: Call, progress: Progress, parts: AttemptParts): Promise<Answer> {
  const { method, template, path, caller } = call
  let leave: (() => void) | undefined
  let unclaim: (() => void) | undefined
  try {
    leave = await enter(call, parts.connections)
    const claim = caller.state.limiter.claim(caller.reservations)
    unclaim = claim instanceof Promise ? await claim : claim
    // Nothing is awaited from here to the sending: of many who wait for a pause to end, only one may try whether it has.
    refuseWhilePaused(call)
    caller.admit?.({ method, template, path })
  } catch (error) {
    unclaim?.()
    leave?.()
    throw insteadOfAttempt(call, progress, error)
  }
  try {
    return await sendAndJudge(call, progress, parts)
  } finally {
    leave()
  }
}

/** The failure of a call that its caller does not wait for any more. */
export function abortedCall(call: Call, progress: Pick<Progress, 'mayHaveHappened'>): CloudflareError {
  return callFailure(call, {
    kind: 'aborted',
    reason: 'the caller left',
    mayHaveHappened: progress.mayHaveHappened,
  })
}

async function enter(call: Call, connections: Slots): Promise<() => void> {
  const { state, usable } = call.caller
  const reason = 'HTTP cannot carry these credentials'
  if (!usable) throw callFailure(call, { kind: 'unauthenticated', reason })
  const freeSlot = await state.slots.acquire(call.signal)
  try {
    const freeConnection = await connections.acquire(call.signal)
    return () => {
      freeConnection()
      freeSlot()
    }
  } catch (error) {
    freeSlot()
    throw error
  }
}

function insteadOfAttempt(call: Call, progress: Progress, error: unknown): unknown {
  if (call.signal?.aborted) return abortedCall(call, progress)
  const { lastFailure } = progress
  // Taken away, so that nobody tries again what was refused without a new attempt.
  progress.lastFailure = undefined
  if (lastFailure !== undefined) return lastFailure.error
  return error instanceof SlotsExhausted ? crowded(call) : error
}

async function sendAndJudge(call: Call, progress: Progress, { send, now }: AttemptParts): Promise<Answer> {
  const { method, template, path, caller } = call
  progress.attempts += 1
  const startedMs = now()
  const finish = caller.state.limiter.begin()
  const exchange = await send()
  const verdict = verdictOn(call, exchange)
  finish(attemptAnswer(exchange, verdict))
  const isDone = verdict.kind === undefined || isDoneBefore(call, progress, verdict)
  const endedMs = now()
  caller.observe?.({
    method,
    template,
    path,
    status: exchange.status,
    attempt: progress.attempts,
    durationMs: endedMs - startedMs,
    ray: verdict.ray,
    failure: isDone ? undefined : verdict.kind,
  })
  if (isDone) return verdict.kind === undefined ? verdict.answer : { result: null, info: undefined }
  throw failedAttempt(call, progress, { exchange, verdict, nowMs: endedMs })
}

function refuseWhilePaused(call: Call): void {
  const waitMs = call.caller.state.limiter.waitMs()
  if (waitMs === 0) return
  const reason = 'the upstream limits the rate of this credential'
  throw callFailure(call, { kind: 'rate-limited', reason, retryAfterMs: waitMs })
}

function crowded(call: Call): CloudflareError {
  const reason = 'too many calls wait already'
  return callFailure(call, { kind: 'rate-limited', reason, retryAfterMs: 1_000 })
}

function attemptAnswer({ status, headers }: Exchange, { kind }: Verdict): AttemptAnswer | undefined {
  if (status === undefined) return undefined
  if (kind === 'rate-limited') return { headers, outcome: 'throttled' }
  const broken = kind === 'unavailable' || kind === 'timeout' || kind === 'aborted'
  return { headers, outcome: broken ? 'broken' : 'served' }
}

/** Whether the object is gone, and it may well be an earlier attempt of this DELETE that did it (quirk 7). */
function isDoneBefore({ method }: Call, { mayHaveHappened }: Progress, { kind }: Verdict): boolean {
  return method === 'DELETE' && kind === 'not-found' && mayHaveHappened
}

function failedAttempt(
  call: Call,
  progress: Progress,
  { exchange, verdict, nowMs }: { exchange: Exchange; verdict: Verdict; nowMs: number },
): CloudflareError {
  progress.mayHaveHappened ||= verdict.uncertain
  const askedMs = retryAfterMs(exchange.headers, nowMs)
  const throttled = verdict.kind === 'rate-limited'
  const error = verdict.failure({
    retryAfterMs: throttled ? call.caller.state.limiter.waitMs() : askedMs,
    mayHaveHappened: progress.mayHaveHappened,
  })
  progress.lastFailure = {
    error,
    attempt: {
      method: call.method,
      attempts: progress.attempts,
      sent: exchange.sent,
      status: exchange.status,
      whole: exchange.failure === undefined,
      code: failureCode(exchange),
      retryAfterMs: askedMs,
    },
  }
  return error
}

function failureCode({ failure }: Exchange): string | undefined {
  if (failure?.reason === 'timeout') return 'TIMEOUT'
  return failure === undefined || failure.reason === 'aborted' ? undefined : codeOf(failure.error)
}
