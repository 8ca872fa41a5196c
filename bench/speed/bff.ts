import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { endpoints, type Variables } from './endpoints.ts'
import { createRestCalls } from './rest-calls.ts'

/** A backend for one frontend: what a team would write by hand instead of a gateway. */
export type Bff = { readonly url: string; close(): Promise<void> }

/** Serves each endpoint as `POST /<name>` with a body of `{ variables }`, and answers `{ data }`. */
export async function startBff(baseUrl: string): Promise<Bff> {
  const rest = createRestCalls(baseUrl)

  async function answer(request: IncomingMessage, body: string): Promise<unknown> {
    const endpoint = endpoints[request.url?.slice(1) ?? '']
    if (endpoint === undefined) return undefined
    const { variables } = JSON.parse(body) as { readonly variables: Variables }
    return { data: await endpoint(rest, request.headers, variables) }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    const send = (status: number, body: unknown) => {
      const json = JSON.stringify(body)
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(json),
      })
      response.end(json)
    }
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      answer(request, Buffer.concat(chunks).toString()).then(
        (body) => (body === undefined ? send(404, { error: 'no such endpoint' }) : send(200, body)),
        () => send(502, { error: 'the upstream failed' }),
      )
    })
  })
  server.keepAliveTimeout = 65_000
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await rest.close()
    },
  }
}
