import { createHash } from 'node:crypto'
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway'
import { getOperationAST, print } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { onTestFinished, vi } from 'vitest'
import { createRouter, credentials, gatewaySubgraph } from '../../../examples/federation/router.ts'
import type { Answer } from '../../support/gateway.ts'
import { serve } from './supergraph.ts'

const passedToAll = ['x-request-id']
const passedToGateway = [...passedToAll, ...credentials]

/** A router over a supergraph, listening. */
export type Router = {
  query<Data = unknown>(
    document: string,
    variables?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<Data>>
}

/** Routers that a supergraph is run with, by name. */
export const routers: readonly (readonly [
  name: string,
  start: (supergraphSdl: string) => Promise<Router>,
])[] = [
  ['Hive Gateway', startHiveGateway],
  ['@apollo/gateway', startApolloGateway],
]

/** The router of the example. */
export async function startHiveGateway(supergraphSdl: string): Promise<Router> {
  const router = createRouter(supergraphSdl)
  onTestFinished(async () => router[Symbol.asyncDispose]())
  return asking(await serve(router))
}

async function startApolloGateway(supergraphSdl: string): Promise<Router> {
  // It would look for a cloud to report to.
  vi.stubEnv('APOLLO_TELEMETRY_DISABLED', 'true')
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ url = '', name }) =>
      new RemoteGraphQLDataSource({
        url,
        willSendRequest({ request, context }) {
          for (const header of name === gatewaySubgraph ? passedToGateway : passedToAll) {
            const value = 'request' in context ? context.request.headers.get(header) : null
            if (value !== null) request.http?.headers.set(header, value)
          }
        },
      }),
  })
  const { schema, executor } = await gateway.load()
  onTestFinished(async () => {
    await gateway.stop()
    vi.unstubAllEnvs()
  })
  const planned: Plugin = {
    onExecute({ args, setExecuteFn }) {
      const { document, operationName } = args
      const source = print(document)
      const request = {
        schema,
        document,
        source,
        queryHash: createHash('sha256').update(source).digest('hex'),
        operationName,
        operation: getOperationAST(document, operationName),
        request: { query: source, variables: args.variableValues, operationName },
        context: args.contextValue,
        logger: console,
        metrics: {},
      }
      // What the executor reads of a request of Apollo Server, and not all that its type names.
      setExecuteFn(() => executor(Object(request)))
    },
  }
  return asking(
    await serve(
      createYoga({ schema, maskedErrors: false, logging: false, graphiql: false, plugins: [planned] }),
    ),
  )
}

/** The router that listens at a URL. Sends a bearer token unless told otherwise. */
export function asking(url: string): Router {
  return {
    async query(query, variables, headers = { authorization: 'Bearer token-of-a-test' }) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      })
      return {
        data: null,
        errors: undefined,
        extensions: undefined,
        ...(await response.json()),
        status: response.status,
        headers: response.headers,
      }
    },
  }
}
