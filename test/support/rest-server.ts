import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** Answers one request in whatever way a wire allows. */
export type Reply = (response: ServerResponse, request: RecordedRequest) => void

/** A request as it arrived; `line` is its method and path with query. */
export type RecordedRequest = {
  readonly line: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type RestServer = {
  /** With a path, as the real base URL has one. */
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  lines(): readonly string[]
  /** Frees the port; the end of the test does it as well. */
  stop(): Promise<void>
}

/** A server on loopback that gives these replies in turn, the last one for ever after. */
export async function startRestServer(...replies: readonly [Reply, ...Reply[]]): Promise<RestServer> {
  const requests: RecordedRequest[] = []
  const server = createServer(async (request, response) => {
    const recorded = await record(request)
    requests.push(recorded)
    const reply = replies[Math.min(requests.length, replies.length) - 1] ?? replies[0]
    reply(response, recorded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(stop)
  return {
    url: `http://127.0.0.1:${port}/client/v4`,
    requests,
    lines: () => requests.map(({ line }) => line),
    stop,
  }
}

async function record(request: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return {
    line: `${request.method} ${request.url?.replace('/client/v4', '')}`,
    headers: request.headers,
    body: Buffer.concat(chunks).toString(),
  }
}

/** An answer as it stands; what is no string goes out as JSON. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
}

/** A success envelope. */
export function success(result: unknown, resultInfo?: unknown, headers?: Record<string, string>): Reply {
  const envelope = { success: true, errors: [], messages: [], result, result_info: resultInfo }
  return answer(200, envelope, headers)
}

/** A failure envelope with one entry. */
export function failure(
  status: number,
  code: number,
  message: string,
  headers?: Record<string, string>,
): Reply {
  return answer(status, { success: false, errors: [{ code, message }], messages: [], result: null }, headers)
}

/** Cuts the connection instead of answering. */
export const reset: Reply = (response) => {
  response.socket?.resetAndDestroy()
}

/** Never answers. */
export const hang: Reply = () => {}

/** Sends headers and the beginning of a body, and then nothing more. */
export const hangMidBody: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
  response.write('{"success": true, "result": [')
}

/** Sends headers and the beginning of a body, and cuts the connection. */
export const resetMidBody: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
  response.write('{"success": true, "result": [', () => response.socket?.resetAndDestroy())
}

/** A reply that waits for `release`; `arrived` settles when the request is there. */
export function held(reply: Reply): {
  readonly reply: Reply
  readonly arrived: Promise<void>
  release(): void
} {
  let arrive = () => {}
  let release = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  return {
    reply: (response, request) => {
      arrive()
      released.then(() => reply(response, request))
    },
    arrived,
    release: () => release(),
  }
}
