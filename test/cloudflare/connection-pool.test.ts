import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { ConnectionPool } from '../../src/cloudflare/connection-pool.ts'

/** A pool of connections to a server that counts them, can go away, and comes back to the same port. */
async function setUp(listener: RequestListener) {
  const server = createServer(listener)
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  const listen = async (port: number) => {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const port = await listen(0)
  const options = { connectTimeoutMs: 5_000, maxResponseSize: 1_000 }
  const pool = new ConnectionPool(`http://127.0.0.1:${port}`, options)
  onTestFinished(async () => {
    await pool.destroy()
    await stop()
  })
  return { pool, stop, listenAgain: () => listen(port), connections: () => connections }
}

/** The status of an answer, or the code of what went wrong; `abort` gives it up once it was begun. */
function ask(pool: ConnectionPool, path = '/', abort = false): Promise<number | string> {
  return new Promise((resolve) => {
    let status = 0
    pool.dispatch(
      { method: 'GET', path },
      {
        onRequestStart: (controller) => abort && controller.abort(new Error('given up')),
        onResponseStart: (_controller, started) => {
          status = started
        },
        onResponseEnd: () => resolve(status),
        onResponseError: (_controller, error) =>
          resolve('code' in error ? String(error.code) : error.message),
      },
    )
  })
}

test('requests at the same time have connections of their own, which are used again', async () => {
  let waiting: ServerResponse[] = []
  const { pool, connections } = await setUp((_request, response) => {
    waiting.push(response)
    if (waiting.length < 3) return
    for (const one of waiting) one.end('{}')
    waiting = []
  })
  for (let round = 0; round < 5; round += 1) {
    expect(await Promise.all([ask(pool), ask(pool), ask(pool)])).toEqual([200, 200, 200])
  }
  // Those of one round may begin in the moment before the last are free.
  expect(connections()).toBeGreaterThanOrEqual(3)
  expect(connections()).toBeLessThanOrEqual(6)
})

test('one request after the other needs one connection', async () => {
  const { pool, connections } = await setUp((_request, response) => response.end('{}'))
  for (let round = 0; round < 20; round += 1) expect(await ask(pool)).toBe(200)
  // The next one may be sent in the moment before the last is free.
  expect(connections()).toBeLessThanOrEqual(2)
})

test('where the server closes its connections, the next request makes one', async () => {
  const { pool, connections } = await setUp((request, response) => {
    response.setHeader('connection', request.url === '/last' ? 'close' : 'keep-alive').end('{}')
  })
  expect([await ask(pool, '/last'), await ask(pool, '/last'), await ask(pool)]).toEqual([200, 200, 200])
  expect(connections()).toBe(3)
})

test('a server that is away fails each request, and is reached as soon as it is back', async () => {
  const { pool, stop, listenAgain } = await setUp((_request, response) => response.end('{}'))
  expect(await ask(pool)).toBe(200)
  await stop()
  const failures = await Promise.all([ask(pool), ask(pool), ask(pool)])
  for (const failure of failures) expect(failure).toMatch(/^(ECONNREFUSED|UND_ERR_SOCKET|ECONNRESET)$/)
  expect(await ask(pool)).toBe('ECONNREFUSED')
  await listenAgain()
  expect(await Promise.all([ask(pool), ask(pool)])).toEqual([200, 200])
})

test('a request that is given up, and an answer that is too long, leave the others alone', async () => {
  const { pool } = await setUp((request, response) =>
    response.end(request.url === '/long' ? 'x'.repeat(2_000) : '{}'),
  )
  const asked = ['/', '/', '/long', '/', '/'].map((path, index) => ask(pool, path, index === 1))
  expect(await Promise.all(asked)).toEqual([200, 'given up', 'UND_ERR_RES_EXCEEDED_MAX_SIZE', 200, 200])
  for (let round = 0; round < 5; round += 1) {
    expect(await Promise.all([ask(pool), ask(pool, '/', true), ask(pool)])).toEqual([200, 'given up', 200])
  }
})

test('what is asked of connections that were closed fails', async () => {
  const { pool } = await setUp((_request, response) => response.end('{}'))
  expect(await ask(pool)).toBe(200)
  await pool.destroy()
  expect(await ask(pool)).toBe('UND_ERR_DESTROYED')
})
