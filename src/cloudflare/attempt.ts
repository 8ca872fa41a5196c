import { type Answer, type Call, callFailure } from './call.ts'
import type { CloudflareError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { AttemptAnswer } from './rate-limit.ts'
import { retryAfterMs } from './rate-limit-headers.ts'
import { codeOf } from './redaction.ts'
import type { FailedAttempt } from './retry.ts'
import { type Slots, SlotsExhausted } from './slots.ts'
import { failureOf, isUncertain, type Verdict, verdictOn } from './verdict.ts'

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
  const { method, template, path, caller, cancellation } = call
  const { state } = caller
  const { connections } = parts
  let holds = 0
  let unclaim: (() => void) | undefined
  // One function and no others behind it, since hundreds wait in it at a time.
  try {
    if (!caller.usable) throw unsendable(call)
    if (cancellation.isCancelled) throw abortedCall(call, progress)
    if (!state.slots.take()) await state.slots.wait(cancellation)
    holds = 1
    if (!connections.take()) await connections.wait(cancellation)
    holds = 2
    const claim = state.limiter.claim(caller.reservations)
    unclaim = claim instanceof Promise ? await claim : claim
    // Nothing is awaited from here to the sending: of many who wait for a pause to end, only one may try whether it has.
    refuseWhilePaused(call)
    caller.admit?.({ method, template, path })
  } catch (error) {
    unclaim?.()
    if (holds > 1) connections.free()
    if (holds > 0) state.slots.free()
    throw insteadOfAttempt(call, progress, error)
  }
  try {
    progress.attempts += 1
    const startedMs = parts.now()
    const finish = state.limiter.begin()
    return judge(call, progress, { exchange: await parts.send(), startedMs, finish, now: parts.now })
  } finally {
    connections.free()
    state.slots.free()
  }
}

/** The failure of a call that its caller does not wait for any more. */
export function abortedCall(
  call: Pick<Call, 'method' | 'template' | 'path'>,
  progress: Pick<Progress, 'mayHaveHappened'>,
): CloudflareError {
  return callFailure(call, {
    kind: 'aborted',
    reason: 'the caller left',
    mayHaveHappened: progress.mayHaveHappened,
  })
}

function unsendable(call: Call): CloudflareError {
  const reason = 'HTTP cannot carry these credentials'
  return callFailure(call, { kind: 'unauthenticated', reason })
}

function insteadOfAttempt(call: Call, progress: Progress, error: unknown): unknown {
  if (call.cancellation.isCancelled) return abortedCall(call, progress)
  const { lastFailure } = progress
  // Taken away, so that nobody tries again what was refused without a new attempt.
  progress.lastFailure = undefined
  if (lastFailure !== undefined) return lastFailure.error
  return error instanceof SlotsExhausted ? crowded(call) : error
}

type Sent = Pick<AttemptParts, 'now'> & {
  readonly exchange: Exchange
  readonly startedMs: number
  readonly finish: (answer: AttemptAnswer | undefined) => void
}

/** Throws `CloudflareError`. */
function judge(call: Call, progress: Progress, { exchange, startedMs, finish, now }: Sent): Answer {
  const { method, template, path, caller } = call
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
  progress.mayHaveHappened ||= isUncertain(call, exchange, verdict)
  const askedMs = retryAfterMs(exchange.headers, nowMs)
  const throttled = verdict.kind === 'rate-limited'
  const error = failureOf(call, exchange, verdict, {
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
