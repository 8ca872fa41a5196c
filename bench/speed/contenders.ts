import type { Contender } from './comparison.ts'
import { startBffProcess, startGatewayProcess } from './processes.ts'

/** This gateway, as built for production; `workers` processes of it where more than one is asked for. */
export async function startGatewayContender(upstreamUrl: string, workers?: string): Promise<Contender> {
  const server = await startGatewayProcess(upstreamUrl, workers === undefined ? {} : { WORKERS: workers })
  return {
    ...server,
    name: 'gateway',
    requestFor: ({ document, variables }, tags) => ({
      path: '/graphql',
      body: JSON.stringify({ query: document, variables: variables(tags) }),
    }),
  }
}

/** The hand-written endpoints. */
export async function startBffContender(upstreamUrl: string): Promise<Contender> {
  return {
    ...(await startBffProcess(upstreamUrl)),
    name: 'BFF',
    requestFor: ({ name, variables }, tags) => ({
      path: `/${name}`,
      body: JSON.stringify({ variables: variables(tags) }),
    }),
  }
}
