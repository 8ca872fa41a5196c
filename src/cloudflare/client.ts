import type { Answer, Call, Caller } from './call.ts'
import { CallMaker } from './call-maker.ts'
import { isObject } from './json.ts'
import type { PageCaps } from './page-caps.ts'
import type { SpendableReservation } from './rate-limit.ts'
import type { RecordShape } from './record-shape.ts'
import { rowsOf } from './result-shape.ts'
import type { Route } from './route.ts'
import type { Waiter } from './single-flight.ts'

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
  get<T>(route: Route, query?: Query, record?: RecordShape): Promise<T | null>
  list<T>(route: Route, query?: Query, record?: RecordShape): Promise<RestPage<T>>
  post<T>(route: Route, body?: unknown, record?: RecordShape): Promise<T | null>
  postList<T>(route: Route, body: unknown, record?: RecordShape): Promise<RestPage<T>>
  put<T>(route: Route, body: unknown, record?: RecordShape): Promise<T | null>
  putList<T>(route: Route, body: unknown, record?: RecordShape): Promise<RestPage<T>>
  patch<T>(route: Route, body: unknown, record?: RecordShape): Promise<T | null>
  /** Null also where a repeated DELETE finds nothing: the first one was done (quirk 7). */
  delete<T>(route: Route): Promise<T | null>
  /** Grows when a write of this credential starts, and when it ends: what was read under another number is not of now. */
  epoch(): number
  /** What the upstream last said of this credential's budget; null before it said anything. */
  rateLimit(): RateLimit | null
  /** Sets calls aside from the credential's budget; throws kind 'rate-limited' where they do not fit. */
  reserve(calls: number): Reservation
  /**
   * To be called when the request is answered: lets go of what only it was read for. V8 keeps what waited for long, and all that it leads to,
   * until a full garbage collection.
   */
  release(): void
  readonly pageCaps: PageCaps
}

/** What a client is put together from; its reservations are those that its calls may spend. */
export type ClientParts = {
  readonly caller: Caller
  /** Whether this caller may use an account, whatever the credentials allow; asked before anything is shared or sent. */
  readonly permits: ((accountTag: string) => boolean) | undefined
  readonly reservations: Set<SpendableReservation>
  readonly signal: AbortSignal | undefined
  /** Makes the call; the waiter gets its answer, or `CloudflareError`, or what the caller's hooks threw. */
  readonly send: (call: Call, waiter: Waiter<Answer>) => void
}

/** The verbs over one caller: reads share flights, writes end that sharing when they start and when they end. */
export function createClient(parts: ClientParts): RestClient {
  const { caller, reservations } = parts
  const { state } = caller
  const calls = new CallMaker(parts)
  return {
    credentialKey: state.key,
    pageCaps: state.pageCaps,
    get: <T>(route: Route, query?: Query, record?: RecordShape) =>
      calls.read({ route, query, shape: 'record', record, toResult: recordOf<T> }),
    list: <T>(route: Route, query?: Query, record?: RecordShape) =>
      calls.read({ route, query, shape: 'rows', record, toResult: pageOf<T> }),
    async post(route, body, record) {
      return recordOf(await calls.write({ method: 'POST', route, body, shape: 'record', record }))
    },
    async postList(route, body, record) {
      return pageOf(await calls.write({ method: 'POST', route, body, shape: 'rows', record }))
    },
    async put(route, body, record) {
      return recordOf(await calls.write({ method: 'PUT', route, body, shape: 'record', record }))
    },
    async putList(route, body, record) {
      return pageOf(await calls.write({ method: 'PUT', route, body, shape: 'rows', record }))
    },
    async patch(route, body, record) {
      return recordOf(await calls.write({ method: 'PATCH', route, body, shape: 'record', record }))
    },
    async delete(route) {
      return recordOf(await calls.write({ method: 'DELETE', route, shape: 'anything' }))
    },
    epoch: () => state.flights.epoch(),
    rateLimit: () => state.limiter.stated(),
    reserve(calls) {
      const reservation = state.limiter.reserve(calls)
      reservations.add(reservation)
      return reservation
    },
    release() {
      for (const parts of caller.parts.splice(0)) parts.release()
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
