import { type Answer, abortedCall, type Call } from './call.ts'
import { Cancellation } from './cancellation.ts'
import type { ClientParts, Query } from './client.ts'
import { CloudflareError } from './errors.ts'
import { record as anyRecord, type RecordShape } from './record-shape.ts'
import type { Route } from './route.ts'
import type { Flight, Waiter } from './single-flight.ts'

type Wanted = Pick<Call, 'shape'> & { readonly route: Route; readonly record?: RecordShape | undefined }

/** A read, and what its answer is handed on as. */
export type WantedRead<T> = Wanted & {
  readonly query: Query | undefined
  readonly toResult: (answer: Answer) => T
}

/** A write; `body` becomes JSON. */
export type WantedWrite = Wanted & Pick<Call, 'method'> & { readonly body?: unknown }

const anyShape = anyRecord()
const notSent = { mayHaveHappened: false }

/** Makes the calls of one caller. Both verbs reject with `CloudflareError`, or with what `admit` threw. */
export class CallMaker {
  readonly parts: ClientParts
  // Who has to hear that the caller has left.
  private readonly waiting = new Set<{ leave(): void }>()
  private isListening = false

  constructor(parts: ClientParts) {
    this.parts = parts
  }

  /** Shares the flight of an equal read. */
  read<T>(wanted: WantedRead<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const path = wanted.route.path + queryString(wanted.query)
      this.checkAccount(path)
      new Reader(this, wanted, path, resolve, reject).start()
    })
  }

  /** Nobody joins what was read before it, nor what is read meanwhile. */
  async write({ method, route, shape, record = anyShape, body }: WantedWrite): Promise<Answer> {
    const { template, path } = route
    const { caller, send } = this.parts
    const json = body === undefined ? undefined : JSON.stringify(body)
    this.checkAccount(path)
    const cancellation = new Cancellation()
    if (this.hasLeft()) cancellation.cancel()
    const waiter = { leave: () => cancellation.cancel() }
    this.expect(waiter)
    caller.state.flights.startEpoch()
    try {
      return await new Promise((land, fail) => {
        send({ method, template, path, body: json, shape, record, caller, cancellation }, { land, fail })
      })
    } finally {
      caller.state.flights.startEpoch()
      this.forget(waiter)
    }
  }

  hasLeft(): boolean {
    return this.parts.signal?.aborted === true
  }

  /** One listener on the signal, however many wait. */
  expect(waiter: { leave(): void }): void {
    this.waiting.add(waiter)
    if (this.isListening) return
    this.isListening = true
    const leave = () => {
      for (const one of [...this.waiting]) one.leave()
    }
    this.parts.signal?.addEventListener('abort', leave, { once: true })
  }

  forget(waiter: { leave(): void }): void {
    this.waiting.delete(waiter)
  }

  private checkAccount(path: string): void {
    const { permits } = this.parts
    if (permits === undefined) return
    const accountTag = /^\/accounts\/([^/?]+)/.exec(path)?.[1]
    if (accountTag === undefined || permits(accountTag)) return
    const reason = 'This caller may not use this account; nothing was sent'
    throw new CloudflareError({ kind: 'forbidden', method: '', path: '', template: '', reason })
  }
}

/** One who waits for a read: by itself all that a read keeps while it waits, but for the call. */
class Reader<T> implements Waiter<Answer> {
  readonly method = 'GET'
  readonly template: string
  readonly path: string
  private readonly maker: CallMaker
  private readonly wanted: WantedRead<T>
  private readonly resolve: (result: T) => void
  private readonly reject: (error: unknown) => void
  private flight: Flight<Answer> | undefined
  private isLeader = false

  constructor(
    maker: CallMaker,
    wanted: WantedRead<T>,
    path: string,
    resolve: (result: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.template = wanted.route.template
    this.path = path
    this.maker = maker
    this.wanted = wanted
    this.resolve = resolve
    this.reject = reject
  }

  start(): void {
    const { maker, path } = this
    if (maker.hasLeft()) {
      this.reject(abortedCall(this, notSent))
      return
    }
    const { caller } = maker.parts
    const { flights } = caller.state
    const present = flights.get(path)
    this.isLeader = present === undefined
    this.flight = present ?? flights.open(path)
    this.flight.join(this)
    maker.expect(this)
    if (present === undefined) this.send(this.flight)
    else caller.joined?.(this)
  }

  land(answer: Answer): void {
    this.maker.forget(this)
    if (!this.isLeader) answer.parts?.share()
    this.resolve(this.wanted.toResult(answer))
  }

  fail(error: unknown): void {
    this.maker.forget(this)
    // Whatever else ended the flight came from its leader's hooks, and is no concern of those who joined.
    if (this.isLeader || error instanceof CloudflareError) this.reject(error)
    else this.start()
  }

  leave(): void {
    this.maker.forget(this)
    this.flight?.leave(this)
    this.reject(abortedCall(this, notSent))
  }

  private send(flight: Flight<Answer>): void {
    const { method, template, path, maker, wanted } = this
    const { shape, record = anyShape } = wanted
    const { caller, send } = maker.parts
    const { cancellation } = flight
    send({ method, template, path, body: undefined, shape, record, caller, cancellation }, flight)
  }
}

function queryString(query: Query = {}): string {
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
