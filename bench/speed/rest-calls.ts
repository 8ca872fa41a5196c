import type { IncomingHttpHeaders } from 'node:http'
import { Pool } from 'undici'

/** Answers of the REST API, for one caller at a time. */
export type RestCalls = {
  get<Result>(caller: Caller, path: string): Promise<Envelope<Result>>
  put<Result>(caller: Caller, path: string, body: unknown): Promise<Envelope<Result>>
  close(): Promise<void>
}

/** The headers of the request that is being answered. */
export type Caller = Pick<IncomingHttpHeaders, 'authorization'>

/** `result` is null for an empty list (quirk 12), and `result_info` may be missing (quirk 13). */
export type Envelope<Result> = {
  readonly success: boolean
  readonly result: Result | null
  readonly result_info?: { readonly total_count?: number }
}

/** Calls over connections that are kept; a refusal is an error. */
export function createRestCalls(baseUrl: string): RestCalls {
  const { origin, pathname } = new URL(baseUrl)
  const pool = new Pool(origin, { connections: 256, headersTimeout: 10_000, bodyTimeout: 10_000 })

  async function call<Result>(
    method: 'GET' | 'PUT',
    { authorization }: Caller,
    path: string,
    body?: unknown,
  ): Promise<Envelope<Result>> {
    const answer = await pool.request({
      method,
      path: pathname + path,
      headers: {
        accept: 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const envelope = (await answer.body.json()) as Envelope<Result>
    if (answer.statusCode !== 200 || !envelope.success)
      throw new Error(`${method} ${path}: ${answer.statusCode}`)
    return envelope
  }

  return {
    get: (caller, path) => call('GET', caller, path),
    put: (caller, path, body) => call('PUT', caller, path, body),
    close: () => pool.destroy(),
  }
}
