import type { Query, RateLimit, Reservation, RestClient, RestPage } from '../cloudflare/client.ts'
import type { PageCaps } from '../cloudflare/page-caps.ts'
import type { RecordShape } from '../cloudflare/record-shape.ts'
import type { Route } from '../cloudflare/route.ts'

/** A REST client that is opened by whoever first asks something of it: many operations end without a REST call. */
export class LazyRestClient implements RestClient {
  readonly #open: () => RestClient
  #opened: RestClient | undefined

  constructor(open: () => RestClient) {
    this.#open = open
  }

  get #client(): RestClient {
    this.#opened ??= this.#open()
    return this.#opened
  }

  get credentialKey(): string {
    return this.#client.credentialKey
  }

  get pageCaps(): PageCaps {
    return this.#client.pageCaps
  }

  get<T>(route: Route, query?: Query, record?: RecordShape): Promise<T | null> {
    return this.#client.get(route, query, record)
  }

  list<T>(route: Route, query?: Query, record?: RecordShape): Promise<RestPage<T>> {
    return this.#client.list(route, query, record)
  }

  post<T>(route: Route, body?: unknown, record?: RecordShape): Promise<T | null> {
    return this.#client.post(route, body, record)
  }

  postList<T>(route: Route, body: unknown, record?: RecordShape): Promise<RestPage<T>> {
    return this.#client.postList(route, body, record)
  }

  put<T>(route: Route, body: unknown, record?: RecordShape): Promise<T | null> {
    return this.#client.put(route, body, record)
  }

  putList<T>(route: Route, body: unknown, record?: RecordShape): Promise<RestPage<T>> {
    return this.#client.putList(route, body, record)
  }

  patch<T>(route: Route, body: unknown, record?: RecordShape): Promise<T | null> {
    return this.#client.patch(route, body, record)
  }

  delete<T>(route: Route): Promise<T | null> {
    return this.#client.delete(route)
  }

  epoch(): number {
    return this.#client.epoch()
  }

  rateLimit(): RateLimit | null {
    return this.#client.rateLimit()
  }

  release(): void {
    this.#opened?.release()
  }

  reserve(calls: number): Reservation {
    return this.#client.reserve(calls)
  }
}
