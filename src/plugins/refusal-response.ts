import type { FetchAPI } from 'graphql-yoga'
import { publicErrorOf } from './use-error-mapping.ts'

/**
 * The answer to a request that is refused before anything of it is read: what the caller may see of `error`, with its status and headers.
 * @throws the error itself where no caller may see anything of it.
 */
export function refusalResponse(error: unknown, fetchAPI: FetchAPI): Response {
  const refusal = error instanceof Error ? publicErrorOf(error) : undefined
  if (refusal === undefined) throw error
  const { message, extensions } = refusal
  const { http: { status = 400, headers = {} } = {}, ...visible } = extensions
  return fetchAPI.Response.json({ errors: [{ message, extensions: visible }] }, { status, headers })
}
