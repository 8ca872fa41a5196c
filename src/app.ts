import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import type { GraphQLSchema } from 'graphql'
import { createYoga } from 'graphql-yoga'
import type { Logger } from 'pino'
import { createCallerReader } from './caller.ts'
import type { Upstream } from './cloudflare/upstream.ts'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { createCallBudget } from './cost/call-budget.ts'
import { chooseCredentials, missingCredentials } from './credentials.ts'
import { createBoundedCache } from './plugins/bounded-cache.ts'
import { persistedOperationPlugins } from './plugins/persisted-operations.ts'
import { provenCaller, useCallerProof } from './plugins/use-caller-proof.ts'
import { useCostLimit } from './plugins/use-cost-limit.ts'
import { useDocumentLimits } from './plugins/use-document-limits.ts'
import { useErrorMapping } from './plugins/use-error-mapping.ts'
import { useGraphiQL } from './plugins/use-graphiql.ts'
import { useHealth } from './plugins/use-health.ts'
import { useHiddenSchema } from './plugins/use-hidden-schema.ts'
import { useIncomplete } from './plugins/use-incomplete.ts'
import { useLoadLimit } from './plugins/use-load-limit.ts'
import { useLoopbackHost } from './plugins/use-loopback-host.ts'
import { useRequestFormat } from './plugins/use-request-format.ts'
import { requestIdOf, useRequestId } from './plugins/use-request-id.ts'
import { useRequestLog } from './plugins/use-request-log.ts'
import { useResponseHeaders } from './plugins/use-response-headers.ts'

export type AppOptions = {
  readonly config: Config
  readonly upstream: Upstream
  readonly logger: Logger
  readonly schema: GraphQLSchema
  /** Queries that GraphiQL opens with, a tab each. */
  readonly examples?: readonly string[]
  /** Documents by hash, which clients may send in place of them. */
  readonly manifest?: ReadonlyMap<string, string>
  /** Whether the process is about to end and takes no new work. */
  readonly isDraining?: () => boolean
  /** Requests that the process has not answered yet. */
  readonly inFlight?: () => number
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
  isDraining = () => false,
  inFlight = () => 0,
}: AppOptions) {
  const { callerProof, maxInFlight } = config
  const isOpen = config.serviceHeaders !== undefined && callerProof === undefined
  return createYoga<object, Context>({
    schema,
    context: ({ request }) => createContext(request, { config, upstream, logger }),
    graphqlEndpoint: endpoint,
    // Yoga's own: its health check answers every URL with that ending, and a space ends none.
    healthCheckEndpoint: ' ',
    landingPage: false,
    graphiql: false,
    logging: false,
    maskedErrors: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: maxBodyBytes,
    parserAndValidationCache: { documentCache: createParseCache(), errorCache: createParseCache() },
    cors: config.corsOrigins.length === 0 ? false : (request) => corsFor(request, config.corsOrigins),
    plugins: [
      useRequestId(),
      useErrorMapping(logger),
      useRequestLog(logger),
      useResponseHeaders({ variesByOrigin: config.corsOrigins.length > 0 }),
      useHealth({ isDraining }),
      useLoadLimit({ inFlight, maxInFlight }),
      ...(isOpen ? [useLoopbackHost()] : []),
      ...(config.graphiql ? [useGraphiQL({ endpoint, examples })] : []),
      // From here on every request needs a caller; the page of GraphiQL holds nothing.
      ...(callerProof ? [useCallerProof(createCallerReader(callerProof), logger)] : []),
      useRequestFormat(),
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', 'apollo-require-preflight'] }),
      ...persistedOperationPlugins({ manifest, only: config.persistedOperationsOnly }),
      useDocumentLimits(),
      useCostLimit(),
      useIncomplete(),
      ...(config.introspection ? [] : [useHiddenSchema()]),
    ],
  })
}

type ContextParts = Pick<AppOptions, 'config' | 'upstream' | 'logger'>

/** @throws UnusableCredentials where the request has some that cannot go upstream, or has to prove who sent it and does not. */
function createContext(request: Request, { config, upstream, logger }: ContextParts): Context {
  const budget = createCallBudget(config.maxRestCalls)
  const log = logger.child({ requestId: requestIdOf(request) })
  const headers = chooseCredentials(request.headers, {
    own: config.serviceHeaders,
    toSandbox: config.baseUrl === undefined,
  })
  const accounts = config.callerProof && provenCaller(request).accounts
  const permits = accounts && ((accountTag: string) => accounts.has(accountTag.toLowerCase()))
  const client = upstream.client({
    credentials: { headers: headers ?? {} },
    permits,
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(config.operationTimeoutMs)]),
    admit() {
      if (headers === undefined) throw missingCredentials()
      budget.admit()
    },
    observe: (call) => log.debug(call, 'rest call'),
  })
  return {
    rest: headers === undefined ? { ...client, reserve: refuse } : client,
    budget,
    permits,
    log,
    incomplete: [],
  }
}

/** Without credentials nothing can be set aside: an operation with a price ends here, before any of it runs. */
function refuse(): never {
  throw missingCredentials()
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
