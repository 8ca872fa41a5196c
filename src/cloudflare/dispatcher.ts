import { type Dispatcher, Pool } from 'undici'
import { abortedCall, makeAttempt, type Progress } from './attempt.ts'
import { type Answer, type Call, callFailure } from './call.ts'
import { exchange } from './exchange.ts'
import { mayRetry, retryDelayMs } from './retry.ts'
import { createSlots } from './slots.ts'

/** Makes REST calls over one pool of connections. */
export type RestDispatcher = {
  /** Makes the call, in as many attempts as it takes. Throws `CloudflareError`, or what the caller's hooks threw. */
  send(call: Call): Promise<Answer>
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
  const { timeoutMs, retries, now, random } = options
  const { origin, pathname } = new URL(options.baseUrl)
  const prefix = pathname.replace(/\/$/, '')
  const pool = new Pool(origin, {
    connect: { timeout: timeoutMs },
    // `exchange` has the one clock that counts.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: options.maxBodyBytes,
  })

  const dispatch: Dispatcher['dispatch'] = (request, handler) => pool.dispatch(request, handler)
  const connections = createSlots({ limit: maxConnections, maxWaiting: maxWaitingForConnections })
  // A number and no set of them: V8 keeps what was in an old set until its full garbage collection, and with a call its whole answer.
  let underWay = 0
  let whenIdle: (() => void) | undefined
  let closed: Promise<void> | undefined

  async function send(call: Call): Promise<Answer> {
    if (closed !== undefined) throw callFailure(call, { kind: 'unavailable', reason: 'the client is closed' })
    const { state, headers } = call.caller
    const progress: Progress = { attempts: 0, mayHaveHappened: false, lastFailure: undefined }
    const request = {
      method: call.method,
      path: prefix + call.path,
      body: call.body ?? null,
      headers: call.body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    }
    const { cancellation } = call
    const parts = { send: () => exchange(dispatch, request, { timeoutMs, cancellation }), connections, now }
    underWay += 1
    state.callsUnderWay += 1
    try {
      for (;;) {
        try {
          return await makeAttempt(call, progress, parts)
        } catch (error) {
          const failed = progress.lastFailure
          if (failed === undefined || failed.error !== error || !mayRetry({ ...failed.attempt, retries }))
            throw error
          await pause(call, progress, retryDelayMs(failed.attempt, random))
        }
      }
    } finally {
      underWay -= 1
      state.callsUnderWay -= 1
      if (underWay === 0) whenIdle?.()
    }
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

/** Rejects with the failure of a call that is cancelled meanwhile. */
function pause(call: Call, progress: Progress, delayMs: number): Promise<void> {
  const { cancellation } = call
  return new Promise((resolve, reject) => {
    if (cancellation.isCancelled) return reject(abortedCall(call, progress))
    const timer = setTimeout(() => {
      cancellation.onCancel(undefined)
      resolve()
    }, delayMs)
    cancellation.onCancel(() => {
      clearTimeout(timer)
      reject(abortedCall(call, progress))
    })
  })
}
