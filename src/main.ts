import { existsSync, realpathSync } from 'node:fs'
import type { Logger } from 'pino'
import { createApp, endpoint } from './app.ts'
import { createUpstream } from './cloudflare/upstream.ts'
import { advice, type Config, InvalidConfig, parseConfig } from './config.ts'
import { type Listening, listen } from './listen.ts'
import { readExamples } from './plugins/read-examples.ts'
import { readManifest } from './plugins/read-manifest.ts'
import { buildSchema } from './schema/schema.ts'
import { createLogger } from './telemetry/logger.ts'
import { type Start, startText } from './telemetry/start-text.ts'

// Beside `src` and beside `dist`.
const examplesDirectory = new URL('../examples/', import.meta.url)
const graphiqlTabs = 3

const [, program = ''] = process.argv
if (existsSync(program) && realpathSync(program) === import.meta.filename) await main()

/** Runs the gateway until a signal ends it. A start that fails says why, and the process exits with 1. */
async function main(): Promise<void> {
  try {
    const config = parseConfig(process.env)
    const drain = await startGateway(config)
    const signals = ['SIGTERM', 'SIGINT'] as const
    const stop = () => {
      // A second signal finds no listener, and ends the process at once.
      for (const signal of signals) process.off(signal, stop)
      void drain()
    }
    for (const signal of signals) process.on(signal, stop)
  } catch (error) {
    process.stderr.write(`The gateway did not start:\n${explain(error)}\n`)
    process.exitCode = 1
  }
}

/** Starts everything; the answer ends it: no new work, what is in flight is finished, then all is closed. */
async function startGateway(config: Config): Promise<() => Promise<void>> {
  const logger = createLogger(config.logLevel)
  const target = await openTarget(config)
  const upstream = createUpstream({
    baseUrl: target.baseUrl,
    timeoutMs: config.restTimeoutMs,
    retries: config.restRetries,
    concurrency: config.restConcurrency,
  })
  const close = async () => {
    await upstream.close()
    await target.close()
  }

  let draining = false
  let server: Listening | undefined
  try {
    const account = target.sandboxAccount ?? 'the id of your account'
    const examples = await readExamples(examplesDirectory, { account, most: graphiqlTabs })
    const manifest = await manifestOf(config)
    const isDraining = () => draining
    const inFlight = () => server?.inFlight() ?? 0
    const schema = buildSchema()
    const app = createApp({ config, upstream, logger, schema, examples, manifest, isDraining, inFlight })
    server = await listen(app, config)
    const { drain } = server
    announce(startOf(config, server, target), config, logger)
    return async () => {
      draining = true
      logger.info({ inFlight: inFlight() }, 'draining')
      // No operation takes longer, so what is left then is a caller who does not read.
      await drain(config.operationTimeoutMs)
      await close()
      logger.info('stopped')
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** For a person on a terminal; in production, where logs are read by machines, as one line of them. */
function announce(start: Start, { production }: Config, logger: Logger): void {
  const { url, serving } = start
  if (!production) process.stdout.write(startText(start))
  else if ('baseUrl' in serving) logger.info({ url, serving }, 'listening')
  else logger.warn({ url, serving }, 'listening: the sandbox is served, all data is invented')
}

type Target = {
  readonly baseUrl: string
  readonly sandboxAccount: string | undefined
  close(): Promise<void>
}

async function openTarget({ baseUrl }: Config): Promise<Target> {
  if (baseUrl !== undefined) return { baseUrl, sandboxAccount: undefined, close: async () => {} }
  // Loaded here and nowhere else: a gateway that serves the real API has nothing of the sandbox in it.
  const { startSandbox } = await import('./sandbox/server.ts')
  const sandbox = await startSandbox()
  return { baseUrl: sandbox.url, sandboxAccount: sandbox.accountTag, close: () => sandbox.close() }
}

async function manifestOf({ persistedOperations }: Config): Promise<ReadonlyMap<string, string>> {
  return persistedOperations === undefined ? new Map() : readManifest(persistedOperations)
}

function startOf(
  { host, graphiql, serviceHeaders, callerProof }: Config,
  { port }: Listening,
  target: Target,
): Start {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return {
    url: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}${endpoint}`,
    graphiql,
    ...(target.sandboxAccount === undefined
      ? {
          serving: {
            baseUrl: target.baseUrl,
            ownCredentials: serviceHeaders !== undefined,
            provenCallers: callerProof !== undefined,
          },
          switchBy: advice.serveSandbox,
        }
      : { serving: { sandboxAccount: target.sandboxAccount }, switchBy: advice.serveRealApi }),
  }
}

function explain(error: unknown): string {
  if (error instanceof InvalidConfig) return error.mistakes.map((mistake) => `  ${mistake}`).join('\n')
  if (!(error instanceof Error)) return `  ${error}`
  return 'code' in error && error.code === 'EADDRINUSE'
    ? `  ${error.message}. ${advice.otherPort}`
    : `  ${error.message}`
}
