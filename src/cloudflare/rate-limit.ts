import type { RateLimit, Reservation } from './client.ts'
import { CloudflareError } from './errors.ts'
import type { ResponseHeaders } from './exchange.ts'
import { retryAfterMs, type StatedLimit, statedLimits } from './rate-limit-headers.ts'

/** What one credential may still send, as its answers tell. */
export type RateLimiter = {
  /** How long nothing may be sent for this credential, in milliseconds; 0 where an attempt may go now. */
  waitMs(): number
  /**
   * Takes a call for an attempt that is about to go out, from the first reservation that has one. The function answered gives it back, for
   * an attempt that is refused after all. Throws kind 'rate-limited' where there is none.
   */
  claim(reservations: Iterable<SpendableReservation>): (() => void) | Promise<() => void>
  /** An attempt goes out, which `waitMs` allowed. The function answered must be told how it ended, once. */
  begin(): (answer: AttemptAnswer | undefined) => void
  /** Sets calls aside; throws kind 'rate-limited' where they do not fit into what is left. */
  reserve(calls: number): SpendableReservation
  /** What the latest answer said; of several limits the tightest. */
  stated(): RateLimit | null
  /** Calls that are set aside and not used yet. */
  reserved(): number
  /** Nothing may be sent for so long, as somebody else was told. */
  pauseFor(pauseMs: number): void
  /** Whether nothing is set aside, nor in flight. */
  isIdle(): boolean
  /** Hands back what it holds for others to use. */
  close(): Promise<void>
}

/** An answer that arrived: 'throttled' is a rate limit's refusal (429 or code 971, quirk 6), 'broken' a server's fault. */
export type AttemptAnswer = {
  readonly headers: ResponseHeaders
  readonly outcome: 'served' | 'throttled' | 'broken'
}

/** A reservation together with the way its own calls use it up. */
export type SpendableReservation = Reservation & {
  /** Uses one of the calls; false where none is left. */
  spend(): boolean
  /** Undoes that. */
  unspend(): void
  /** Forgoes some of the calls. */
  drop(calls: number): void
}

const longestPauseMs = 60_000
const firstPauseMs = 1_000
const retoldMs = 100

/**
 * After a refusal nothing is sent until `Retry-After`, else the `t` of `Ratelimit`, else a doubling second has passed,
 * at most a minute; then one attempt at a time until one is served.
 */
export function createRateLimiter(now: () => number): RateLimiter {
  let limits: readonly (StatedLimit & { readonly resetAtMs: number })[] = []
  let reserved = 0
  let inFlight = 0
  let pause: { untilMs: number; backoffMs: number; probing: boolean } | undefined

  function waitMs(): number {
    if (pause === undefined) return 0
    const leftMs = Math.max(0, pause.untilMs - now())
    return leftMs === 0 && pause.probing ? firstPauseMs : leftMs
  }

  function begin(): (answer: AttemptAnswer | undefined) => void {
    inFlight += 1
    const probe = pause
    if (probe !== undefined) probe.probing = true
    return (answer) => {
      inFlight -= 1
      if (probe !== undefined) probe.probing = false
      if (answer === undefined) return
      learn(answer.headers)
      if (answer.outcome === 'throttled') startPause(answer.headers, probe !== undefined)
      if (answer.outcome === 'served' && probe !== undefined && probe === pause) pause = undefined
    }
  }

  function learn(headers: ResponseHeaders): void {
    const stated = statedLimits(headers)
    if (stated.length === 0) return
    const nowMs = now()
    limits = stated.map((limit) => ({ ...limit, resetAtMs: nowMs + limit.resetMs })).sort(byTightness)
  }

  function startPause(headers: ResponseHeaders, wasProbe: boolean): void {
    const nowMs = now()
    // A burst of refusals is one event: only a refused probe shows that the pause was too short.
    const backoffMs = pause === undefined ? firstPauseMs : wasProbe ? pause.backoffMs * 2 : pause.backoffMs
    const askedMs = retryAfterMs(headers, nowMs) ?? statedLimits(headers).toSorted(byTightness)[0]?.resetMs
    const untilMs = nowMs + Math.min(askedMs ?? backoffMs, longestPauseMs)
    pause = {
      untilMs: Math.max(untilMs, pause?.untilMs ?? 0),
      backoffMs: Math.min(backoffMs, longestPauseMs),
      probing: false,
    }
  }

  function pauseFor(pauseMs: number): void {
    const untilMs = now() + Math.min(pauseMs, longestPauseMs)
    // What is known already is told again; a pause that is being probed here is not begun anew by that.
    if (pauseMs <= 0 || untilMs <= (pause?.untilMs ?? 0) + retoldMs) return
    pause = { untilMs, backoffMs: pause?.backoffMs ?? firstPauseMs, probing: false }
  }

  function claim(reservations: Iterable<SpendableReservation>): () => void {
    for (const reservation of reservations) if (reservation.spend()) return reservation.unspend
    return () => {}
  }

  function setAside(calls: number): void {
    const lackMs = calls > 0 ? Math.max(waitMs(), ...limits.map((limit) => waitForMs(limit, calls))) : 0
    if (lackMs > 0) throw doesNotFit(calls, lackMs)
    reserved += calls
  }

  function waitForMs(
    limit: { readonly remaining: number; readonly resetAtMs: number },
    calls: number,
  ): number {
    // Those in flight may be counted in `remaining` already or not: the cautious reading is that they are not.
    return limit.remaining - reserved - inFlight < calls ? limit.resetAtMs - now() : 0
  }

  function reserve(calls: number): SpendableReservation {
    setAside(calls)
    let unused = calls
    return {
      extend(more) {
        setAside(more)
        unused += more
      },
      release() {
        reserved -= unused
        unused = 0
      },
      spend() {
        if (unused === 0) return false
        unused -= 1
        reserved -= 1
        return true
      },
      unspend() {
        unused += 1
        reserved += 1
      },
      drop(fewer) {
        const dropped = Math.min(fewer, unused)
        unused -= dropped
        reserved -= dropped
      },
    }
  }

  function stated(): RateLimit | null {
    const [tightest] = limits
    if (tightest === undefined) return null
    return {
      limit: tightest.quota,
      remaining: tightest.remaining,
      resetAt: new Date(tightest.resetAtMs),
    }
  }

  return {
    waitMs,
    claim,
    begin,
    reserve,
    stated,
    reserved: () => reserved,
    pauseFor,
    isIdle: () => reserved === 0 && inFlight === 0,
    close: async () => {},
  }
}

function byTightness(a: StatedLimit, b: StatedLimit): number {
  return a.remaining - b.remaining || b.resetMs - a.resetMs
}

/** The refusal of calls that do not fit into what is left; they may after `waitMs`. */
export function doesNotFit(calls: number, waitMs: number): CloudflareError {
  return new CloudflareError({
    kind: 'rate-limited',
    method: '',
    path: '',
    template: '',
    reason: `${calls} REST calls do not fit into what is left of this credential's budget`,
    retryAfterMs: waitMs,
  })
}
