import { CombinedGraphQLErrors, type ErrorLike, ServerError } from '@apollo/client'

type FailureProps = {
  readonly error: ErrorLike
  /** What could not be had, in words. */
  readonly what: string
  readonly retry?: () => void
}

/** Says what failed, why, and when it is worth another try. */
export function Failure({ error, what, retry }: FailureProps) {
  const { reason, code, more } = explain(error)
  return (
    <div className="failure" role="alert">
      <p>
        <strong>Could not read {what}.</strong> {reason}
      </p>
      <p className="faint">
        {code && <code>{code}</code>} {more}
      </p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}

type Explanation = { readonly reason: string; readonly code?: string; readonly more?: string }

/** The gateway's errors say it themselves; without an answer of the gateway there is only the HTTP status, if that. */
export function explain(error: ErrorLike): Explanation {
  if (CombinedGraphQLErrors.is(error)) {
    const [first, ...others] = error.errors
    const { code, retryAfterMs } = first?.extensions ?? {}
    const wait = typeof retryAfterMs === 'number' ? `Try again in ${Math.ceil(retryAfterMs / 1000)} s.` : ''
    const rest = others.length === 0 ? '' : `And ${others.length} more like it.`
    return {
      reason: first?.message ?? error.message,
      ...(typeof code === 'string' ? { code } : {}),
      more: [wait, rest].join(' ').trim(),
    }
  }
  if (ServerError.is(error)) return { reason: `The gateway answered with HTTP ${error.statusCode}.` }
  return { reason: 'The gateway cannot be reached.', more: error.message }
}
