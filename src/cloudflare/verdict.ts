import { type Answer, type Call, callFailure } from './call.ts'
import { type Deferral, decodeEnvelope, type Envelope } from './envelope.ts'
import type { CloudflareError, CloudflareErrorKind } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { failureKind } from './failure-kind.ts'
import { unusable } from './record-shape.ts'
import { codeOf, type Redact, wireCause } from './redaction.ts'
import { readResult } from './result-shape.ts'

/** What an exchange means for its call. */
export type Verdict = {
  /** Undefined for a success. */
  readonly kind: CloudflareErrorKind | undefined
  readonly answer: Answer
  readonly ray: string | undefined
  /** Undefined where the body is none, or did not come. */
  readonly envelope: Envelope | undefined
}

/** Judges one exchange; `answer` counts where `kind` is undefined. */
export function verdictOn(call: Call, exchange: Exchange): Verdict {
  const { redact } = call.caller
  const deferral = deferralOf(call, exchange)
  const envelope =
    exchange.failure === undefined ? decodeEnvelope(exchange.body, redact, deferral) : undefined
  const result = readResult(envelope?.result, call)
  const parts = envelope?.parts
  if (parts !== undefined) call.caller.parts.push(parts)
  return {
    kind: kindOf(exchange, envelope) ?? (result === unusable ? 'unavailable' : undefined),
    answer: { result: result ?? null, info: envelope?.info, parts },
    ray: rayOf(exchange.headers, redact),
    envelope,
  }
}

/** Whether a write may have been done although it failed: it left, and no answer says what became of it. */
export function isUncertain({ method }: Call, { sent, status = 0 }: Exchange, { kind }: Verdict): boolean {
  if (method === 'GET' || !sent || (status >= 300 && status < 400)) return false
  return kind === 'timeout' || kind === 'unavailable' || kind === 'aborted'
}

/** The error of an exchange that failed. */
export function failureOf(
  call: Call,
  exchange: Exchange,
  { kind = 'unavailable', ray, envelope }: Verdict,
  details: { readonly retryAfterMs: number | undefined; readonly mayHaveHappened: boolean },
): CloudflareError {
  const { failure, status } = exchange
  return callFailure(call, {
    ...details,
    kind,
    reason: reasonOf(exchange, envelope),
    status,
    errors: envelope?.faults ?? [],
    ray,
    cause: failure && wireCause(failure.error, call.caller.redact),
  })
}

// What a write answers is read at once: whether it was done must not be known later than that.
function deferralOf(call: Call, { status, headers }: Exchange): Deferral | undefined {
  const { deferrable } = call.record
  if (call.method !== 'GET' || deferrable.length === 0) return undefined
  // Without the exchange, whose body would stay as long as the parts.
  const ray = rayOf(headers, call.caller.redact)
  const broken = () => callFailure(call, { kind: 'unavailable', reason: uselessBody(status), status, ray })
  return { names: deferrable, broken }
}

function kindOf(exchange: Exchange, envelope: Envelope | undefined): CloudflareErrorKind | undefined {
  const { status = 0, failure } = exchange
  if (failure === undefined) return failureKind(status, envelope)
  if (failure.reason === 'aborted') return 'aborted'
  if (status === 429) return 'rate-limited'
  if (failure.reason === 'timeout') return 'timeout'
  const timedOut = ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'].includes(codeOf(failure.error) ?? '')
  return timedOut ? 'timeout' : 'unavailable'
}

function reasonOf({ status, failure }: Exchange, envelope: Envelope | undefined): string {
  if (failure?.reason === 'lost') return `no whole answer (${codeOf(failure.error) ?? failure.error.name})`
  if (failure !== undefined) return failure.error.message
  const [fault] = envelope?.faults ?? []
  if (fault === undefined) return uselessBody(status)
  return `answered ${status}: ${fault.message}${fault.code === undefined ? '' : ` (${fault.code})`}`
}

function uselessBody(status: number | undefined): string {
  return `answered ${status} with a body that cannot be used`
}

function rayOf(headers: Exchange['headers'], redact: Redact): string | undefined {
  const ray = headers['cf-ray']
  return typeof ray === 'string' && /^[\w-]{1,64}$/.test(ray) ? redact(ray) : undefined
}
