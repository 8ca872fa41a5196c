import { setTimeout as wait } from 'node:timers/promises'
import { type Dispatcher, interceptors, Pool, type RetryHandler } from 'undici'
import { abortedCall, makeAttempt, type Progress } from './attempt.ts'
import { type Answer, type Call, callFailure } from './call.ts'
import { exchange } from './exchange.ts'
import { mayRetry, retryDelayMs } from './retry.ts'
import { createSlots } from './slots.ts'

/** Makes REST calls over one pool of connections. */
export type RestDispatcher = {
  /** Makes the call, in as many attempts as it takes. Throws `CloudflareError`, or what the caller's hooks threw. */
  send(call: Call): Promise<Answer>
  /** Waits for the calls under way and closes every connection; calls made from then on fail. */
  close(): Promise<void>
}

/** `timeoutMs` bounds one attempt, `retries` are those after the first. */
export type DispatcherOptions = {
  /** `https://host/prefix`; paths are put behind its prefix. */
  readonly baseUrl: string
  readonly timeoutMs: number
  readonly retries: number
  readonly userAgent: string
  readonly maxBodyBytes: number
  readonly now: () => number
  readonly random: () => number
}

// A flood of credentials must not use up the process's file descriptors.
const maxConnections = 512
const maxWaitingForConnections = 20_000

/** One pool of connections to one origin. Redirects are answers here, never followed. */
export function createDispatcher(options: DispatcherOptions): RestDispatcher {
  const { timeoutMs, userAgent, now } = options
  const { origin, pathname } = new URL(options.baseUrl)
  const pool = new Pool(origin, {
    connect: { timeout: timeoutMs },
    // `exchange` has the one clock that counts.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: options.maxBodyBytes,
  })

  const connections = createSlots({ limit: maxConnections, maxWaiting: maxWaitingForConnections })
  const underWay = new Set<Promise<Answer>>()
  let closed: Promise<void> | undefined

  async function send(call: Call): Promise<Answer> {
    if (closed !== undefined) throw callFailure(call, { kind: 'unavailable', reason: 'the client is closed' })
    const answer = attempts(call)
    underWay.add(answer)
    try {
      return await answer
    } finally {
      underWay.delete(answer)
    }
  }

  async function drain(): Promise<void> {
    await Promise.allSettled(underWay)
    // Not `close`: that would wait for connections that no call waits for any more.
    await pool.destroy()
  }

  function attempts(call: Call): Promise<Answer> {
    const progress: Progress = { attempts: 0, mayHaveHappened: false, lastFailure: undefined }
    return new Promise((resolve, reject) => {
      const dispatcher = pool.compose(
        decodedAnswers((send) => makeAttempt(call, progress, { send, connections, now }).then(resolve), {
          timeoutMs,
          signal: call.signal,
        }),
        interceptors.retry({ throwOnError: false, retry: retryOf(call, progress, options) }),
      )
      dispatcher.dispatch(
        {
          method: call.method,
          path: pathname.replace(/\/$/, '') + call.path,
          body: call.body ?? null,
          headers: {
            accept: 'application/json',
            'user-agent': userAgent,
            ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
            ...call.caller.headers,
          },
        },
        { onRequestStart() {}, onResponseError: (_controller, error) => reject(error) },
      )
    })
  }

  return {
    send,
    close() {
      closed ??= drain()
      return closed
    },
  }
}

type Attempt = (send: () => ReturnType<typeof exchange>) => Promise<void>

/**
 * Makes each dispatch one attempt, and lets the handler above see only how it ended: an answer that came whole and is
 * a success, or an error. So nothing is left of the retry handler's resuming of half an answer with `Range`.
 */
function decodedAnswers(
  attempt: Attempt,
  limits: Parameters<typeof exchange>[2],
): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (request, handler) => {
    attempt(() => exchange(dispatch, request, limits)).then(
      () => {
        handler.onResponseStart?.(ended, 200, {})
        handler.onResponseEnd?.(ended, {})
      },
      (error) => handler.onResponseError?.(ended, error),
    )
    return true
  }
}

// The exchange is over when the retry handler hears of it.
const ended: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort() {},
  pause() {},
  resume() {},
}

function retryOf(
  call: Call,
  progress: Progress,
  { retries, random }: Pick<DispatcherOptions, 'retries' | 'random'>,
): RetryHandler.RetryCallback {
  return (error, _context, done) => {
    const failed = progress.lastFailure
    if (failed?.error !== error || !mayRetry({ ...failed.attempt, retries })) return done(error)
    const options = call.signal === undefined ? {} : { signal: call.signal }
    wait(retryDelayMs(failed.attempt, random), undefined, options).then(
      () => done(null),
      () => done(abortedCall(call, progress)),
    )
  }
}
