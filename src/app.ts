import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import type { GraphQLSchema } from 'graphql'
import { createYoga } from 'graphql-yoga'
import type { Logger } from 'pino'
import { createContext } from './app/create-context.ts'
import { createCallerReader } from './caller.ts'
import type { Upstream } from './cloudflare/upstream.ts'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { createBoundedCache } from './plugins/bounded-cache.ts'
import { operationNames } from './plugins/operation-names.ts'
import { persistedOperationPlugins } from './plugins/persisted-operations.ts'
import type { Example } from './plugins/read-examples.ts'
import { useAnswerRelease } from './plugins/use-answer-release.ts'
import { useBodyLimit } from './plugins/use-body-limit.ts'
import { useCallerProof } from './plugins/use-caller-proof.ts'
import { useCompiledExecution } from './plugins/use-compiled-execution.ts'
import { useCostLimit } from './plugins/use-cost-limit.ts'
import { useDocumentLimits } from './plugins/use-document-limits.ts'
import { useErrorMapping } from './plugins/use-error-mapping.ts'
import { useGraphiQL } from './plugins/use-graphiql.ts'
import { useHealth } from './plugins/use-health.ts'
import { useHiddenSchema } from './plugins/use-hidden-schema.ts'
import { useIncomplete } from './plugins/use-incomplete.ts'
import { useLoadLimit } from './plugins/use-load-limit.ts'
import { useLoopbackHost } from './plugins/use-loopback-host.ts'
import { type MetricsAccess, useMetrics } from './plugins/use-metrics.ts'
import { useRequestFormat } from './plugins/use-request-format.ts'
import { useRequestId } from './plugins/use-request-id.ts'
import { useRequestLog } from './plugins/use-request-log.ts'
import { useResponseHeaders } from './plugins/use-response-headers.ts'
import { useSharedExecution } from './plugins/use-shared-execution.ts'
import { useTracing } from './plugins/use-tracing.ts'
import { useValidationCache } from './plugins/use-validation-cache.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'
import { createProbe } from './telemetry/probe.ts'
import type { Tracing } from './telemetry/tracing.ts'

export type AppOptions = {
  readonly config: Config
  readonly upstream: Upstream
  readonly logger: Logger
  readonly schema: GraphQLSchema
  /** What GraphiQL offers to learn from. */
  readonly examples?: readonly Example[]
  /** Documents by hash, which clients may send in place of them. */
  readonly manifest?: ReadonlyMap<string, string>
  /** Whether balancers should send more; it may say no before it takes no new work. */
  readonly isReady?: () => boolean
  /** Whether the process is about to end and takes no new work. */
  readonly isDraining?: () => boolean
  /** Requests that the process has not answered yet. */
  readonly inFlight?: () => number
  /** Where figures are kept; without it, where only this app does. */
  readonly metrics?: Metrics
  /** The figures of all processes that answer here, as Prometheus reads them. */
  readonly readMetrics?: () => Promise<string>
  /** Without it no traces are made. */
  readonly tracing?: Tracing | undefined
}

/** Path of the GraphQL endpoint, and of GraphiQL. */
export const endpoint = '/graphql'
const maxBodyBytes = 1024 * 1024
// Characters of all documents whose parsed form is kept; that takes some hundred bytes for each of them.
const maxCachedCharacters = 1024 * 1024

/** The gateway as a handler of `fetch` and of `node:http`; it opens nothing by itself. */
export function createApp({
  config,
  upstream,
  logger,
  schema,
  examples = [],
  manifest = new Map(),
  isReady = () => true,
  isDraining = () => false,
  inFlight = () => 0,
  metrics = createMetrics({ load: upstream.load, inFlight, operationNames: operationNames(manifest) }),
  readMetrics = () => metrics.registry.metrics(),
  tracing,
}: AppOptions) {
  const { callerProof, maxInFlight } = config
  const isOpen = config.serviceHeaders !== undefined && callerProof === undefined
  const probe = createProbe(metrics, tracing)
  const contextParts = { config, upstream, logger, metrics, tracing, probe }
  return createYoga<object, Context>({
    schema,
    context: ({ request }) => createContext(request, contextParts),
    graphqlEndpoint: endpoint,
    // Yoga's own: its health check answers every URL with that ending, and a space ends none.
    healthCheckEndpoint: ' ',
    landingPage: false,
    graphiql: false,
    logging: false,
    maskedErrors: false,
    multipart: false,
    batching: false,
    // Its own makes every body cost as much as a long one: see `useBodyLimit`.
    maxRequestBodySize: false,
    parserAndValidationCache: {
      documentCache: createParseCache(),
      errorCache: createParseCache(),
      // See `useValidationCache`.
      validationCache: false,
    },
    cors: config.corsOrigins.length === 0 ? false : (request) => corsFor(request, config.corsOrigins),
    plugins: [
      useRequestId(),
      useErrorMapping(logger),
      useRequestLog(logger),
      ...(tracing ? [useTracing(tracing, { endpoint })] : []),
      useMetrics({ metrics, read: readMetrics, access: metricsAccess(config), endpoint }),
      useResponseHeaders({ variesByOrigin: config.corsOrigins.length > 0 }),
      useHealth({ isReady, isDraining }),
      useLoadLimit({ inFlight, maxInFlight }),
      ...(isOpen ? [useLoopbackHost()] : []),
      ...(config.graphiql ? [useGraphiQL({ endpoint, examples })] : []),
      // From here on every request needs a caller; the page of GraphiQL holds nothing.
      ...(callerProof ? [useCallerProof(createCallerReader(callerProof), logger)] : []),
      useRequestFormat(),
      useBodyLimit(maxBodyBytes),
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', 'apollo-require-preflight'] }),
      ...persistedOperationPlugins({ manifest, only: config.persistedOperationsOnly }),
      useDocumentLimits(),
      useValidationCache(),
      useSharedExecution({ metrics }),
      useAnswerRelease(),
      useCostLimit(),
      useIncomplete(),
      useCompiledExecution({ schema }),
      ...(config.introspection ? [] : [useHiddenSchema()]),
    ],
  })
}

/** With a token, who shows it; where callers have to prove themselves, nobody without one. */
function metricsAccess({ metricsToken, callerProof }: Config): MetricsAccess {
  if (metricsToken !== undefined) return { token: metricsToken }
  return callerProof === undefined ? 'everybody' : 'nobody'
}

function createParseCache<Value>() {
  return createBoundedCache<Value>({
    maxEntries: 1_000,
    maxSize: maxCachedCharacters,
    sizeOf: (document) => document.length,
  })
}

/** CORS headers for a listed origin, none for others. Pages send a token, not cookies: no `Allow-Credentials`. */
function corsFor(request: Request, origins: readonly string[]) {
  const origin = request.headers.get('origin')
  if (origin === null || !origins.includes(origin)) return false
  return {
    origin,
    credentials: false,
    methods: ['GET', 'POST'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'x-auth-email',
      'x-auth-key',
      'x-dry-run',
      'x-graphql-yoga-csrf',
      'x-request-id',
    ],
    exposedHeaders: ['retry-after', 'x-request-id'],
    maxAge: 600,
  }
}
