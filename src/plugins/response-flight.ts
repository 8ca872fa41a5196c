import type { SharedAnswer } from './execution-flight.ts'
import { LatePromise } from './late-promise.ts'

/** The response of those who joined: all of it but the id of their own requests. */
export type SharedResponse = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly operationName: string | undefined
  /** Its price in REST calls. */
  readonly estimated: number
}

/** What a query came to that was executed whole. */
export type ExecutedQuery = { readonly answer: SharedAnswer; readonly operationName: string | undefined }

/**
 * A request that is being answered, for those who send the same meanwhile. Nobody joins before its query is known to be one that may be
 * shared, and nobody after it was executed.
 */
export class ResponseFlight {
  readonly #landed: LatePromise<SharedResponse | undefined>
  #isCurrent: (() => boolean) | undefined
  #executed: ExecutedQuery | undefined

  constructor(whenEnded: () => void) {
    this.#landed = new LatePromise(whenEnded)
  }

  /** From now on it may be joined, as long as `isCurrent` says so. */
  open(isCurrent: () => boolean): void {
    this.#isCurrent = isCurrent
  }

  isJoinable(): boolean {
    return this.#isCurrent?.() === true
  }

  /** Undefined where it came to nothing that others could have; never rejects. */
  join(): Promise<SharedResponse | undefined> {
    return this.#landed.wait()
  }

  /** Its query was executed: whole, where there is a `query`, which is asked for only where somebody waits. */
  close(query: (() => ExecutedQuery) | undefined): void {
    this.#isCurrent = undefined
    if (this.#landed.isAwaited) this.#executed = query?.()
  }

  /** It is answered with these headers. Does nothing a second time. */
  land(headers: Headers): void {
    this.#end(this.#executed && shareResponse(this.#executed, headers))
  }

  /** Does nothing where it has landed. */
  fail(): void {
    this.#end(undefined)
  }

  #end(shared: SharedResponse | undefined): void {
    this.#isCurrent = undefined
    this.#executed = undefined
    this.#landed.resolve(shared)
  }
}

// Of the leader's own request, or of the length of its own answer.
const own: ReadonlySet<string> = new Set(['x-request-id', 'content-length'])

function shareResponse({ answer, operationName }: ExecutedQuery, headers: Headers): SharedResponse {
  const shared: Record<string, string> = {}
  headers.forEach((value, name) => {
    if (!own.has(name)) shared[name] = value
  })
  const body = Buffer.from(answer.result.stringify())
  shared['content-length'] = String(body.length)
  return { headers: shared, body, operationName, estimated: answer.estimated }
}
