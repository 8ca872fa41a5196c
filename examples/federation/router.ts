import { createGatewayRuntime, type GatewayConfigSupergraph } from '@graphql-hive/gateway-runtime'
import { buildHTTPExecutor } from '@graphql-tools/executor-http'

/** The subgraph that the credentials are for: no other gets to see them. */
export const gatewaySubgraph = 'iam'
/** The headers that may hold some. */
export const credentials: readonly string[] = ['authorization', 'x-auth-email', 'x-auth-key']

export type RouterOptions = Pick<GatewayConfigSupergraph, 'demandControl' | 'renderGraphiQL'>

/** Hive Gateway over a composed supergraph, as a handler of `fetch` and of `node:http`. */
export function createRouter(supergraph: string, options: RouterOptions = {}) {
  return createGatewayRuntime({
    ...options,
    supergraph,
    transports: { http },
    propagateHeaders: {
      fromClientToSubgraphs({ request, subgraphName }) {
        if (subgraphName !== gatewaySubgraph) return {}
        return Object.fromEntries(credentials.map((name) => [name, request.headers.get(name)]))
      },
      fromSubgraphsToClient: ({ response }) => ({ 'retry-after': response.headers.get('retry-after') }),
    },
    landingPage: false,
    logging: 'error',
  })
}

type Transports = Extract<GatewayConfigSupergraph['transports'], Readonly<Record<string, unknown>>>

// What the package `@graphql-mesh/transport-http` does, as far as it is needed here.
const http: Transports[string] = {
  getSubgraphExecutor({ transportEntry: { location = '' }, fetch, getDisposeReason }) {
    return buildHTTPExecutor({
      endpoint: location,
      ...(fetch && {
        fetch: async (url, { headers, ...init } = {}, context, info) =>
          fetch(url, { ...init, headers: Object.fromEntries(new Headers(headers)) }, context, info),
      }),
      ...(getDisposeReason && { getDisposeReason }),
    })
  },
}
