import { type Answer, type Call, callFailure } from './call.ts'
import { decodeEnvelope, type Envelope } from './envelope.ts'
import type { CloudflareError, CloudflareErrorKind } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { failureKind } from './failure-kind.ts'
import { unusable } from './record-shape.ts'
import { codeOf, type Redact, wireCause } from './redaction.ts'
import { readResult } from './result-shape.ts'

/** What an exchange means for its call. */
export type Verdict = {
  readonly kind: CloudflareErrorKind | undefined
  /** Whether a write may have been done although it failed: it left, and no answer says what became of it. */
  readonly uncertain: boolean
  readonly answer: Answer
  readonly ray: string | undefined
  failure(details: { retryAfterMs: number | undefined; mayHaveHappened: boolean }): CloudflareError
}

/** Judges one exchange. `answer` counts where `kind` is undefined, `failure` makes the error where it is not. */
export function verdictOn(call: Call, exchange: Exchange): Verdict {
  const { redact } = call.caller
  const envelope = exchange.failure === undefined ? decodeEnvelope(exchange.body, redact) : undefined
  const result = readResult(envelope?.result, call)
  const kind = kindOf(exchange, envelope) ?? (result === unusable ? 'unavailable' : undefined)
  const ray = rayOf(exchange, redact)
  return {
    kind,
    ray,
    uncertain: call.method !== 'GET' && exchange.sent && isUncertain(kind, exchange.status),
    answer: { result: result ?? null, info: envelope?.info },
    failure: ({ retryAfterMs, mayHaveHappened }) =>
      callFailure(call, {
        kind: kind ?? 'unavailable',
        reason: reasonOf(exchange, envelope),
        status: exchange.status,
        errors: envelope?.faults ?? [],
        ray,
        retryAfterMs,
        mayHaveHappened,
        cause: exchange.failure && wireCause(exchange.failure.error, redact),
      }),
  }
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

function isUncertain(kind: CloudflareErrorKind | undefined, status = 0): boolean {
  if (status >= 300 && status < 400) return false
  return kind === 'timeout' || kind === 'unavailable' || kind === 'aborted'
}

function reasonOf({ status, failure }: Exchange, envelope: Envelope | undefined): string {
  if (failure?.reason === 'lost') return `no whole answer (${codeOf(failure.error) ?? failure.error.name})`
  if (failure !== undefined) return failure.error.message
  const [fault] = envelope?.faults ?? []
  if (fault === undefined) return `answered ${status} with a body that cannot be used`
  return `answered ${status}: ${fault.message}${fault.code === undefined ? '' : ` (${fault.code})`}`
}

function rayOf({ headers }: Exchange, redact: Redact): string | undefined {
  const ray = headers['cf-ray']
  return typeof ray === 'string' && /^[\w-]{1,64}$/.test(ray) ? redact(ray) : undefined
}
