import { GraphQLError } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import { KeySetUnavailable, MissingScope } from '../caller.ts'
import { CloudflareError, type CloudflareErrorKind } from '../cloudflare/errors.ts'
import { InvalidPathParameter } from '../cloudflare/route.ts'
import { CostLimitExceeded } from '../cost/cost-limit-exceeded.ts'
import { UnusableCredentials } from '../credentials.ts'
import { IncompleteAnswer } from '../loaders/membership-index.ts'
import { InvalidArgument } from '../paging/invalid-argument.ts'
import { requestIdOf } from './use-request-id.ts'

const codes: Readonly<Record<CloudflareErrorKind, string>> = {
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
  'not-found': 'UPSTREAM_REFUSED',
  refused: 'UPSTREAM_REFUSED',
  'rate-limited': 'RATE_LIMITED',
  timeout: 'UPSTREAM_TIMEOUT',
  unavailable: 'UPSTREAM_UNAVAILABLE',
  // A caller who left reads no answer, so what is read is the deadline of the whole operation.
  aborted: 'UPSTREAM_TIMEOUT',
}

type Http = { readonly status?: number; readonly headers?: Record<string, string>; readonly spec?: boolean }
type Extensions = { readonly code: string; readonly http?: Http; readonly [name: string]: unknown }

/**
 * The one table from a failure to what a caller sees of it. Whatever is not in it is a mistake of the gateway: the
 * caller sees a request id, the log has the rest.
 */
export function useErrorMapping(logger: Logger): Plugin {
  return {
    onResultProcess({ request, result, setResult }) {
      if (isAsyncIterable(result) || Array.isArray(result) || result.errors === undefined) return
      const requestId = requestIdOf(request)
      const errors = result.errors.map((error) => {
        const known = mapError(error)
        if (known !== undefined) return known
        logger.error({ requestId, err: originOf(error), path: error.path }, 'unexpected error')
        return publicError(error, 'Unexpected error', {
          code: 'INTERNAL_SERVER_ERROR',
          requestId,
          unexpected: true,
        })
      })
      setResult({ ...result, errors })
    },
  }
}

/** What a caller sees of a failure that has no place in an operation; undefined where it was not foreseen. */
export function publicErrorOf(error: Error): GraphQLError | undefined {
  return mapError(error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error }))
}

/** What a caller sees of a failure; undefined where it was not foreseen. */
function mapError(error: GraphQLError): GraphQLError | undefined {
  const origin = originOf(error)
  if (origin instanceof CloudflareError) return publicError(error, origin.message, upstreamExtensions(origin))
  if (origin instanceof IncompleteAnswer) {
    return publicError(error, origin.message, upstreamExtensions(origin.cause))
  }
  if (origin instanceof InvalidPathParameter) {
    // Arguments were checked before: it came out of an answer.
    const message = 'The upstream gave an identifier with which it cannot be asked'
    return publicError(error, message, { code: 'UPSTREAM_UNAVAILABLE' })
  }
  if (origin instanceof InvalidArgument) {
    return publicError(error, origin.message, { code: 'BAD_USER_INPUT', argument: origin.argument })
  }
  if (origin instanceof CostLimitExceeded) {
    const { estimated, limit, fields } = origin
    return publicError(error, origin.message, { code: 'COST_LIMIT_EXCEEDED', estimated, limit, fields })
  }
  return mapCallerError(error, origin) ?? mapGraphQLError(error, origin)
}

/** What keeps a caller out (RFC 6750, section 3). */
function mapCallerError(error: GraphQLError, origin: Error): GraphQLError | undefined {
  if (origin instanceof UnusableCredentials) {
    const challenge = origin.challenge === undefined ? 'Bearer' : `Bearer error="${origin.challenge}"`
    const http = { status: 401, headers: { 'WWW-Authenticate': challenge } }
    return publicError(error, origin.message, { code: 'UNAUTHENTICATED', http })
  }
  if (origin instanceof MissingScope) {
    const challenge = `Bearer error="insufficient_scope", scope="${origin.scope}"`
    const http = { status: 403, headers: { 'WWW-Authenticate': challenge } }
    return publicError(error, origin.message, { code: 'FORBIDDEN', scope: origin.scope, http })
  }
  if (origin instanceof KeySetUnavailable) {
    const { retryAfterMs } = origin
    const http = { status: 503, headers: { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) } }
    return publicError(error, origin.message, { code: 'SERVICE_UNAVAILABLE', retryAfterMs, http })
  }
  return undefined
}

/** Errors of the GraphQL layers: they have a code, blame a place in the document, or have an HTTP status. */
function mapGraphQLError(error: GraphQLError, origin: Error): GraphQLError | undefined {
  const ran = error.path !== undefined
  // Before anything ran, a place is blamed for a value that is written there: also where a scalar's own error says why.
  const blamesPlace = ran ? origin instanceof GraphQLError && origin.nodes?.length : error.nodes?.length
  if (!blamesPlace && !(origin instanceof GraphQLError)) return undefined
  const { code, http } = error.extensions
  // What is no request of GraphQL at all is a bad request, whatever media type its sender reads.
  const status = http === undefined ? {} : { http: code === 'BAD_REQUEST' ? { ...http, spec: false } : http }
  if (typeof code === 'string') return publicError(error, error.message, { code, ...status })
  if (blamesPlace) return publicError(error, error.message, { code: 'BAD_USER_INPUT', ...status })
  return http === undefined ? undefined : publicError(error, error.message, { code: 'BAD_REQUEST', http })
}

function upstreamExtensions(error: CloudflareError): Extensions {
  const { method, path, status, ray, retryAfterMs } = error
  const errors = error.errors.map(({ code, message }) => ({ code, message }))
  const seconds = retryAfterMs === undefined ? undefined : String(Math.ceil(retryAfterMs / 1000))
  return {
    code: codes[error.kind],
    // Calls that were refused before there was any have no answer to show.
    ...(method === '' ? {} : { upstream: { method, path, status, errors, ray } }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(error.mayHaveHappened ? { mayHaveHappened: true } : {}),
    ...(seconds === undefined ? {} : { http: { headers: { 'Retry-After': seconds } } }),
  }
}

/** The error at the bottom of those that GraphQL wrapped around it to say where it happened. */
function originOf(error: Error): Error {
  return error instanceof GraphQLError && error.originalError ? originOf(error.originalError) : error
}

/** A new error at the place of `error`, without its origin: nothing but what is named here can leave. */
function publicError(error: GraphQLError, message: string, extensions: Extensions): GraphQLError {
  const { nodes = null, source = null, positions = null, path = null } = error
  const http = path === null ? refusalOf(extensions) : extensions.http
  const named = { ...extensions, ...(http === undefined ? {} : { http }) }
  return new GraphQLError(message, { nodes, source, positions, path, extensions: named })
}

/** An operation that did not run is no success; `spec` leaves that to callers whose media type has room for statuses. */
function refusalOf({ code, http, unexpected }: Extensions): Http | undefined {
  if (unexpected || (http && 'status' in http)) return http
  return { status: code === 'RATE_LIMITED' ? 429 : 400, spec: true, ...http }
}
