import { expect, test } from 'vitest'
import { listAccounts } from '../../src/cloudflare/accounts.ts'
import { route } from '../../src/cloudflare/route.ts'
import { answer, failure, hang, held, reset, startRestServer, success } from '../support/rest-server.ts'
import { accountTag, bearer, connect, failureOf } from './connect.ts'

const one = route('/accounts/{account_id}', { account_id: accountTag })
const line = `GET /accounts/${accountTag}`
const account = { id: accountTag, name: 'Acme' }

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
  const { rest, calls } = connect(server.url)
  expect(await rest().delete(one)).toBe(null)
  expect(server.requests).toHaveLength(2)
  expect(calls.map(({ status, failure }) => [status, failure])).toEqual([
    [undefined, 'unavailable'],
    [404, undefined],
  ])
})

test('a DELETE that finds nothing at once is not done', async () => {
  const server = await startRestServer(failure(404, 404, 'User group not found'))
  expect(await failureOf(connect(server.url).rest().delete(one))).toMatchObject({ kind: 'not-found' })
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

test('a rate limit is one even if its body never comes', async () => {
  const server = await startRestServer((response) => {
    response.writeHead(429, { 'retry-after': '30', 'content-length': '100' })
    response.flushHeaders()
  })
  const error = await failureOf(
    connect(server.url, { timeoutMs: 50, now: () => 0 })
      .rest()
      .get(one),
  )
  expect(error).toMatchObject({ kind: 'rate-limited', status: 429, retryAfterMs: 30_000 })
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

test('a wait between two attempts ends with the abort of its caller', async () => {
  const { reply, arrived, release } = held(answer(503, '', { 'retry-after': '2' }))
  const server = await startRestServer(reply)
  const abort = new AbortController()
  const { rest } = connect(server.url, { retries: 5 })
  const client = rest({ signal: abort.signal, observe: () => queueMicrotask(() => abort.abort()) })
  const startedMs = performance.now()
  const call = failureOf(client.put(one, {}))
  await arrived
  release()
  expect(await call).toMatchObject({ kind: 'aborted', mayHaveHappened: true })
  expect(performance.now() - startedMs).toBeLessThan(1_900)
  expect(server.requests).toHaveLength(1)
})

test('admit is asked before every attempt, and its refusal is what the call fails with', async () => {
  const server = await startRestServer(success(account))
  const { rest, calls } = connect(server.url, { concurrency: 1 })
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
  await rest().put(one, {})
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
