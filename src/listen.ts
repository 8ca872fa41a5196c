import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

// A caller who sends slowly holds a place among those that are worked on: a mebibyte takes no longer on any line worth the name.
const timeouts = {
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
} as const

/** A server that listens. */
export type Listening = {
  /** The one in use, also where port 0 asked for any. */
  readonly port: number
  /** Requests that are not answered yet. */
  inFlight(): number
  /** Waits until what is in flight now is answered, at most `graceMs`; then closes every connection and stops listening. */
  drain(graceMs: number): Promise<void>
}

/**
 * Serves `handler` over HTTP. While it drains it still listens, so that the handler can refuse new requests in words.
 * @throws the error of `node:net` where it cannot listen: `EADDRINUSE`, `EACCES`, `ENOTFOUND`.
 */
export async function listen(
  handler: RequestListener,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const inFlight = new Set<ServerResponse>()
  const server = createServer(timeouts, (request, response) => {
    inFlight.add(response)
    response.once('close', () => inFlight.delete(response))
    // RFC 9112, section 3.2: a Host that is none is refused, and no handler has to survive it.
    if (URL.canParse(`http://${request.headers.host ?? 'localhost'}${request.url}`))
      handler(request, response)
    else response.writeHead(400, { connection: 'close' }).end()
  })
  await once(server.listen(port, host), 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    inFlight: () => inFlight.size,
    async drain(graceMs) {
      const answered = Promise.allSettled([...inFlight].map((response) => once(response, 'close')))
      await Promise.race([answered, delay(graceMs, undefined, { ref: false })])
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
