import { AsyncResource } from 'node:async_hooks'
import { type Answer, abortedCall, type Call, type Caller, callFailure } from './call.ts'
import type { CloudflareError } from './errors.ts'
import type { Exchange, ExchangeListener } from './exchange.ts'
import type { AttemptAnswer } from './rate-limit.ts'
import { retryAfterMs } from './rate-limit-headers.ts'
import { codeOf } from './redaction.ts'
import { type FailedAttempt, mayRetry, retryDelayMs } from './retry.ts'
import type { Waiter } from './single-flight.ts'
import { type Slots, SlotsExhausted } from './slots.ts'
import { failureOf, isUncertain, type Verdict, verdictOn } from './verdict.ts'

/** What all calls of one dispatcher are made with. */
export type CallParts = {
  /** Sends one attempt; the listener hears what became of it. */
  readonly send: (call: Call, listener: ExchangeListener) => void
  /** Shared by all credentials. */
  readonly connections: Slots
  /** After the first attempt. */
  readonly retries: number
  readonly now: () => number
  readonly random: () => number
}

/**
 * One call, from its first attempt to its answer. An attempt waits for a slot, asks the rate limiter and the caller's `admit`, is sent,
 * judged and reported. The waiter gets `CloudflareError`, or what `admit` threw. Where a repetition is refused before it is sent, the
 * failure that it would have mended stands; a first attempt fails with the refusal itself.
 *
 * An object that is called back, and no chain of promises: those keep what they are resolved with, and one that waited for long keeps it
 * until V8's next full collection.
 */
export class PendingCall implements ExchangeListener {
  private readonly call: Call
  private readonly parts: CallParts
  private readonly waiter: Waiter<Answer>
  private readonly whenEnded: (call: Call) => void
  private readonly observe: Caller['observe']
  /** Whether an attempt of a write may have been done although it failed. */
  mayHaveHappened = false
  private attempts = 0
  private lastError: CloudflareError | undefined
  private startedMs = 0
  private hasSlot = false
  private hasConnection = false
  private unclaim: (() => void) | undefined
  private finish: ((answer: AttemptAnswer | undefined) => void) | undefined

  constructor(
    call: Call,
    parts: CallParts,
    { waiter, whenEnded }: { readonly waiter: Waiter<Answer>; readonly whenEnded: (call: Call) => void },
  ) {
    this.call = call
    this.parts = parts
    this.waiter = waiter
    this.whenEnded = whenEnded
    const { observe, observesInContext } = call.caller
    this.observe = observe && observesInContext ? AsyncResource.bind(observe) : observe
  }

  /** Makes an attempt. */
  start(): void {
    const { caller, cancellation } = this.call
    const { slots, limiter } = caller.state
    try {
      if (!caller.usable) throw unsendable(this.call)
      if (cancellation.isCancelled) throw abortedCall(this.call, this)
      this.hasSlot = slots.take()
      this.hasConnection = this.hasSlot && this.parts.connections.take()
      const claim = this.hasConnection ? limiter.claim(caller.reservations) : undefined
      if (claim === undefined || claim instanceof Promise) void this.waitAndSend(claim)
      else this.send(claim)
    } catch (error) {
      this.refuse(error)
    }
  }

  ended(exchange: Exchange): void {
    try {
      this.judge(exchange)
    } catch (error) {
      this.fail(error)
    }
  }

  private async waitAndSend(claiming: Promise<() => void> | undefined): Promise<void> {
    const { caller, cancellation } = this.call
    const { slots, limiter } = caller.state
    const { connections } = this.parts
    try {
      if (!this.hasSlot) {
        await slots.wait(cancellation)
        this.hasSlot = true
      }
      if (!this.hasConnection) {
        if (!connections.take()) await connections.wait(cancellation)
        this.hasConnection = true
      }
      this.send(await (claiming ?? limiter.claim(caller.reservations)))
    } catch (error) {
      this.refuse(error)
    }
  }

