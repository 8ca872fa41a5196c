import cluster from 'node:cluster'
import { existsSync, realpathSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Logger } from 'pino'
import { endpoint } from './app.ts'
import { advice, type Config, parseConfig } from './config.ts'
import { obeyOrders, tellStartFailure } from './processes/obey-orders.ts'
import { type Assignment, readAssignment } from './processes/orders.ts'
import { type Supervision, supervise } from './processes/supervise.ts'
import { type Gateway, startGateway, type Target } from './start-gateway.ts'
import { gatherMetrics, shareMetrics } from './telemetry/cluster-metrics.ts'
import { createLogger } from './telemetry/logger.ts'
import { type Start, startText } from './telemetry/start-text.ts'

const [, program = '', ...args] = process.argv
if (existsSync(program) && realpathSync(program) === import.meta.filename) await main()

/** Runs the gateway until a signal ends it. A start that fails says why, and the process exits with 1. */
async function main(): Promise<void> {
  const assignment = readAssignment(args)
  try {
    const config = parseConfig(process.env)
    const count = config.workers === 'auto' ? availableParallelism() : config.workers
    if (assignment !== undefined) await work(config, assignment)
    else if (count > 1) await runWorkers(config, count)
    else await runAlone(config)
  } catch (error) {
    if (assignment !== undefined) return tellStartFailure(explain(error))
    const lines = explain(error).split('\n')
    process.stderr.write(`The gateway did not start:\n${lines.map((line) => `  ${line}\n`).join('')}`)
    process.exitCode = 1
  }
}

async function runAlone(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel)
  const target = await openTarget(config)
  const gateway = await startGateway(config, { target, logger, runtime: process }).catch(closing(target))
  announce(startOf(config, gateway, target), config, logger)
  onEndSignal(async () => {
    await gateway.drain()
    await target.close()
  })
}

/** Serves nothing itself: it runs the sandbox where there is one, and the processes that serve. */
async function runWorkers(config: Config, count: number): Promise<void> {
  const logger = createLogger(config.logLevel)
  const target = await openTarget(config)
  const { baseUrl, sandboxAccount: account } = target
  gatherMetrics(cluster)
  let replaceAll: Supervision['replaceAll'] | undefined
  // Not SIGHUP: that is also what the end of a terminal session sends, and Node keeps SIGUSR1 for its debugger.
  process.on('SIGUSR2', () => void replaceAll?.())
  const supervision = await supervise({
    count,
    assignment: { processes: count, sandbox: account === undefined ? undefined : { baseUrl, account } },
    graceMs: config.operationTimeoutMs,
    logger,
  }).catch(closing(target))
  replaceAll = supervision.replaceAll
  announce(startOf(config, supervision, target), config, logger)
  onEndSignal(async () => {
    await supervision.stop()
    await target.close()
    logger.info('all stopped')
  })
}

/** One of those processes. It ends when it is told to, or with the process that started it. */
async function work(config: Config, { sandbox, processes }: Assignment): Promise<void> {
  const logger = createLogger(config.logLevel).child({ worker: process.pid })
  const target = { baseUrl: sandbox?.baseUrl ?? config.baseUrl ?? '', sandboxAccount: sandbox?.account }
  let started: Gateway | undefined
  const { read: readMetrics, tellLast } = shareMetrics(cluster.worker, () => started?.metrics.registry)
  const gateway = await startGateway(config, {
    target,
    logger,
    runtime: process,
    processes,
    readMetrics,
  })
  started = gateway
  const { leave } = obeyOrders({
    ...gateway,
    drain: () => gateway.drain().finally(tellLast),
    leave: () => gateway.leave().finally(tellLast),
  })
  // From a terminal it reaches every process, and is for the one that started the others.
  process.on('SIGINT', () => {})
  process.once('SIGTERM', () => void leave())
}

/** A second signal finds no listener, and ends the process at once. */
function onEndSignal(end: () => Promise<void>): void {
  const signals = ['SIGTERM', 'SIGINT'] as const
  const stop = () => {
    for (const signal of signals) process.off(signal, stop)
    void end()
  }
  for (const signal of signals) process.on(signal, stop)
}

function closing(target: OpenTarget): (error: unknown) => Promise<never> {
  return async (error) => {
    await target.close()
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

type OpenTarget = Target & { close(): Promise<void> }

async function openTarget({ baseUrl }: Config): Promise<OpenTarget> {
  if (baseUrl !== undefined) return { baseUrl, sandboxAccount: undefined, close: async () => {} }
  // Loaded here and nowhere else: a gateway that serves the real API has nothing of the sandbox in it.
  const { startSandbox } = await import('./sandbox/server.ts')
  const sandbox = await startSandbox()
  return { baseUrl: sandbox.url, sandboxAccount: sandbox.accountTag, close: () => sandbox.close() }
}

function startOf(
  { host, graphiql, serviceHeaders, callerProof }: Config,
  { port }: { readonly port: number },
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
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && error.code === 'EADDRINUSE'
    ? `${error.message}. ${advice.otherPort}`
    : error.message
}
