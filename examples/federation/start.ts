import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { composeSupergraph } from './compose.ts'
import { createDirectory } from './directory.ts'
import { startGatewayProcess } from './gateway-process.ts'
import { queries } from './queries.ts'
import { createRouter, gatewaySubgraph } from './router.ts'
import { welcome } from './welcome.ts'

try {
  await run(Number(process.env.PORT ?? 4000))
} catch (error) {
  process.stderr.write(`The supergraph stopped: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
// What still listens serves nobody any more.
process.exit()

/** Runs both subgraphs and the router until a signal ends them. @throws Error where one of them cannot start, or the gateway ends. */
async function run(port: number): Promise<void> {
  const gateway = await startGatewayProcess(new URL('../main.js', import.meta.url))
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  try {
    const subgraphs = [
      { name: gatewaySubgraph, url: gateway.url },
      { name: 'directory', url: await serve(createDirectory(), 0) },
    ]
    const router = createRouter(await composeSupergraph(subgraphs), {
      renderGraphiQL: (options) => renderGraphiQL({ ...options, defaultQuery: queries[0].document }),
    })
    const url = await serve(router, port)
    process.stdout.write(welcome({ url, subgraphs, queries }))
    const died = gateway.ended.then(() => Promise.reject(new Error('the gateway has ended')))
    await Promise.race([stopped, died])
  } finally {
    gateway.stop()
    await gateway.ended
  }
}

/** Listens on a loopback address, and gives the URL of the GraphQL endpoint. */
async function serve(handler: RequestListener, port: number): Promise<string> {
  const server = createServer(handler)
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : port}/graphql`
}
