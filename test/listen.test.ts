import { EventEmitter, once } from 'node:events'
import { Agent, get, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../src/listen.ts'

test('port 0 takes a free port and tells which', async () => {
  const { server, url } = await serve((_, response) => response.end('hello'))
  expect(server.port).toBeGreaterThan(0)
  expect(await (await fetch(url)).text()).toBe('hello')
})

test('a port in use fails with EADDRINUSE', async () => {
  const { server } = await serve((_, response) => response.end())
  const second = listen(() => {}, { host: '127.0.0.1', port: server.port })
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test.each(['a b', '[', ':::', 'x:99999999'])(
  'the Host %j is refused before any handler sees it',
  async (host) => {
    const { server } = await serve(() => expect.unreachable())
    const { statusCode } = await getWithHost(server.port, host)
    expect(statusCode).toBe(400)
  },
)

test('draining finishes what is in flight, and then nobody listens', async () => {
  const { server, url, nextHeld } = await serveHeld()
  const answer = fetch(url)
  const response = await nextHeld()
  expect(server.inFlight()).toBe(1)

  const drained = server.drain(60_000)
  response.end('finished')
  expect(await (await answer).text()).toBe('finished')
  await drained
  expect(server.inFlight()).toBe(0)
  await expect(fetch(url)).rejects.toThrow()
})

test('a draining server still answers, so that it can refuse', async () => {
  const { server, url, nextHeld } = await serveHeld()
  const slow = fetch(url)
  const response = await nextHeld()
  const drained = server.drain(60_000)
  expect((await fetch(`${url}refuse`)).status).toBe(503)
  response.end()
  expect((await slow).status).toBe(200)
  await drained
})

test('what is not finished within the grace is cut', async () => {
  const { server, url, nextHeld } = await serveHeld()
  const cut = expect(fetch(url)).rejects.toThrow()
  await nextHeld()
  await server.drain(1)
  await cut
})

test('a caller who left is not waited for', async () => {
  const { server, url, nextHeld } = await serveHeld()
  const leaving = new AbortController()
  const left = expect(fetch(url, { signal: leaving.signal })).rejects.toThrow()
  const response = await nextHeld()
  leaving.abort()
  await left
  if (!response.closed) await once(response, 'close')
  expect(server.inFlight()).toBe(0)
  await server.drain(60_000)
})

test('who leaves takes no new connection, answers on the open ones, and ends each with its answer', async () => {
  const { server, url, nextHeld } = await serveHeld()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  expect((await getThrough(agent, `${url}refuse`)).headers.connection).toBe('keep-alive')
  const early = fetch(url)
  const earlyResponse = await nextHeld()

  const left = server.leave(60_000)
  await expect(fetch(`${url}refuse`)).rejects.toThrow()
  const late = await getThrough(agent, `${url}refuse`)
  expect([late.statusCode, late.headers.connection]).toEqual([503, 'close'])
  earlyResponse.end('finished')
  expect(await (await early).text()).toBe('finished')
  await left
})

test('who leaves does not wait longer than the grace for those who do not read', async () => {
  const { server, url, nextHeld } = await serveHeld()
  const cut = expect(fetch(url)).rejects.toThrow()
  await nextHeld()
  await server.leave(1)
  await cut
})

async function getThrough(agent: Agent, url: string): Promise<IncomingMessage> {
  const [response] = await once(get(url, { agent }), 'response')
  response.resume()
  await once(response, 'close')
  return response
}

/** `fetch` sends no Host but the one of its URL. */
async function getWithHost(port: number, host: string): Promise<IncomingMessage> {
  const [response] = await once(get({ host: '127.0.0.1', port, headers: { host } }), 'response')
  response.resume()
  return response
}

async function serve(handler: RequestListener) {
  const server = await listen(handler, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.drain(0))
  return { server, url: `http://127.0.0.1:${server.port}/` }
}

/** Answers `/refuse` with 503, and keeps any other request waiting; `nextHeld` is the response of the next of those. */
async function serveHeld() {
  const held = new EventEmitter()
  const served = await serve((request, response) => {
    if (request.url === '/refuse') response.writeHead(503).end()
    else held.emit('request', response)
  })
  const nextHeld = async (): Promise<ServerResponse> => (await once(held, 'request'))[0]
  return { ...served, nextHeld }
}
