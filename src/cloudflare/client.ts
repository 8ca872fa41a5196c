import { abortedCall } from './attempt.ts'
import type { Answer, Call, Caller } from './call.ts'
import { isObject } from './envelope.ts'
import { CloudflareError } from './errors.ts'
import type { SpendableReservation } from './rate-limit.ts'
import { record as anyRecord, type Shape } from './record-shape.ts'
import { rowsOf } from './result-shape.ts'
import type { Route } from './route.ts'

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>

/** The page sizes that a paged endpoint takes; outside of them it refuses (quirks 15 and 16). */
export type PageSizes = { readonly min: number; readonly max: number; readonly default: number }

/** The upstream's `direction`. */
export type SortDirection = 'asc' | 'desc'

/** A page by number, counted from 1, and its size in rows. */
export type PageQuery = { readonly page: number; readonly perPage: number }

/** What the upstream says of a page, as far as it says anything; under a filter `totalCount` is a guess (quirk 14). */
export type ResultInfo = {
  readonly page?: number
  readonly perPage?: number
  readonly count?: number
  readonly totalCount?: number
  readonly totalPages?: number
}

/** The rows of one page, in upstream order; `info` is undefined where `result_info` is missing (quirk 13). */
export type RestPage<T> = { readonly rows: readonly T[]; readonly info: ResultInfo | undefined }

/** A credential's budget as the upstream last told it; `limit` is null where it named no quota. */
export type RateLimit = { readonly limit: number | null; readonly remaining: number; readonly resetAt: Date }

/** Calls set aside from a credential's budget. */
export type Reservation = {
  /** Where the budget is shared and others have to be asked: settles when they have answered. Rejects with kind 'rate-limited' where the calls do not fit. */
  readonly granted?: Promise<void> | undefined
  /** Sets more calls aside; throws kind 'rate-limited' where they do not fit, and keeps what it had. */
  extend(calls: number): void
  /** Gives back what was not used; a second time does nothing. */
  release(): void
}

/**
 * The REST API for one caller. Every verb throws `CloudflareError`, or what `admit` threw. `record` is the shape of a
 * record, any with an id by default; an answer that it cannot use is kind 'unavailable'.
 */
export type RestClient = {
  /** A salted hash of the credential: equal for equal credentials within this process, and safe to log. */
  readonly credentialKey: string
  get<T>(route: Route, query?: Query, record?: Shape): Promise<T | null>
  list<T>(route: Route, query?: Query, record?: Shape): Promise<RestPage<T>>
  post<T>(route: Route, body?: unknown, record?: Shape): Promise<T | null>
  postList<T>(route: Route, body: unknown, record?: Shape): Promise<RestPage<T>>
  put<T>(route: Route, body: unknown, record?: Shape): Promise<T | null>
  putList<T>(route: Route, body: unknown, record?: Shape): Promise<RestPage<T>>
  patch<T>(route: Route, body: unknown, record?: Shape): Promise<T | null>
  /** Null also where a repeated DELETE finds nothing: the first one was done (quirk 7). */
  delete<T>(route: Route): Promise<T | null>
  /** What the upstream last said of this credential's budget; null before it said anything. */
  rateLimit(): RateLimit | null
  /** Sets calls aside from the credential's budget; throws kind 'rate-limited' where they do not fit. */
  reserve(calls: number): Reservation
  /** Rows that a page of a list template really holds where that is fewer than asked, as learnt by its readers. */
  readonly pageCaps: Map<string, number>
}

/** What a client is put together from; its reservations are those that its calls may spend. */
export type ClientParts = {
  readonly caller: Caller
  /** Whether this caller may use an account, whatever the credentials allow; asked before anything is shared or sent. */
  readonly permits: ((accountTag: string) => boolean) | undefined
  readonly reservations: Set<SpendableReservation>
  readonly signal: AbortSignal | undefined
  readonly send: (call: Call) => Promise<Answer>
}

type Wanted = Pick<Call, 'method' | 'shape'> & { readonly record?: Shape | undefined }

