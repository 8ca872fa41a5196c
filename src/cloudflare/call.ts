import type { Cancellation } from './cancellation.ts'
import type { ResultInfo } from './client.ts'
import type { CredentialState } from './credential-states.ts'
import type { PartSource } from './deferred-part.ts'
import { CloudflareError, type CloudflareErrorDetails } from './errors.ts'
import type { SpendableReservation } from './rate-limit.ts'
import type { RecordShape } from './record-shape.ts'
import type { Redact } from './redaction.ts'
import type { ResultShape } from './result-shape.ts'
import type { ClientOptions } from './upstream.ts'

/** One REST call, whatever number of attempts it takes. `path` includes the query. */
export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly template: string
  readonly path: string
  readonly body: string | undefined
  readonly shape: ResultShape
  readonly record: RecordShape
  readonly cancellation: Cancellation
  readonly caller: Caller
}

/** Who calls: a credential with what belongs to it, and the hooks of the request that calls are made for. */
export type Caller = Pick<ClientOptions, 'admit' | 'observe' | 'observesInContext' | 'joined'> & {
  /** Of every call; those of a body come on top. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether HTTP can carry these headers. */
  readonly usable: boolean
  readonly redact: Redact
  readonly state: CredentialState
  readonly reservations: ReadonlySet<SpendableReservation>
  /** What is to be let go of when the request is answered. */
  readonly parts: PartSource[]
}

/** A success; its result is what the call's shape reads, and may hold `parts` that are yet to be read. */
export type Answer = {
  readonly result: unknown
  readonly info: ResultInfo | undefined
  readonly parts?: PartSource | undefined
}

/** A failure of this call. */
export function callFailure(
  { method, template, path }: Pick<Call, 'method' | 'template' | 'path'>,
  details: Omit<CloudflareErrorDetails, 'method' | 'template' | 'path'>,
): CloudflareError {
  return new CloudflareError({ method, template, path, ...details })
}

/** The failure of a call that its caller does not wait for any more. */
export function abortedCall(
  call: Pick<Call, 'method' | 'template' | 'path'>,
  { mayHaveHappened }: { readonly mayHaveHappened: boolean },
): CloudflareError {
  return callFailure(call, { kind: 'aborted', reason: 'the caller left', mayHaveHappened })
}
