import type { RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { composeSupergraph, type Subgraph } from '../../../examples/federation/compose.ts'
import { createDirectory, type Staff } from '../../../examples/federation/directory.ts'
import { gatewaySubgraph } from '../../../examples/federation/router.ts'
import { listen } from '../../../src/listen.ts'
import { type Gateway, type GatewayOptions, startGateway } from '../../support/gateway.ts'

/** A request as a subgraph got it. */
export type SubgraphRequest = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>> | undefined
}

/** The two subgraphs, listening, and what they were asked since the start or the last `clear`. */
export type Supergraph = {
  readonly gateway: Gateway
  readonly subgraphs: readonly Subgraph[]
  readonly sdl: string
  readonly asked: Readonly<Record<'iam' | 'directory', readonly SubgraphRequest[]>>
  clear(): void
}

/** Starts the gateway and the directory and composes them, for the running test. */
export async function startSupergraph({
  staff,
  ...options
}: GatewayOptions & { readonly staff?: Staff } = {}): Promise<Supergraph> {
  const gateway = await startGateway(options)
  const asked = { iam: [] as SubgraphRequest[], directory: [] as SubgraphRequest[] }
  const iam = await serve(noting(asked.iam, gateway.fetch))
  const { fetch } = createDirectory(staff)
  const directory = await serve(
    noting(asked.directory, async (path, init) => fetch(`http://directory.test${path}`, init ?? {})),
  )
  const subgraphs = [
    { name: gatewaySubgraph, url: iam },
    { name: 'directory', url: directory },
  ]
  const sdl = await composeSupergraph(subgraphs)
  const clear = () => {
    for (const requests of Object.values(asked)) requests.length = 0
    gateway.sandbox.clearRequests()
  }
  clear()
  return { gateway, subgraphs, sdl, asked, clear }
}

/** Serves a handler until the test ends, and gives the URL of its GraphQL endpoint. */
export async function serve(handler: RequestListener): Promise<string> {
  const { port, drain } = await listen(handler, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => drain(0))
  return `http://127.0.0.1:${port}/graphql`
}

/** A handler of `node:http` that notes what it is asked, and has it answered by a handler of `fetch`. */
function noting(requests: SubgraphRequest[], answer: Gateway['fetch']): RequestListener {
  return async (request, response) => {
    const { method = 'POST', url = '/', headers } = request
    const body = await text(request)
    const { query, variables } = JSON.parse(body)
    requests.push({ headers, query, variables })
    const sent = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
    const answered = await answer(url, { method, headers: sent, body })
    response.writeHead(answered.status, Object.fromEntries(answered.headers)).end(await answered.text())
  }
}
