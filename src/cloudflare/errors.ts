/** What kind of failure the caller has to deal with; the upstream's status and codes decide it in `envelope.ts`. */
export type CloudflareErrorKind =
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'refused'
  | 'rate-limited'
  | 'timeout'
  | 'unavailable'
  | 'aborted'

/** One entry of a failure envelope; `chain` holds the causes that the upstream attached to it (quirk 3). */
export type UpstreamFault = {
  readonly code?: number
  readonly message: string
  readonly documentationUrl?: string
  readonly pointer?: string
  readonly chain: readonly { readonly code?: number; readonly message: string }[]
}

/** Everything that a `CloudflareError` is made of. `path` includes the query; `reason` is what came back, in words. */
export type CloudflareErrorDetails = {
  readonly kind: CloudflareErrorKind
  readonly method: string
  readonly path: string
  readonly template: string
  readonly reason: string
  readonly status?: number | undefined
  readonly errors?: readonly UpstreamFault[]
  readonly ray?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly mayHaveHappened?: boolean
  readonly cause?: unknown
}

/**
 * A REST call that failed, once for all attempts. `mayHaveHappened` is true for a write that was sent and whose
 * answer does not tell whether it was done. Method and path are empty where calls were refused before there was any.
 * Nothing of a credential is in it, nor in its causes.
 */
export class CloudflareError extends Error {
  override readonly name = 'CloudflareError'
  readonly kind: CloudflareErrorKind
  readonly method: string
  readonly path: string
  readonly template: string
  readonly status: number | undefined
  readonly errors: readonly UpstreamFault[]
  readonly ray: string | undefined
  readonly retryAfterMs: number | undefined
  readonly mayHaveHappened: boolean

  constructor(details: CloudflareErrorDetails) {
    const [pathname = details.path] = details.path.split('?')
    const call = details.method === '' ? '' : `${details.method} ${pathname}: `
    super(`${call}${details.reason}`, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = details.kind
    this.method = details.method
    this.path = details.path
    this.template = details.template
    this.status = details.status
    this.errors = details.errors ?? []
    this.ray = details.ray
    this.retryAfterMs = details.retryAfterMs
    this.mayHaveHappened = details.mayHaveHappened ?? false
  }
}

/** A read of one object: null where the upstream says that it is not there; other failures stay failures. */
export function nullIfNotFound<T>(read: Promise<T | null>): Promise<T | null> {
  return read.catch(nullOrThrow)
}

function nullOrThrow(error: unknown): null {
  if (error instanceof CloudflareError && error.kind === 'not-found') return null
  throw error
}
