import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { route } from '../../src/cloudflare/route.ts'
import {
  answer,
  hang,
  hangMidBody,
  held,
  resetMidBody,
  startRestServer,
  success,
} from '../support/rest-server.ts'
import { accountTag, connect, failureOf, token } from './connect.ts'

const one = route('/accounts/{account_id}', { account_id: accountTag })
const account = { id: accountTag, name: 'Acme' }

test('a request carries the credential, what is accepted, who asks, and nothing else', async () => {
  const server = await startRestServer(success(account))
  await connect(server.url).rest().get(one)
  const { host, connection, ...headers } = server.requests[0]?.headers ?? {}
  expect([typeof host, connection]).toEqual(['string', 'keep-alive'])
  expect(headers).toEqual({
    accept: 'application/json',
    'user-agent': 'cloudflare-iam-graphql',
    authorization: `Bearer ${token}`,
  })
})

test('a body goes out as JSON, and a POST without one as empty', async () => {
  const server = await startRestServer(success(account))
  const rest = connect(server.url).rest()
  await rest.put(one, { name: 'Ünïcode\ud800' })
  await rest.post(one)
  expect(server.requests.map(({ body }) => body)).toEqual(['{"name":"Ünïcode\\ud800"}', ''])
  expect(server.requests[0]?.headers['content-type']).toBe('application/json')
  expect(server.requests[1]?.headers).not.toHaveProperty('content-type')
  expect(server.requests[1]?.headers['content-length']).toBe('0')
})

test('a DELETE has no body', async () => {
  const server = await startRestServer(success({ id: accountTag }))
  await connect(server.url).rest().delete(one)
  expect(server.requests[0]?.headers).not.toHaveProperty('content-length')
  expect(server.requests[0]?.headers).not.toHaveProperty('transfer-encoding')
})

test('a server that hangs before its headers costs the timeout for each attempt', async () => {
  const server = await startRestServer(hang)
  const { rest, calls } = connect(server.url, { timeoutMs: 50, retries: 1 })
  const error = await failureOf(rest().get(one))
  expect(error).toMatchObject({ kind: 'timeout', mayHaveHappened: false })
  expect(calls.map(({ failure }) => failure)).toEqual(['timeout', 'timeout'])
  for (const { durationMs } of calls) {
    expect(durationMs).toBeGreaterThanOrEqual(45)
    expect(durationMs).toBeLessThan(5_000)
  }
})

test('half an answer is neither resumed nor asked for again', async () => {
  for (const [reply, kind] of [
    [hangMidBody, 'timeout'],
    [resetMidBody, 'unavailable'],
  ] as const) {
    const server = await startRestServer(reply, success(account))
    const error = await failureOf(connect(server.url, { timeoutMs: 100 }).rest().get(one))
    expect(error).toMatchObject({ kind, status: 200 })
    expect(server.requests).toHaveLength(1)
    expect(server.requests[0]?.headers).not.toHaveProperty('range')
  }
})

test('an answer that drips for ever ends at the timeout', async () => {
  const server = await startRestServer((response) => {
    response.writeHead(200)
    const drip = setInterval(() => response.write(' '), 10)
    response.on('close', () => clearInterval(drip))
  })
  const error = await failureOf(connect(server.url, { timeoutMs: 100 }).rest().get(one))
  expect(error).toMatchObject({ kind: 'timeout' })
})

test('a connection that is not made in time is a timeout of something that was not sent', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  onTestFinished(() => void silent.close())
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as AddressInfo
  const { rest, calls } = connect(`https://127.0.0.1:${port}`, { timeoutMs: 50, retries: 1 })
  const error = await failureOf(rest().post(one, {}))
  expect(error).toMatchObject({ kind: 'timeout', mayHaveHappened: false })
  expect(calls).toHaveLength(2)
})

test('a server that does not speak TLS is unavailable and asked once', async () => {
  const server = await startRestServer(success(account))
  const { rest, calls } = connect(server.url.replace('http:', 'https:'))
  expect(await failureOf(rest().post(one, {}))).toMatchObject({ kind: 'unavailable', mayHaveHappened: false })
  expect(calls).toHaveLength(1)
})