  // Nothing is waited for in here: of many who wait for a pause to end, only one may try whether it has.
  private send(unclaim: () => void): void {
    this.unclaim = unclaim
    const { method, template, path, caller } = this.call
    refuseWhilePaused(this.call)
    caller.admit?.({ method, template, path })
    this.unclaim = undefined
    this.attempts += 1
    this.startedMs = this.parts.now()
    this.finish = caller.state.limiter.begin()
    this.parts.send(this.call, this)
  }

  private refuse(error: unknown): void {
    this.unclaim?.()
    const { call, lastError } = this
    if (call.cancellation.isCancelled) this.fail(abortedCall(call, this))
    else if (lastError !== undefined) this.fail(lastError)
    else this.fail(error instanceof SlotsExhausted ? crowded(call) : error)
  }

  private judge(exchange: Exchange): void {
    const { call, attempts, mayHaveHappened } = this
    const { method, template, path } = call
    const verdict = verdictOn(call, exchange)
    this.finish?.(attemptAnswer(exchange, verdict))
    const isDone = verdict.kind === undefined || isDoneBefore(call, verdict, mayHaveHappened)
    const nowMs = this.parts.now()
    this.observe?.({
      method,
      template,
      path,
      status: exchange.status,
      attempt: attempts,
      durationMs: nowMs - this.startedMs,
      ray: verdict.ray,
      failure: isDone ? undefined : verdict.kind,
    })
    if (isDone) {
      this.end()
      this.waiter.land(verdict.kind === undefined ? verdict.answer : { result: null, info: undefined })
    } else this.failAttempt(exchange, verdict, nowMs)
  }

  private failAttempt(exchange: Exchange, verdict: Verdict, nowMs: number): void {
    const { call, parts, attempts } = this
    this.mayHaveHappened ||= isUncertain(call, exchange, verdict)
    const askedMs = retryAfterMs(exchange.headers, nowMs)
    const throttled = verdict.kind === 'rate-limited'
    this.lastError = failureOf(call, exchange, verdict, {
      retryAfterMs: throttled ? call.caller.state.limiter.waitMs() : askedMs,
      mayHaveHappened: this.mayHaveHappened,
    })
    const failed: FailedAttempt = {
      method: call.method,
      attempts,
      retries: parts.retries,
      sent: exchange.sent,
      status: exchange.status,
      whole: exchange.failure === undefined,
      code: failureCode(exchange),
      retryAfterMs: askedMs,
    }
    if (mayRetry(failed)) {
      this.leaveSlots()
      this.startAgainAfter(retryDelayMs(failed, parts.random))
    } else this.fail(this.lastError)
  }

  private startAgainAfter(delayMs: number): void {
    const { call } = this
    const { cancellation } = call
    if (cancellation.isCancelled) {
      this.fail(abortedCall(call, this))
      return
    }
    const timer = setTimeout(() => {
      cancellation.onCancel(undefined)
      this.start()
    }, delayMs)
    cancellation.onCancel(() => {
      clearTimeout(timer)
      this.fail(abortedCall(call, this))
    })
  }

  private fail(error: unknown): void {
    this.end()
    this.waiter.fail(error)
  }

  private end(): void {
    this.leaveSlots()
    this.whenEnded(this.call)
  }

  private leaveSlots(): void {
    if (this.hasConnection) this.parts.connections.free()
    if (this.hasSlot) this.call.caller.state.slots.free()
    this.hasConnection = false
    this.hasSlot = false
  }
}

function unsendable(call: Call): CloudflareError {
  const reason = 'HTTP cannot carry these credentials'
  return callFailure(call, { kind: 'unauthenticated', reason })
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
function isDoneBefore({ method }: Call, { kind }: Verdict, mayHaveHappened: boolean): boolean {
  return method === 'DELETE' && kind === 'not-found' && mayHaveHappened
}

function failureCode({ failure }: Exchange): string | undefined {
  if (failure?.reason === 'timeout') return 'TIMEOUT'
  return failure === undefined || failure.reason === 'aborted' ? undefined : codeOf(failure.error)
}