/** The verbs over one caller: reads share flights, writes end that sharing when they start and when they end. */
export function createClient({ caller, permits, reservations, signal, send }: ClientParts): RestClient {
  const { state } = caller

  function checkAccount({ path }: Call): void {
    if (permits === undefined) return
    const accountTag = /^\/accounts\/([^/?]+)/.exec(path)?.[1]
    if (accountTag === undefined || permits(accountTag)) return
    const reason = 'This caller may not use this account; nothing was sent'
    throw new CloudflareError({ kind: 'forbidden', method: '', path: '', template: '', reason })
  }

  async function read(
    { template, path: pathname }: Route,
    query: Query = {},
    { record = anyRecord(), ...wanted }: Wanted,
  ): Promise<Answer> {
    const path = pathname + queryString(query)
    const call: Call = { ...wanted, template, path, body: undefined, record, signal, caller }
    checkAccount(call)
    for (;;) {
      if (signal?.aborted) throw abortedCall(call, { mayHaveHappened: false })
      const { leader, answer } = state.flights.join(path, signal, (flightSignal) =>
        send({ ...call, signal: flightSignal }),
      )
      if (!leader) caller.joined?.(call)
      try {
        return await answer
      } catch (error) {
        if (signal?.aborted) throw abortedCall(call, { mayHaveHappened: false })
        // Whatever else ended the flight came from its leader's hooks, and is no concern of those who joined.
        if (leader || error instanceof CloudflareError) throw error
      }
    }
  }

  async function write(
    { template, path }: Route,
    body: unknown,
    { record = anyRecord(), ...wanted }: Wanted,
  ): Promise<Answer> {
    const json = body === undefined ? undefined : JSON.stringify(body)
    const call: Call = { ...wanted, template, path, body: json, record, signal, caller }
    checkAccount(call)
    state.flights.startEpoch()
    try {
      return await send(call)
    } finally {
      state.flights.startEpoch()
    }
  }

  return {
    credentialKey: state.key,
    pageCaps: state.pageCaps,
    async get(route, query, record) {
      return recordOf(await read(route, query, { method: 'GET', shape: 'record', record }))
    },
    async list(route, query, record) {
      return pageOf(await read(route, query, { method: 'GET', shape: 'rows', record }))
    },
    async post(route, body, record) {
      return recordOf(await write(route, body, { method: 'POST', shape: 'record', record }))
    },
    async postList(route, body, record) {
      return pageOf(await write(route, body, { method: 'POST', shape: 'rows', record }))
    },
    async put(route, body, record) {
      return recordOf(await write(route, body, { method: 'PUT', shape: 'record', record }))
    },
    async putList(route, body, record) {
      return pageOf(await write(route, body, { method: 'PUT', shape: 'rows', record }))
    },
    async patch(route, body, record) {
      return recordOf(await write(route, body, { method: 'PATCH', shape: 'record', record }))
    },
    async delete(route) {
      return recordOf(await write(route, undefined, { method: 'DELETE', shape: 'anything' }))
    },
    rateLimit: () => state.limiter.stated(),
    reserve(calls) {
      const reservation = state.limiter.reserve(calls)
      reservations.add(reservation)
      return reservation
    },
  }
}

// What came was read by the shape that stands beside the record's type.
function recordOf<T>({ result }: Answer): T | null {
  return isObject(result) ? (result as T) : null
}

function pageOf<T>({ result, info }: Answer): RestPage<T> {
  return { rows: rowsOf(result) as readonly T[], info }
}

function queryString(query: Query): string {
  let text = ''
  for (const name in query) {
    const value = query[name]
    if (value !== undefined) text += `${text === '' ? '?' : '&'}${name}=${encoded(String(value))}`
  }
  return text
}

function encoded(value: string): string {
  if (/^[\w.-]*$/.test(value)) return value
  // Everyone reads %20 as a space; whether + is one depends on the reader.
  return new URLSearchParams([['', value]]).toString().slice(1).replaceAll('+', '%20')
}
