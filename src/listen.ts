import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { OpenResponses } from './open-responses.ts'

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
  /**
   * Stops listening, and leaves new connections to whoever listens on the same port. What comes on the open ones is still answered, and ends
   * its connection; so nobody who sends a request meets a closed door. Waits until all are ended, at most `graceMs`, and then cuts them.
   */
  leave(graceMs: number): Promise<void>
}

/**
 * Serves `handler` over HTTP. While it drains it still listens, so that the handler can refuse new requests in words.
 * @throws the error of `node:net` where it cannot listen: `EADDRINUSE`, `EACCES`, `ENOTFOUND`.
 */
export async function listen(
  handler: RequestListener,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const inFlight = new OpenResponses()
  let leaving = false
  // Most requests have the address of the one before, and parsing it takes longer than comparing it.
  let lastAddress = ''
  const isAddress = (address: string): boolean => {
    if (address === lastAddress) return true
    if (!URL.canParse(address)) return false
    lastAddress = address
    return true
  }
  const server = createServer(timeouts, (request, response) => {
    inFlight.add(response)
    if (leaving) endConnectionWith(response)
    // RFC 9112, section 3.2: a Host that is none is refused, and no handler has to survive it.
    if (isAddress(`http://${request.headers.host ?? 'localhost'}${request.url}`)) handler(request, response)
    else response.writeHead(400, { connection: 'close' }).end()
  })
  await once(server.listen(port, host), 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    inFlight: () => inFlight.size(),
    async drain(graceMs) {
      const answered = Promise.allSettled(inFlight.all().map((response) => once(response, 'close')))
      await Promise.race([answered, delay(graceMs, undefined, { ref: false })])
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
    async leave(graceMs) {
      leaving = true
      for (const response of inFlight.all()) endConnectionWith(response)
      // The one of `node:http` would cut idle connections, on one of which a request may be on its way. They end by their own time limit.
      const closed = new Promise((resolve) => Server.prototype.close.call(server, resolve))
      await Promise.race([closed, delay(graceMs, undefined, { ref: false })])
      server.closeAllConnections()
      await closed
    },
  }
}

function endConnectionWith(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close')
}
