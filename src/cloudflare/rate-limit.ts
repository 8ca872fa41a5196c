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

/** A limiter for a credential that nobody else uses. */
export function createRateLimiter(now: () => number): RateLimiter {
  return new LocalRateLimiter(now)
}

type Pause = { readonly untilMs: number; readonly backoffMs: number; probing: boolean }

/**
 * After a refusal nothing is sent until `Retry-After`, else the `t` of `Ratelimit`, else a doubling second has passed,
 * at most a minute; then one attempt at a time until one is served. A class, since there is one for each of thousands of credentials.
 */
class LocalRateLimiter implements RateLimiter {
  private readonly now: () => number
  private limits: readonly (StatedLimit & { readonly resetAtMs: number })[] = noLimits
  // What was said last, to be read when somebody asks: most answers are followed by another before that.
  private heard: { readonly headers: ResponseHeaders; readonly atMs: number } | undefined
  private setAside = 0
  private inFlight = 0
  private pause: Pause | undefined

  constructor(now: () => number) {
    this.now = now
  }

  waitMs(): number {
    const { pause } = this
    if (pause === undefined) return 0
    const leftMs = Math.max(0, pause.untilMs - this.now())
    return leftMs === 0 && pause.probing ? firstPauseMs : leftMs
  }

  claim(reservations: Iterable<SpendableReservation>): () => void {
    for (const reservation of reservations) if (reservation.spend()) return reservation.unspend
    return nothing
  }

  begin(): (answer: AttemptAnswer | undefined) => void {
    this.inFlight += 1
    const probe = this.pause
    if (probe !== undefined) probe.probing = true
    return (answer) => {
      this.inFlight -= 1
      if (probe !== undefined) probe.probing = false
      if (answer === undefined) return
      this.hear(answer.headers)
      if (answer.outcome === 'throttled') this.startPause(answer.headers, probe !== undefined)
      if (answer.outcome === 'served' && probe !== undefined && probe === this.pause) this.pause = undefined
    }
  }

  reserve(calls: number): SpendableReservation {
    this.take(calls)
    let unused = calls
    return {
      extend: (more) => {
        this.take(more)
        unused += more
      },
      release: () => {
        this.setAside -= unused
        unused = 0
      },
      spend: () => {
        if (unused === 0) return false
        unused -= 1
        this.setAside -= 1
        return true
      },
      unspend: () => {
        unused += 1
        this.setAside += 1
      },
      drop: (fewer) => {
        const dropped = Math.min(fewer, unused)
        unused -= dropped
        this.setAside -= dropped
      },
    }
  }

  stated(): RateLimit | null {
    const [tightest] = this.limitsNow()
    if (tightest === undefined) return null
    return {
      limit: tightest.quota,
      remaining: tightest.remaining,
      resetAt: new Date(tightest.resetAtMs),
    }
  }

  reserved(): number {
    return this.setAside
  }

  pauseFor(pauseMs: number): void {
    const { pause } = this
    const untilMs = this.now() + Math.min(pauseMs, longestPauseMs)
    // What is known already is told again; a pause that is being probed here is not begun anew by that.
    if (pauseMs <= 0 || untilMs <= (pause?.untilMs ?? 0) + retoldMs) return
    this.pause = { untilMs, backoffMs: pause?.backoffMs ?? firstPauseMs, probing: false }
  }

  isIdle(): boolean {
    return this.setAside === 0 && this.inFlight === 0
  }

  async close(): Promise<void> {}

  private hear(headers: ResponseHeaders): void {
    const { ratelimit, 'ratelimit-policy': policy } = headers
    if (ratelimit === undefined) return
    // The others are not kept.
    this.heard = { headers: { ratelimit, 'ratelimit-policy': policy }, atMs: this.now() }
  }

  private limitsNow(): readonly (StatedLimit & { readonly resetAtMs: number })[] {
    const { heard } = this
    if (heard === undefined) return this.limits
    this.heard = undefined
    const stated = statedLimits(heard.headers)
    // What cannot be read leaves what was said before.
    if (stated.length > 0) {
      this.limits = stated
        .map((limit) => ({ ...limit, resetAtMs: heard.atMs + limit.resetMs }))
        .sort(byTightness)
    }
    return this.limits
  }

  private startPause(headers: ResponseHeaders, wasProbe: boolean): void {
    const { pause } = this
    const nowMs = this.now()
    // A burst of refusals is one event: only a refused probe shows that the pause was too short.
    const backoffMs = pause === undefined ? firstPauseMs : wasProbe ? pause.backoffMs * 2 : pause.backoffMs
    const askedMs = retryAfterMs(headers, nowMs) ?? statedLimits(headers).toSorted(byTightness)[0]?.resetMs
    const untilMs = nowMs + Math.min(askedMs ?? backoffMs, longestPauseMs)
    this.pause = {
      untilMs: Math.max(untilMs, pause?.untilMs ?? 0),
      backoffMs: Math.min(backoffMs, longestPauseMs),
      probing: false,
    }
  }

  private take(calls: number): void {
    const lackMs =
      calls > 0
        ? Math.max(this.waitMs(), ...this.limitsNow().map((limit) => this.waitForMs(limit, calls)))
        : 0
    if (lackMs > 0) throw doesNotFit(calls, lackMs)
    this.setAside += calls
  }

  private waitForMs(
    limit: { readonly remaining: number; readonly resetAtMs: number },
    calls: number,
  ): number {
    // Those in flight may be counted in `remaining` already or not: the cautious reading is that they are not.
    return limit.remaining - this.setAside - this.inFlight < calls ? limit.resetAtMs - this.now() : 0
  }
}

const noLimits: readonly never[] = []

function nothing(): void {}

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
