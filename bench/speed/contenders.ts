import type { Contender } from './comparison.ts'
import { startBffProcess, startGatewayProcess } from './processes.ts'

/** This gateway, as built for production, with as many `workers` as `WORKERS` takes. */
export async function startGatewayContender(upstreamUrl: string, workers = '1'): Promise<Contender> {
  const server = await startGatewayProcess(upstreamUrl, { WORKERS: workers })
  return {
    ...server,
    name: workers === '1' ? 'gateway' : `${workers} workers`,
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
