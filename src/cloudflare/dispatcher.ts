import { type Answer, type Call, callFailure } from './call.ts'
import { ConnectionPool } from './connection-pool.ts'
import { type ExchangeListener, exchange } from './exchange.ts'
import { type CallParts, PendingCall } from './pending-call.ts'
import type { Waiter } from './single-flight.ts'
import { createSlots } from './slots.ts'

const json = 'application/json'

/** Makes REST calls over one pool of connections. */
export type RestDispatcher = {
  /** Makes the call, in as many attempts as it takes. The waiter gets its answer, or `CloudflareError`, or what the caller's hooks threw. */
  send(call: Call, waiter: Waiter<Answer>): void
  /** Calls that wait for a connection, whoever makes them. */
  waiting(): number
  /** Waits for the calls under way and closes every connection; calls made from then on fail. */
  close(): Promise<void>
}

/** `timeoutMs` bounds one attempt, `retries` are those after the first. */
export type DispatcherOptions = {
  /** `https://host/prefix`; paths are put behind its prefix. */
  readonly baseUrl: string
  readonly timeoutMs: number
  readonly retries: number
  readonly maxBodyBytes: number
  readonly now: () => number
  readonly random: () => number
}

// A flood of credentials must not use up the process's file descriptors.
const maxConnections = 512
const maxWaitingForConnections = 20_000

/** One pool of connections to one origin. Redirects are answers here, never followed. */
export function createDispatcher(options: DispatcherOptions): RestDispatcher {
  const { timeoutMs } = options
  const { origin, pathname } = new URL(options.baseUrl)
  const prefix = pathname.replace(/\/$/, '')
  const pool = new ConnectionPool(origin, {
    connectTimeoutMs: timeoutMs,
    maxResponseSize: options.maxBodyBytes,
  })
  const connections = createSlots({ limit: maxConnections, maxWaiting: maxWaitingForConnections })
  const parts: CallParts = { send: sendOnce, connections, ...options }
  // A number and no set of them: V8 keeps what was in an old set until its full garbage collection, and with a call its whole answer.
  let underWay = 0
  let whenIdle: (() => void) | undefined
  let closed: Promise<void> | undefined

  function sendOnce(call: Call, listener: ExchangeListener): void {
    const { method, path, body, cancellation, caller } = call
    const headers = body === undefined ? caller.headers : { ...caller.headers, 'content-type': json }
    const request = { method, path: prefix + path, body: body ?? null, headers }
    exchange(pool, request, { timeoutMs, cancellation, listener })
  }

  function send(call: Call, waiter: Waiter<Answer>): void {
    if (closed !== undefined) {
      waiter.fail(callFailure(call, { kind: 'unavailable', reason: 'the client is closed' }))
      return
    }
    underWay += 1
    call.caller.state.callsUnderWay += 1
    new PendingCall(call, parts, { waiter, whenEnded }).start()
  }

  function whenEnded({ caller }: Call): void {
    underWay -= 1
    caller.state.callsUnderWay -= 1
    if (underWay === 0) whenIdle?.()
  }

  async function drain(): Promise<void> {
    if (underWay > 0) {
      await new Promise<void>((resolve) => {
        whenIdle = resolve
      })
    }
    // Not `close`: that would wait for connections that no call waits for any more.
    await pool.destroy()
  }

  return {
    send,
    waiting: () => connections.waiting(),
    close() {
      closed ??= drain()
      return closed
    },
  }
}
