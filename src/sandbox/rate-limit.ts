/** How many calls one credential has in one window. */
export type RateLimitOptions = { readonly calls: number; readonly windowSeconds: number }

export type RateReading = {
  readonly allowed: boolean
  readonly remaining: number
  readonly resetSeconds: number
}

export type RateLimit = RateLimitOptions & {
  /** Takes one call from the credential's window, where one is left. */
  take(credential: string): RateReading
  clear(): void
}

/** A fixed window for each credential, which opens with its first call. `now` is in milliseconds. */
export function createRateLimit({ calls, windowSeconds }: RateLimitOptions, now: () => number): RateLimit {
  const windows = new Map<string, { readonly endsAtMs: number; used: number }>()
  let sweepAtMs = now() + windowSeconds * 1000

  return {
    calls,
    windowSeconds,
    take(credential) {
      const nowMs = now()
      if (nowMs >= sweepAtMs) {
        // Windows of callers that went away would stay for ever.
        for (const [key, { endsAtMs }] of windows) if (endsAtMs <= nowMs) windows.delete(key)
        sweepAtMs = nowMs + windowSeconds * 1000
      }
      let window = windows.get(credential)
      if (window === undefined || window.endsAtMs <= nowMs) {
        window = { endsAtMs: nowMs + windowSeconds * 1000, used: 0 }
        windows.set(credential, window)
      }
      const allowed = window.used < calls
      if (allowed) window.used += 1
      return {
        allowed,
        remaining: calls - window.used,
        resetSeconds: Math.ceil((window.endsAtMs - nowMs) / 1000),
      }
    },
    clear: () => windows.clear(),
  }
}

/** `Ratelimit` and `Ratelimit-Policy`, as every answer carries them. */
export function rateHeaders(limit: RateLimitOptions, reading: RateReading): Readonly<Record<string, string>> {
  return {
    Ratelimit: `"default";r=${reading.remaining};t=${reading.resetSeconds}`,
    'Ratelimit-Policy': `"default";q=${limit.calls};w=${limit.windowSeconds}`,
  }
}

/** The code of the rate limit's refusal: not always beside HTTP 429 (quirk 6). */
export const rateLimitCode = 971

/** The text beside it. */
export function rateLimitMessage({ calls, windowSeconds }: RateLimitOptions): string {
  return (
    `More than ${calls} requests per ${windowSeconds} seconds reached. ` +
    'Please wait and consider throttling your request speed'
  )
}
