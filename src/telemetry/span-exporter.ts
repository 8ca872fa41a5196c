import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Logger } from 'pino'
import type { TracingSettings } from '../config/tracing-settings.ts'

/** Sends spans as OTLP over HTTP. The first export that fails is told of, and the next one after one that went well. */
export function createSpanExporter(
  { url, headers, timeoutMs }: TracingSettings,
  logger: Logger,
): SpanExporter {
  const otlp = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs })
  let isFailing = false
  return {
    export(spans, done) {
      otlp.export(spans, (result) => {
        const { error } = result
        if (error !== undefined && !isFailing)
          logger.warn({ reason: error.message }, 'traces cannot be exported')
        isFailing = error !== undefined
        done(result)
      })
    },
    shutdown: () => otlp.shutdown(),
    forceFlush: () => otlp.forceFlush(),
  }
}