test('bodies that are no envelope make an answer unusable, whatever its status', async () => {
  const bodies = ['<html>Error 1020</html>', '{"success": true, "resu', 'null', '', '[]', '"ok"', '{}']
  for (const body of bodies) {
    const server = await startRestServer(answer(200, body))
    const error = await failureOf(connect(server.url).rest().get(one))
    expect([body, error.kind, error.status]).toEqual([body, 'unavailable', 200])
  }
  const html = await startRestServer(answer(404, '<html>'))
  expect(await failureOf(connect(html.url).rest().get(one))).toMatchObject({ kind: 'unavailable' })
})

test('an answer larger than the limit is cut off', async () => {
  const server = await startRestServer(success([{ id: 'x'.repeat(200_000) }]))
  const { rest } = connect(server.url, { maxBodyBytes: 100_000 })
  expect(await failureOf(rest().list(one))).toMatchObject({ kind: 'unavailable', status: 200 })
  expect(server.requests).toHaveLength(1)
})

test('an answer of several megabytes is read', async () => {
  const rows = Array.from({ length: 40_000 }, (_, index) => ({ id: `${index}`, name: 'x'.repeat(200) }))
  const server = await startRestServer(success(rows))
  const page = await connect(server.url).rest().list(one)
  expect(page.rows).toEqual(rows)
})

test('a redirect is not followed', async () => {
  const elsewhere = await startRestServer(success(account))
  for (const status of [301, 302, 303, 307, 308]) {
    const server = await startRestServer(answer(status, '', { location: elsewhere.url }))
    const error = await failureOf(connect(server.url).rest().put(one, {}))
    expect(error).toMatchObject({ kind: 'unavailable', status, mayHaveHappened: false })
    expect(server.requests).toHaveLength(1)
  }
  expect(elsewhere.requests).toEqual([])
})

test('early hints are not the answer', async () => {
  const server = await startRestServer((response, request) => {
    response.writeEarlyHints({ link: '</x>; rel=preload' })
    success(account)(response, request)
  })
  expect(await connect(server.url).rest().get(one)).toEqual(account)
})

test('a call that was aborted before it began is not sent', async () => {
  const server = await startRestServer(success(account))
  const { rest, calls } = connect(server.url)
  const client = rest({ signal: AbortSignal.abort() })
  expect(await failureOf(client.get(one))).toMatchObject({ kind: 'aborted' })
  expect(await failureOf(client.put(one, {}))).toMatchObject({ kind: 'aborted', mayHaveHappened: false })
  expect([server.requests, calls]).toEqual([[], []])
})

test('an aborted write ends at once, may have happened, and its connection is cut', async () => {
  const { reply, arrived } = held(hang)
  let cut = () => {}
  const gone = new Promise<void>((resolve) => {
    cut = resolve
  })
  const server = await startRestServer((response, request) => {
    response.on('close', cut)
    reply(response, request)
  })
  const { rest, calls } = connect(server.url)
  const abort = new AbortController()
  const write = failureOf(rest({ signal: abort.signal }).put(one, {}))
  await arrived
  abort.abort()
  expect(await write).toMatchObject({ kind: 'aborted', mayHaveHappened: true })
  await gone
  expect(calls.map(({ failure }) => failure)).toEqual(['aborted'])
})

test('close waits for what is under way and lets nothing in', async () => {
  const { reply, arrived, release } = held(success(account))
  const server = await startRestServer(reply)
  const { rest, upstream } = connect(server.url)
  const read = rest().get(one)
  await arrived
  const closed = upstream.close()
  expect(await failureOf(rest().put(one, {}))).toMatchObject({ kind: 'unavailable', mayHaveHappened: false })
  release()
  await closed
  expect(await read).toEqual(account)
  expect(server.requests).toHaveLength(1)
})

test('after close nothing is sent', async () => {
  const server = await startRestServer(success(account))
  const { rest, upstream } = connect(server.url)
  await rest().get(one)
  await upstream.close()
  await upstream.close()
  expect(await failureOf(rest().put(one, {}))).toMatchObject({ kind: 'unavailable', mayHaveHappened: false })
  expect(server.requests).toHaveLength(1)
})
