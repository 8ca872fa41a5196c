/** Gives the instants that records are stamped with. */
export type Clock = {
  /** RFC 3339 with four decimals, as the published examples have; each one later than the one before. */
  stamp(): string
  nowMs(): number
}

/** A clock over `now` (milliseconds since 1970) whose stamps never repeat, even within one millisecond. */
export function createClock(now: () => number): Clock {
  let lastMs = 0
  return {
    stamp() {
      lastMs = Math.max(now(), lastMs + 1)
      return formatInstant(lastMs)
    },
    nowMs: now,
  }
}

export function formatInstant(instantMs: number): string {
  return new Date(instantMs).toISOString().replace('Z', '0Z')
}

/** Whole seconds: the form of `created_at` on a user group's member. */
export function formatSecond(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/\.\d+Z$/, 'Z')
}
