import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import type { GraphQLSchema } from 'graphql'
import { createYoga } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Upstream } from './cloudflare/upstream.ts'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { createCallBudget } from './cost/call-budget.ts'
import { chooseCredentials, missingCredentials } from './credentials.ts'
import { useCostLimit } from './plugins/use-cost-limit.ts'
import { useErrorMapping } from './plugins/use-error-mapping.ts'
import { useGraphiQL } from './plugins/use-graphiql.ts'
import { useHealth } from './plugins/use-health.ts'
import { useHiddenSchema } from './plugins/use-hidden-schema.ts'
import { useIncomplete } from './plugins/use-incomplete.ts'
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
  /** Whether the process is about to end and takes no new work. */
  readonly isDraining?: () => boolean
}

/** Path of the GraphQL endpoint, and of GraphiQL. */
export const endpoint = '/graphql'
const maxBodyBytes = 1024 * 1024

/** The gateway as a handler of `fetch` and of `node:http`; it opens nothing by itself. */
export function createApp({
  config,
  upstream,
  logger,
  schema,
  examples = [],
  isDraining = () => false,
}: AppOptions) {
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
    cors: config.corsOrigins.length === 0 ? false : (request) => corsFor(request, config.corsOrigins),
    plugins: [
      useRequestId(),
      useErrorMapping(logger),
      useRequestLog(logger),
      useResponseHeaders({ variesByOrigin: config.corsOrigins.length > 0 }),
      useHealth({ isDraining }),
      ...(config.graphiql ? [useGraphiQL({ endpoint, examples })] : []),
      useRequestFormat(),
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', 'apollo-require-preflight'] }),
      useCostLimit(),
      useIncomplete(),
      ...(config.introspection ? [] : [useHiddenSchema()]),
    ],
  })
}

type ContextParts = Pick<AppOptions, 'config' | 'upstream' | 'logger'>

/** @throws UnusableCredentials where the request has some that cannot go upstream. */
function createContext(request: Request, { config, upstream, logger }: ContextParts): Context {
  const budget = createCallBudget(config.maxRestCalls)
  const log = logger.child({ requestId: requestIdOf(request) })
  const headers = chooseCredentials(request.headers, {
    own: config.serviceHeaders,
    toSandbox: config.baseUrl === undefined,
  })
  const client = upstream.client({
    credentials: { headers: headers ?? {} },
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
    log,
    incomplete: [],
  }
}

/** Without credentials nothing can be set aside: an operation with a price ends here, before any of it runs. */
function refuse(): never {
  throw missingCredentials()
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
