import type { Dispatcher } from 'undici'
import type { Cancellation } from './cancellation.ts'
import type { ConnectionPool } from './connection-pool.ts'

/** By lower-case name; a header that came several times may be a list. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

/** What became of one HTTP request. The answer is whole where `failure` is undefined. */
export type Exchange = {
  /** False where surely nothing of the request left: no connection was made for it. */
  readonly sent: boolean
  /** Of an answer whose headers arrived, even where its body did not. */
  readonly status: number | undefined
  readonly headers: ResponseHeaders
  /** To be read before the listener returns: what comes next may be written over it. */
  readonly body: Buffer
  readonly failure: { readonly reason: 'timeout' | 'aborted' | 'lost'; readonly error: Error } | undefined
}

/** Who hears what became of an exchange, once. */
export type ExchangeListener = { ended(exchange: Exchange): void }

type Limits = { readonly timeoutMs: number; readonly cancellation: Cancellation }

/**
 * Sends one request and collects its answer; every way to fail is part of the result. `timeoutMs` bounds the whole of
 * it, from connecting to the last byte: undici's own header and body timers start later, restart with every chunk and
 * are up to a second late.
 */
export function exchange(
  connections: Pick<ConnectionPool, 'dispatch'>,
  request: Dispatcher.DispatchOptions,
  { timeoutMs, cancellation, listener }: Limits & { readonly listener: ExchangeListener },
): void {
  const handler = new ExchangeHandler(listener, { timeoutMs, cancellation })
  if (!handler.isOver()) connections.dispatch(request, handler)
}

/** One object for all that an exchange needs while it waits: closures and signals would be a dozen. */
class ExchangeHandler implements Dispatcher.DispatchHandler {
  private listener: ExchangeListener | undefined
  private readonly timeoutMs: number
  private readonly cancellation: Cancellation
  private readonly timer: NodeJS.Timeout
  private controller: Dispatcher.DispatchController | undefined
  private givenUp: Error | undefined
  private status: number | undefined
  private headers: ResponseHeaders = noHeaders
  private body: Buffer | undefined
  private parts: Buffer[] | undefined

  constructor(listener: ExchangeListener, { timeoutMs, cancellation }: Limits) {
    this.listener = listener
    this.timeoutMs = timeoutMs
    this.cancellation = cancellation
    this.timer = setTimeout(expire, timeoutMs, this)
    if (cancellation.isCancelled) this.leave()
    else cancellation.onCancel(() => this.leave())
  }

  /** Whether it was given up before anything was sent. */
  isOver(): boolean {
    return this.givenUp !== undefined
  }

  onRequestStart(started: Dispatcher.DispatchController): void {
    // A connection that comes about after we gave up must not carry the request.
    if (this.givenUp === undefined) this.controller = started
    else started.abort(this.givenUp)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) return
    this.status = status
    this.headers = headers
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.body === undefined) this.body = chunk
    else if (this.parts === undefined) this.parts = [this.body, chunk]
    else this.parts.push(chunk)
  }

  onResponseEnd(): void {
    this.end(undefined)
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.end({ reason: 'lost', error })
  }

  expire(): void {
    this.giveUp('timeout', new Error(`no whole answer within ${this.timeoutMs} ms`))
  }

  private leave(): void {
    this.giveUp('aborted', new Error('the caller left'))
  }

  private giveUp(reason: 'timeout' | 'aborted', error: Error): void {
    this.givenUp = error
    this.end({ reason, error })
    this.controller?.abort(error)
  }

  private end(failure: Exchange['failure']): void {
    // What was given up still fails, later, when others may listen to the cancellation.
    if (this.listener === undefined) return
    clearTimeout(this.timer)
    this.cancellation.onCancel(undefined)
    const { listener, controller, status, headers, parts, body = noBody } = this
    const whole = parts === undefined ? body : joined(parts)
    // A connection may keep this object until its next request, and all that can be reached from here with it.
    this.body = undefined
    this.parts = undefined
    this.listener = undefined
    listener?.ended({ sent: controller !== undefined, status, headers, body: whole, failure })
  }
}

// An answer of several parts is put together here and read at once. Memory of its own would be given back by the next young collection, and
// until then count as pressure to begin a full one.
const workbench = Buffer.allocUnsafeSlow(512 * 1024)

function joined(parts: readonly Buffer[]): Buffer {
  let length = 0
  for (const part of parts) length += part.length
  if (length > workbench.length) return Buffer.concat(parts, length)
  let end = 0
  for (const part of parts) end += part.copy(workbench, end)
  return workbench.subarray(0, length)
}

const noHeaders: ResponseHeaders = {}
const noBody = Buffer.alloc(0)

function expire(handler: ExchangeHandler): void {
  handler.expire()
}
