import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { createMetrics, type Metrics, type MetricsOptions } from './metrics.ts'
import { addProcessMetrics, type Runtime } from './process-metrics.ts'
import type { Tracing } from './tracing.ts'

/** Metrics, and traces where they are on. */
export type Telemetry = {
  readonly metrics: Metrics
  readonly tracing: Tracing | undefined
  /** Sends what is left and stops measuring, in bounded time. */
  close(): Promise<void>
}

/** `server` is where REST calls go, `runtime` the process that is measured. */
export type TelemetryOptions = MetricsOptions & {
  readonly server: string
  readonly runtime: Runtime
  readonly logger: Logger
}

/** Starts what watches a process. */
export async function startTelemetry(config: Config, options: TelemetryOptions): Promise<Telemetry> {
  const tracing = await startTracingIf(config, options)
  const metrics = createMetrics(options)
  const stopMeasuring = addProcessMetrics(metrics.registry, options.runtime)
  return {
    metrics,
    tracing,
    async close() {
      stopMeasuring()
      await tracing?.close()
    },
  }
}

async function startTracingIf(
  { tracing: settings }: Config,
  { server, logger }: TelemetryOptions,
): Promise<Tracing | undefined> {
  if (settings === undefined) return undefined
  // Loaded here and nowhere else: without traces nothing of OpenTelemetry is.
  const { startTracing } = await import('./tracing.ts')
  return startTracing(settings, { server, logger })
}
