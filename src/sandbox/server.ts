import { once, setMaxListeners } from 'node:events'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { controlPath, createSandboxApp } from './app.ts'
import { createFaults, type Fault } from './faults.ts'
import { apiPath } from './log-requests.ts'
import { chooseQuirks, type QuirkSwitches } from './quirks.ts'
import { createRateLimit, type RateLimitOptions } from './rate-limit.ts'
import { createRequestLog, type LoggedRequest } from './request-log.ts'
import { createSeed, type Landmarks, type SeedSizes } from './seed/seed.ts'
import { createStore } from './store.ts'
import type { World } from './world.ts'

export type { Fault } from './faults.ts'
export type { QuirkName } from './quirks.ts'
export type { LoggedRequest } from './request-log.ts'
export type { Landmarks } from './seed/seed.ts'

export type SandboxOptions = {
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string | undefined
  readonly seed?: SeedSizes | undefined
  readonly quirks?: QuirkSwitches | undefined
  /** Lists that silently give smaller pages than asked for. */
  readonly pageCaps?: World['pageCaps'] | undefined
  /** 1,200 calls in 300 seconds unless told otherwise. */
  readonly rateLimit?: RateLimitOptions | undefined
  /** Before every answer. */
  readonly latencyMs?: number | undefined
  /** Milliseconds since 1970, for the rate windows and the stamps on records. */
  readonly now?: (() => number) | undefined
}

/** A running sandbox. */
export type Sandbox = {
  /** `http://127.0.0.1:PORT/client/v4` */
  readonly url: string
  /** `http://127.0.0.1:PORT/__sandbox` */
  readonly controlUrl: string
  /** The account with the company's data. */
  readonly accountTag: string
  /** Identifiers of the seeded objects that are worth knowing. */
  readonly landmarks: Landmarks
  /** The requests since the start, the last reset or `clearRequests`, in the order of arrival. */
  requests(): readonly LoggedRequest[]
  clearRequests(): void
  /** Replaces all faults. Throws a `ZodError` that names the place of a mistake. */
  setFaults(faults: readonly Fault[]): void
  /** State, faults, quirks, log and rate windows as at the start. */
  reset(): void
  /** Ends at once, whatever is under way. */
  close(): Promise<void>
}

/** Starts the stand-in for the REST API. Rejects where the port cannot be had. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', port = 0, latencyMs = 0, now = Date.now } = options
  const { accounts, landmarks } = createSeed(options.seed ?? {})
  const world: World = {
    store: createStore(accounts, now),
    quirks: chooseQuirks(options.quirks ?? {}),
    pageCaps: options.pageCaps ?? {},
  }
  const faults = createFaults()
  const log = createRequestLog()
  const limit = createRateLimit(options.rateLimit ?? { calls: 1200, windowSeconds: 300 }, now)
  const closing = new AbortController()
  // Each wait listens to it, and there are as many as requests under way.
  setMaxListeners(0, closing.signal)
  const reset = () => {
    world.store = createStore(accounts, now)
    world.quirks = chooseQuirks(options.quirks ?? {})
    faults.set([])
    log.clear()
    limit.clear()
  }

  const app = createSandboxApp({
    world,
    faults,
    log,
    landmarks,
    reset,
    limit,
    latencyMs,
    closing: closing.signal,
  })
  // The adapter would otherwise replace the Request and Response of the whole process it is embedded in.
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
  // Longer than clients keep idle connections, so that they and not the server close them.
  server.keepAliveTimeout = 65_000
  server.listen(port, host)
  await once(server, 'listening')

  let closed: Promise<void> | undefined
  const address = server.address()
  const origin = `http://${urlHost(host)}:${typeof address === 'object' && address !== null ? address.port : port}`
  return {
    url: `${origin}${apiPath}`,
    controlUrl: `${origin}${controlPath}`,
    accountTag: landmarks.account,
    landmarks,
    requests: () => log.list(),
    clearRequests: () => log.clear(),
    setFaults: (next) => faults.set(next),
    reset,
    close() {
      closed ??= closeServer(server, closing)
      return closed
    },
  }
}

async function closeServer(server: Server, closing: AbortController): Promise<void> {
  closing.abort()
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** The host as a client writes it. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
