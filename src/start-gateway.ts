import type { Logger } from 'pino'
import { createRequestListener } from './app/request-listener.ts'
import { createApp, endpoint } from './app.ts'
import type { SharedBudget } from './cloudflare/shared-budget.ts'
import { createUpstream } from './cloudflare/upstream.ts'
import type { Config } from './config.ts'
import { type Listening, listen } from './listen.ts'
import { operationNames } from './plugins/operation-names.ts'
import { readExamples } from './plugins/read-examples.ts'
import { readManifest } from './plugins/read-manifest.ts'
import { buildSchema } from './schema/schema.ts'
import type { Metrics } from './telemetry/metrics.ts'
import type { Runtime } from './telemetry/process-metrics.ts'
import { startTelemetry, type Telemetry } from './telemetry/start-telemetry.ts'

/** A gateway that listens. Each way to end it finishes what is in flight, within the time that an operation may take. */
export type Gateway = {
  /** The one in use, also where port 0 asked for any. */
  readonly port: number
  /** From now on `/ready` says that the end is near; all else goes on. */
  unready(): void
  /** Ends it and refuses what still comes, in words. */
  drain(): Promise<void>
  /** Ends it and leaves what comes to those who listen on the same port. */
  leave(): Promise<void>
  /** Its own figures. */
  readonly metrics: Metrics
}

/** Where REST calls go; the account is that of a sandbox. */
export type Target = { readonly baseUrl: string; readonly sandboxAccount: string | undefined }

/** `runtime` is the process that is measured; `readMetrics` reads the figures of all that share the port, its own alone by default. */
export type GatewayOptions = {
  readonly target: Target
  readonly logger: Logger
  readonly runtime: Runtime
  /** How many serve on this machine; 1 by default. */
  readonly processes?: number
  readonly readMetrics?: () => Promise<string>
}

// Beside `src` and beside `dist`.
const examplesDirectory = new URL('../examples/', import.meta.url)

/**
 * Starts everything that serves in one process.
 * @throws InvalidConfig where a manifest cannot be used, or the error of `listen`; nothing is left open then.
 */
export async function startGateway(
  config: Config,
  { target, logger, runtime, processes = 1, readMetrics }: GatewayOptions,
): Promise<Gateway> {
  const sharedBudget = await openSharedBudget(config, { processes, logger })
  const upstream = createUpstream({
    baseUrl: target.baseUrl,
    timeoutMs: config.restTimeoutMs,
    retries: config.restRetries,
    concurrency: config.restConcurrency,
    sharedBudget,
  })
  let telemetry: Telemetry | undefined
  const close = async () => {
    await upstream.close()
    await sharedBudget?.close()
    await telemetry?.close()
  }

  let ready = true
  let draining = false
  let server: Listening | undefined
  try {
    const examples = config.graphiql ? await readExamples(examplesDirectory, target.sandboxAccount) : []
    const manifest = await manifestOf(config)
    const inFlight = () => server?.inFlight() ?? 0
    telemetry = await startTelemetry(config, {
      load: upstream.load,
      inFlight,
      operationNames: operationNames(manifest),
      server: target.baseUrl,
      runtime,
      logger,
    })
    const { metrics, tracing } = telemetry
    const app = createApp({
      config,
      upstream,
      logger,
      schema: buildSchema(config),
      examples,
      manifest,
      isReady: () => ready,
      isDraining: () => draining,
      inFlight,
      metrics,
      tracing,
      ...(readMetrics && { readMetrics }),
    })
    const isBusy = () => draining || inFlight() > config.maxInFlight
    // Who has to prove to be somebody does so before anything is read, and a trace has each request for itself.
    const isShared = config.callerProof === undefined && tracing === undefined
    const listener = isShared ? createRequestListener({ app, endpoint, logger, metrics, isBusy }) : app
    const listening = await listen(listener, config)
    server = listening
    // No operation takes longer, so what is left then is a caller who does not read.
    const graceMs = config.operationTimeoutMs
    const end = async (how: 'draining' | 'leaving', finish: Promise<void>) => {
      logger.info({ inFlight: inFlight() }, how)
      await finish
      await close()
      logger.info('stopped')
    }
    return {
      port: listening.port,
      metrics,
      unready() {
        ready = false
      },
      drain() {
        draining = true
        return end('draining', listening.drain(graceMs))
      },
      leave: () => end('leaving', listening.leave(graceMs)),
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function manifestOf({ persistedOperations }: Config): Promise<ReadonlyMap<string, string>> {
  return persistedOperations === undefined ? new Map() : readManifest(persistedOperations)
}

async function openSharedBudget(
  { redisUrl, operationTimeoutMs, restTimeoutMs }: Config,
  { processes, logger }: { readonly processes: number; readonly logger: Logger },
): Promise<SharedBudget | undefined> {
  if (redisUrl === undefined) return undefined
  // Loaded here and nowhere else: without Redis nothing of its client is.
  const { createRedisBudget } = await import('./shared-budget/redis-budget.ts')
  return createRedisBudget({
    url: redisUrl,
    processes,
    // A call may have been sent at the very end of its operation's time.
    holdMs: operationTimeoutMs + restTimeoutMs,
    onChange({ isShared, reason }) {
      if (isShared) logger.info('REST budgets are shared again')
      else
        logger.warn(
          { reason },
          'REST budgets are not shared: each process keeps to a part of them until Redis answers',
        )
    },
  })
}
