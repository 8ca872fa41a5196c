import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { listAccounts } from '../../src/cloudflare/accounts.ts'
import { route } from '../../src/cloudflare/route.ts'
import {
  answer,
  failure,
  hang,
  hangMidBody,
  held,
  reset,
  resetMidBody,
  startRestServer,
  success,
} from '../support/rest-server.ts'
import { accountTag, bearer, connect, failureOf, token } from './connect.ts'

const one = route('/accounts/{account_id}', { account_id: accountTag })
const line = `GET /accounts/${accountTag}`
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

for (const status of [408, 500, 502, 503, 504, 520, 521, 522, 523, 524]) {
  test(`a read is asked again after ${status}`, async () => {
    const server = await startRestServer(answer(status, '<html>'), success(account))
    const { rest, calls } = connect(server.url)
    expect(await rest().get(one)).toEqual(account)
    expect(server.lines()).toEqual([line, line])
    expect(calls.map((call) => [call.attempt, call.status, call.failure])).toEqual([
      [1, status, 'unavailable'],
      [2, 200, undefined],
    ])
  })
}

test('a status that will not pass by itself is not asked again', async () => {
  for (const status of [400, 401, 403, 404, 409, 422, 501, 505]) {
    const server = await startRestServer(failure(status, 1234, 'no'))
    await failureOf(connect(server.url).rest().get(one))
    expect(server.lines()).toEqual([line])
  }
})

test('after the last retry the failure keeps what the upstream said', async () => {
  const server = await startRestServer(failure(503, 1000, 'Request timeout', { 'cf-ray': '8a1b-AMS' }))
  const error = await failureOf(connect(server.url, { retries: 2 }).rest().get(one))
  expect(server.lines()).toHaveLength(3)
  expect(error).toMatchObject({
    kind: 'unavailable',
    status: 503,
    method: 'GET',
    path: `/accounts/${accountTag}`,
    template: '/accounts/{account_id}',
    ray: '8a1b-AMS',
    errors: [{ code: 1000, message: 'Request timeout', chain: [] }],
    message: `GET /accounts/${accountTag}: answered 503: Request timeout (1000)`,
  })
})

test('without retries a call is one attempt', async () => {
  const server = await startRestServer(reset)
  await failureOf(connect(server.url, { retries: 0 }).rest().get(one))
  expect(server.lines()).toEqual([line])
})

test('every method but POST is repeated after a lost connection', async () => {
  for (const method of ['get', 'put', 'patch', 'delete'] as const) {
    const server = await startRestServer(reset, success(account))
    expect(await connect(server.url).rest()[method](one, {})).toEqual(account)
    expect(server.requests).toHaveLength(2)
  }
})

test('a POST whose connection is lost may have happened and is not sent twice', async () => {
  const server = await startRestServer(reset, success(account))
  const error = await failureOf(connect(server.url).rest().post(one, {}))
  expect(error).toMatchObject({ kind: 'unavailable', mayHaveHappened: true, status: undefined })
  expect(server.requests).toHaveLength(1)
})

test('a POST that is answered 503 or too late may have happened and is not sent twice', async () => {
  const slow = await startRestServer(hang)
  const late = await failureOf(connect(slow.url, { timeoutMs: 40 }).rest().post(one, {}))
  expect(late).toMatchObject({ kind: 'timeout', mayHaveHappened: true })
  const broken = await startRestServer(failure(503, 1000, 'later'))
  const error = await failureOf(connect(broken.url).rest().post(one, {}))
  expect(error).toMatchObject({ kind: 'unavailable', mayHaveHappened: true })
  expect([slow.requests.length, broken.requests.length]).toEqual([1, 1])
})

test('a POST that surely did not arrive is sent again', async () => {
  const server = await startRestServer(success(account))
  await server.stop()
  const { rest, calls } = connect(server.url)
  const error = await failureOf(rest().post(one, {}))
  expect(error).toMatchObject({ kind: 'unavailable', mayHaveHappened: false })
  expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' })
  expect(calls.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, undefined],
    [2, undefined],
    [3, undefined],
  ])
})

test('a write that a refusal answers has not happened', async () => {
  const server = await startRestServer(failure(400, 400, 'name is already in use'))
  const error = await failureOf(connect(server.url).rest().post(one, {}))
  expect(error).toMatchObject({ kind: 'refused', mayHaveHappened: false })
})

test('a write that may have happened once stays so, whatever its repetition meets', async () => {
  const server = await startRestServer(reset, failure(400, 400, 'no'))
  const error = await failureOf(connect(server.url).rest().put(one, {}))
  expect(error).toMatchObject({ kind: 'refused', mayHaveHappened: true })
})

test('a repeated DELETE that finds nothing is done', async () => {
  const server = await startRestServer(reset, failure(404, 404, 'User group not found'))
  expect(await connect(server.url).rest().delete(one)).toBe(null)
  expect(server.requests).toHaveLength(2)
})

test('a DELETE that finds nothing at once is not done', async () => {
  const server = await startRestServer(failure(404, 404, 'User group not found'))
  expect(await failureOf(connect(server.url).rest().delete(one))).toMatchObject({ kind: 'not-found' })
})

