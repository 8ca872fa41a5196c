const firstDelayMs = 100
const longestDelayMs = 30_000
const forgottenAfterMs = 60_000

/**
 * How long to wait before a worker that died is replaced, asked once for each death: a tenth of a second, then twice as long for every
 * other death within the last minute, at most half a minute. `now` is in milliseconds.
 */
export function createRestartDelay(now: () => number): () => number {
  let deathsMs: readonly number[] = []
  return () => {
    const nowMs = now()
    deathsMs = [...deathsMs.filter((atMs) => nowMs - atMs < forgottenAfterMs), nowMs]
    return Math.min(firstDelayMs * 2 ** (deathsMs.length - 1), longestDelayMs)
  }
}
