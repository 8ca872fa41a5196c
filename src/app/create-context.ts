import type { Logger } from 'pino'
import type { RestClient } from '../cloudflare/client.ts'
import type { Upstream } from '../cloudflare/upstream.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { type CallBudget, createCallBudget } from '../cost/call-budget.ts'
import { type AuthHeaders, chooseCredentials, missingCredentials } from '../credentials.ts'
import { provenCaller } from '../plugins/use-caller-proof.ts'
import { requestIdOf } from '../plugins/use-request-id.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Probe } from '../telemetry/probe.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { LazyRestClient } from './lazy-rest-client.ts'

/** What the contexts of all operations are made with. */
export type ContextParts = {
  readonly config: Config
  readonly upstream: Upstream
  readonly logger: Logger
  readonly metrics: Metrics
  readonly tracing: Tracing | undefined
  readonly probe: Probe
}

/** @throws UnusableCredentials where the request has some that cannot go upstream, or has to prove who sent it and does not. */
export function createContext(request: Request, parts: ContextParts): Context {
  const { config, logger, probe } = parts
  const credentials = chooseCredentials(request.headers, {
    own: config.serviceHeaders,
    toSandbox: config.baseUrl === undefined,
  })
  const accounts = config.callerProof && provenCaller(request).accounts
  const permits = accounts && ((accountTag: string) => accounts.has(accountTag.toLowerCase()))
  const deadline = new Deadline(request, config.operationTimeoutMs)
  const memory = new Map<string, unknown>()
  const budget = createCallBudget(config.maxRestCalls, () => {
    deadline.clear()
    rest.release()
    // One by one: a map that is cleared has a new table, and the old one keeps what it had.
    for (const key of memory.keys()) memory.delete(key)
  })
  const rest = new LazyRestClient(() =>
    openClient({ ...parts, request, credentials, permits, budget, signal: deadline.signal() }),
  )
  return {
    rest,
    budget,
    permits,
    log: { warn: (fields, message) => logger.warn({ requestId: requestIdOf(request), ...fields }, message) },
    probe,
    memory,
    incomplete: [],
  }
}

type ClientParts = ContextParts & {
  readonly request: Request
  readonly credentials: AuthHeaders | undefined
  readonly permits: Context['permits']
  readonly budget: CallBudget
  readonly signal: AbortSignal
}

function openClient(parts: ClientParts): RestClient {
  const { request, credentials, permits, budget, signal, upstream, logger, metrics, tracing } = parts
  const isDebugging = logger.isLevelEnabled('debug')
  const client = upstream.client({
    credentials: { headers: credentials ?? {} },
    permits,
    signal,
    admit() {
      if (credentials === undefined) throw missingCredentials()
      budget.admit()
    },
    observe(call) {
      if (isDebugging) logger.debug({ requestId: requestIdOf(request), ...call }, 'rest call')
      metrics.restCall(call)
      tracing?.restCall(call)
    },
    observesInContext: tracing !== undefined,
    joined(call) {
      metrics.joined(call)
      tracing?.joined(call)
    },
  })
  return credentials === undefined ? { ...client, reserve: refuse } : client
}

/** Without credentials nothing can be set aside: an operation with a price ends here, before any of it runs. */
function refuse(): never {
  throw missingCredentials()
}

/**
 * Aborts when whoever asked has left, or when time is up, which runs from the start also where nobody asked for the signal until later. A
 * signal of Node's own: from Node 26 on `AbortSignal.any` takes no other, and that of the server is another; and one that can be cleared,
 * since what `AbortSignal.timeout` is waiting for is kept for so long.
 */
class Deadline {
  readonly #request: Request
  readonly #endsAtMs: number
  #stop: (() => void) | undefined
  #isCleared = false

  constructor(request: Request, timeoutMs: number) {
    this.#request = request
    this.#endsAtMs = performance.now() + timeoutMs
  }

  /** To be asked for once. */
  signal(): AbortSignal {
    const controller = new AbortController()
    if (this.#isCleared) return controller.signal
    const { signal } = this.#request
    const leave = () => controller.abort(signal.reason)
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    const expire = () => controller.abort(new DOMException('The operation took too long', 'TimeoutError'))
    const leftMs = this.#endsAtMs - performance.now()
    if (leftMs <= 0) expire()
    const timer = setTimeout(expire, leftMs).unref()
    this.#stop = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
    }
    return controller.signal
  }

  clear(): void {
    this.#isCleared = true
    this.#stop?.()
  }
}
