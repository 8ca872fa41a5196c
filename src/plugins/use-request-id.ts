import { randomUUID } from 'node:crypto'
import type { Plugin } from 'graphql-yoga'

const requestIds = new WeakMap<Request, string>()

/** Answers with `X-Request-Id`: the caller's where it is a plain word of at most 128 characters, else a new one. */
export function useRequestId(): Plugin {
  return {
    onResponse({ request, response }) {
      response.headers.set('x-request-id', requestIdOf(request))
    },
  }
}

/** The id under which a request is logged; the same for every call with that request. */
export function requestIdOf(request: Request): string {
  const known = requestIds.get(request)
  if (known !== undefined) return known
  const offered = request.headers.get('x-request-id')
  const id = offered !== null && /^[\w.:-]{1,128}$/.test(offered) ? offered : randomUUID()
  requestIds.set(request, id)
  return id
}