test('a server that hangs before its headers costs the timeout for each attempt', async () => {
  const server = await startRestServer(hang)
  const { rest, calls } = connect(server.url, { timeoutMs: 50, retries: 1 })
  const error = await failureOf(rest().get(one))
  expect(error).toMatchObject({ kind: 'timeout', mayHaveHappened: false })
  expect(calls.map(({ failure }) => failure)).toEqual(['timeout', 'timeout'])
  for (const { durationMs } of calls) {
    expect(durationMs).toBeGreaterThanOrEqual(45)
    expect(durationMs).toBeLessThan(1_000)
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

test('a read refused by the rate limit is repeated after a short Retry-After', async () => {
  const server = await startRestServer(answer(429, '', { 'retry-after': '0' }), success(account))
  const { rest, calls } = connect(server.url)
  expect(await rest().get(one)).toEqual(account)
  expect(calls.map(({ failure }) => failure)).toEqual(['rate-limited', undefined])
})

test('a rate limit without Retry-After, with a long one, or met by a write fails at once', async () => {
  const cases = [
    ['get', {}, 1_000],
    ['get', { 'retry-after': '30' }, 30_000],
    ['put', { 'retry-after': '1' }, 1_000],
    ['get', { ratelimit: '"default";r=0;t=7' }, 7_000],
  ] as const
  for (const [method, headers, retryAfterMs] of cases) {
    const server = await startRestServer(answer(429, '', { ...headers }))
    const error = await failureOf(
      connect(server.url, { now: () => 0 })
        .rest()
        [method](one, {}),
    )
    expect(error).toMatchObject({ kind: 'rate-limited', status: 429, retryAfterMs, mayHaveHappened: false })
    expect(server.requests).toHaveLength(1)
  }
})

test('code 971 is the rate limit, even in a success of HTTP', async () => {
  const server = await startRestServer(failure(200, 971, 'Please wait', { 'retry-after': '9' }))
  const error = await failureOf(
    connect(server.url, { now: () => 0 })
      .rest()
      .get(one),
  )
  expect(error).toMatchObject({ kind: 'rate-limited', status: 200, retryAfterMs: 9_000 })
})

test('a Retry-After that is too long to wait for ends the retries of a 503 as well', async () => {
  const server = await startRestServer(answer(503, '', { 'retry-after': '30' }))
  const error = await failureOf(connect(server.url).rest().get(one))
  expect(error).toMatchObject({ kind: 'unavailable', retryAfterMs: 30_000 })
  expect(server.requests).toHaveLength(1)
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

test('a wait between two attempts ends with the abort of its caller', async () => {
  const { reply, arrived, release } = held(answer(503, ''))
  const server = await startRestServer(reply)
  const abort = new AbortController()
  const { rest } = connect(server.url, { random: () => 0.999, retries: 5 })
  const client = rest({ signal: abort.signal, observe: () => queueMicrotask(() => abort.abort()) })
  const startedMs = performance.now()
  const call = failureOf(client.put(one, {}))
  await arrived
  release()
  expect(await call).toMatchObject({ kind: 'aborted', mayHaveHappened: true })
  expect(performance.now() - startedMs).toBeLessThan(200)
  expect(server.requests).toHaveLength(1)
})

test('admit is asked before every attempt, and its refusal is what the call fails with', async () => {
  const server = await startRestServer(success(account))
  const { rest, calls } = connect(server.url)
  const refusal = new Error('too dear')
  const asked: unknown[] = []
  const client = rest({
    admit(call) {
      asked.push(call)
      throw refusal
    },
  })
  await expect(client.get(one)).rejects.toBe(refusal)
  await expect(client.put(one, {})).rejects.toBe(refusal)
  const { template, path } = one
  expect(asked).toEqual([
    { method: 'GET', template, path },
    { method: 'PUT', template, path },
  ])
  expect([server.requests, calls]).toEqual([[], []])
})

test('where admit refuses a repetition, the failure that it would have mended stands', async () => {
  const server = await startRestServer(failure(503, 1000, 'later'))
  let left = 1
  const { rest, calls } = connect(server.url)
  const client = rest({
    observe: (call) => expect(call.attempt).toBe(1),
    admit() {
      if (left === 0) throw new Error('too dear')
      left -= 1
    },
  })
  const error = await failureOf(client.put(one, {}))
  expect(error).toMatchObject({ kind: 'unavailable', status: 503, mayHaveHappened: true })
  expect(server.requests).toHaveLength(1)
  expect(calls).toEqual([])
})

test('every attempt is reported once with what it was and how it went', async () => {
  const server = await startRestServer(reset, success([], undefined, { 'cf-ray': '7f00-FRA' }))
  let nowMs = 0
  const { rest, calls } = connect(server.url, { now: () => (nowMs += 10) })
  await listAccounts(rest(), { page: 2, perPage: 5, name: 'a b' })
  const attempt = { method: 'GET', template: '/accounts', path: '/accounts?name=a%20b&page=2&per_page=5' }
  expect(calls).toEqual([
    {
      ...attempt,
      status: undefined,
      attempt: 1,
      durationMs: expect.any(Number),
      ray: undefined,
      failure: 'unavailable',
    },
    {
      ...attempt,
      status: 200,
      attempt: 2,
      durationMs: expect.any(Number),
      ray: '7f00-FRA',
      failure: undefined,
    },
  ])
})

test('credentials that HTTP cannot carry are unauthenticated and not sent', async () => {
  const server = await startRestServer(success(account))
  const { rest, calls } = connect(server.url)
  for (const value of ['line\r\nbreak', 'nul\0', 'snow ☃']) {
    const error = await failureOf(rest({ credentials: bearer(value) }).get(one))
    expect(error).toMatchObject({ kind: 'unauthenticated', status: undefined })
  }
  expect([server.requests, calls]).toEqual([[], []])
})

test('close waits for what is under way', async () => {
  const { reply, arrived, release } = held(success(account))
  const server = await startRestServer(reply)
  const { rest, upstream } = connect(server.url)
  const read = rest().get(one)
  await arrived
  const closed = upstream.close()
  release()
  await closed
  expect(await read).toEqual(account)
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
