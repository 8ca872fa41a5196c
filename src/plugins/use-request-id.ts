import { randomUUID } from 'node:crypto'
import type { Plugin } from 'graphql-yoga'
import { createRequestNote } from './request-note.ts'

const requestIds = createRequestNote<string>('request id')

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
  const known = requestIds.of(request)
  if (known !== undefined) return known
  const id = chooseRequestId(request.headers.get('x-request-id'))
  requestIds.set(request, id)
  return id
}

/** The id that was offered, where it is one, else a new one. */
export function chooseRequestId(offered: string | string[] | null | undefined): string {
  return typeof offered === 'string' && /^[\w.:-]{1,128}$/.test(offered) ? offered : randomUUID()
}
