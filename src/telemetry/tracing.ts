import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { Logger } from 'pino'
import type { RestCall } from '../cloudflare/upstream.ts'
import type { TracingSettings } from '../config/tracing-settings.ts'
import { parseTraceparent } from './traceparent.ts'

/** What a span begins with. `parent` are the headers of a request that is answered in it, and may name a span of the caller's. */
export type SpanStart = {
  readonly name: string
  readonly attributes?: Attributes
  readonly parent?: Pick<Headers, 'get'>
}

/** Spans of this process. They hold no argument, no query string, no message of an error, and no header of a caller. */
export type Tracing = {
  /** Runs `work` as a span, below the one that is running; it ends with what `work` answers, a promise too. */
  span<T>(start: SpanStart, work: (span: Span) => T): T
  /** Marks a span as failed; `type` is what OpenTelemetry calls `error.type`. */
  fail(span: Span, type: string): void
  /** One attempt that was sent, as a span that has ended by now. */
  restCall(call: RestCall): void
  /** A read that joined one in flight, which may be part of another trace. */
  joined(call: Pick<RestCall, 'method' | 'template'>): void
  /** Sends what is left, in bounded time. */
  close(): Promise<void>
}

const longestFlushMs = 5_000

/**
 * Makes spans and sends them to a collector, in batches and from a bounded queue: what does not fit, or cannot be sent, is dropped. `server`
 * is where REST calls go. Nothing global is set; the SDK is loaded here, so that without traces nothing of it is.
 */
export async function startTracing(
  settings: TracingSettings,
  { server, logger }: { readonly server: string; readonly logger: Logger },
): Promise<Tracing> {
  const [
    { BasicTracerProvider, BatchSpanProcessor },
    { resourceFromAttributes },
    { createSampler },
    exporter,
  ] = await Promise.all([
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/resources'),
    import('./sampler.ts'),
    import('./span-exporter.ts'),
  ])
  const provider = new BasicTracerProvider({
    sampler: createSampler(settings),
    resource: resourceFromAttributes({
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
      ...settings.resourceAttributes,
      'service.name': settings.serviceName,
    }),
    spanProcessors: [new BatchSpanProcessor(exporter.createSpanExporter(settings, logger))],
  })
  return {
    ...createSpans(provider.getTracer('cloudflare-iam-graphql'), server),
    async close() {
      const closed = provider.shutdown().catch(() => undefined)
      await Promise.race([closed, delay(longestFlushMs, undefined, { ref: false })])
    },
  }
}

function createSpans(tracer: Tracer, server: string): Omit<Tracing, 'close'> {
  const running = new AsyncLocalStorage<Context>()
  const { hostname, port, protocol } = new URL(server)
  const address = {
    'server.address': hostname.replace(/^\[|\]$/g, ''),
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
  }
  return {
    span({ name, attributes = {}, parent }, work) {
      const above = parent === undefined ? (running.getStore() ?? ROOT_CONTEXT) : contextOf(parent)
      const kind = parent === undefined ? SpanKind.INTERNAL : SpanKind.SERVER
      const span = tracer.startSpan(name, { kind, attributes }, above)
      return running.run(trace.setSpan(above, span), () => endingWith(span, () => work(span)))
    },
    fail,
    restCall({ method, template, status, attempt, durationMs, failure }) {
      const endMs = Date.now()
      const attributes = {
        ...address,
        'http.request.method': method,
        'url.template': template,
        ...(status !== undefined && { 'http.response.status_code': status }),
        ...(attempt > 1 && { 'http.request.resend_count': attempt - 1 }),
      }
      const options = { kind: SpanKind.CLIENT, attributes, startTime: endMs - durationMs }
      const span = tracer.startSpan(`${method} ${template}`, options, running.getStore() ?? ROOT_CONTEXT)
      if (failure !== undefined) fail(span, errorType(status, failure))
      span.end(endMs)
    },
    joined({ method, template }) {
      const span = trace.getSpan(running.getStore() ?? ROOT_CONTEXT)
      span?.addEvent('joined a REST call in flight', {
        'http.request.method': method,
        'url.template': template,
      })
    },
  }
}

function contextOf(headers: Pick<Headers, 'get'>): Context {
  const caller = parseTraceparent(headers)
  return caller === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, caller)
}

function endingWith<T>(span: Span, work: () => T): T {
  const succeed = () => span.end()
  const endFailed = (error: unknown) => {
    fail(span, error instanceof Error ? error.name : 'Error')
    span.end()
  }
  try {
    const result = work()
    // The promise goes on as it is: only its end is listened to.
    if (isThenable(result)) void Promise.resolve(result).then(succeed, endFailed)
    else succeed()
    return result
  } catch (error) {
    endFailed(error)
    throw error
  }
}

function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Of HTTP, the status where it says that something went wrong; else the kind of failure. */
function errorType(status: number | undefined, failure: string): string {
  return status !== undefined && status >= 400 ? String(status) : failure
}
