import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { route } from '../../src/cloudflare/route.ts'
import {
  answer,
  failure,
  hang,
  held,
  type Reply,
  reset,
  resetMidBody,
  startRestServer,
  success,
} from '../support/rest-server.ts'
import { accountTag, bearer, connect, failureOf } from './connect.ts'

const one = route('/accounts/{account_id}', { account_id: accountTag })
const members = route('/accounts/{account_id}/members', { account_id: accountTag })
const account = { id: accountTag, name: 'Acme' }

test('equal credentials have one key and different ones another, in this process alone', () => {
  const { rest } = connect('http://127.0.0.1:1')
  const keyOf = (headers: Record<string, string>) => rest({ credentials: { headers } }).credentialKey
  const key = keyOf({ 'x-auth-email': 'ann@example.com', 'x-auth-key': 'k1' })
  expect(key).toMatch(/^[0-9a-f]{64}$/)
  expect(keyOf({ 'X-Auth-Key': 'k1', 'X-Auth-Email': 'ann@example.com' })).toBe(key)
  expect(keyOf({ 'x-auth-email': 'ann@example.com', 'x-auth-key': 'k2' })).not.toBe(key)
  expect(keyOf({ 'x-auth-email': 'ann@example.com,k1', 'x-auth-key': '' })).not.toBe(key)
  const elsewhere = connect('http://127.0.0.1:1').rest({
    credentials: { headers: { 'x-auth-email': 'ann@example.com', 'x-auth-key': 'k1' } },
  })
  expect(elsewhere.credentialKey).not.toBe(key)
})

test('at most so many calls of a credential are in flight, and another does not wait for them', async () => {
  const replies = Array.from({ length: 6 }, () => held(success([])))
  const server = await startRestServer((response, request) => {
    const page = Number(new URL(request.line.split(' ')[1] ?? '', 'http://x').searchParams.get('page'))
    replies[page]?.reply(response, request)
  })
  const { rest } = connect(server.url, { concurrency: 2 })
  const ann = rest({ credentials: bearer('credential-of-ann') })
  const pages = [0, 1, 2, 3].map((page) => ann.list(members, { page }))
  await Promise.all([replies[0]?.arrived, replies[1]?.arrived])
  const bob = rest({ credentials: bearer('credential-of-bob') }).list(members, { page: 4 })
  await replies[4]?.arrived
  expect(server.requests).toHaveLength(3)
  replies[1]?.release()
  await replies[2]?.arrived
  expect(server.requests).toHaveLength(4)
  for (const reply of replies) reply.release()
  await Promise.all([...pages, bob])
  expect(server.requests.map(({ line }) => line.at(-1))).toEqual(['0', '1', '4', '2', '3'])
})

test('it tells how many calls are in flight, how many wait, and what each credential has left', async () => {
  const limits = { ratelimit: '"default";r=50;t=30', 'ratelimit-policy': '"default";q=100;w=60' }
  const first = held(success(account, undefined, limits))
  const server = await startRestServer(first.reply, success(account, undefined, limits))
  const { upstream, rest } = connect(server.url, { concurrency: 1 })
  const client = rest()
  const calls = [1, 2, 3].map((page) => client.get(one, { page }))
  await first.arrived
  expect(upstream.load()).toEqual({ inFlight: 1, waitingForTurn: 2, waitingForConnection: 0, budgets: [] })
  first.release()
  await Promise.all(calls)
  expect(upstream.load()).toEqual({
    inFlight: 0,
    waitingForTurn: 0,
    waitingForConnection: 0,
    budgets: [
      {
        credentialKey: client.credentialKey,
        rateLimit: { limit: 100, remaining: 50, resetAt: expect.any(Date) },
      },
    ],
  })
})

test('who joins a call in flight is told so, and nobody else', async () => {
  const first = held(success(account))
  const server = await startRestServer(first.reply)
  const joined: string[] = []
  const client = connect(server.url).rest({ joined: ({ method, path }) => joined.push(`${method} ${path}`) })
  const calls = [client.get(one), client.get(one), client.get(one, { page: 2 })]
  await first.arrived
  first.release()
  await Promise.all(calls)
  expect(server.requests).toHaveLength(2)
  expect(joined).toEqual([`GET ${one.path}`])
})

test('a call that waits for its turn leaves at once on abort', async () => {
  const { reply, arrived, release } = held(success(account))
  const server = await startRestServer(reply)
  const { rest } = connect(server.url, { concurrency: 1 })
  const first = rest().get(one)
  await arrived
  const abort = new AbortController()
  const waiting = failureOf(rest({ signal: abort.signal }).put(one, {}))
  abort.abort()
  expect(await waiting).toMatchObject({ kind: 'aborted', mayHaveHappened: false })
  release()
  await first
  expect(server.requests).toHaveLength(1)
})

test('a crowd that would wait too long is refused at once', async () => {
  const server = await startRestServer(hang)
  const { rest } = connect(server.url, { concurrency: 1, timeoutMs: 200, retries: 0 })
  const abort = new AbortController()
  const client = rest({ signal: abort.signal })
  const crowd = Array.from({ length: 101 }, (_, page) => failureOf(client.list(members, { page })))
  const refused = await failureOf(client.list(members, { page: 101 }))
  expect(refused).toMatchObject({ kind: 'rate-limited', retryAfterMs: 1_000 })
  abort.abort()
  for (const error of await Promise.all(crowd)) expect(error.kind).toBe('aborted')
})

test('a credential learns its budget from every answer, and keeps it to itself', async () => {
  const headers = { ratelimit: '"default";r=1197;t=250', 'ratelimit-policy': '"default";q=1200;w=300' }
  const server = await startRestServer(failure(404, 404, 'no', headers))
  const { rest } = connect(server.url, { now: () => 0 })
  expect(rest().rateLimit()).toBe(null)
  await failureOf(rest().get(one))
  expect(rest().rateLimit()).toEqual({ limit: 1200, remaining: 1197, resetAt: new Date(250_000) })
  expect(rest({ credentials: bearer('another-credential') }).rateLimit()).toBe(null)
})

test('what is reserved is spent by the calls of its request, and given back at the end', async () => {
  const server = await startRestServer(success(account, undefined, { ratelimit: '"default";r=10;t=60' }))
  const { rest } = connect(server.url)
  await rest().get(one)
  const client = rest()
  const reservation = client.reserve(8)
  expect(() => rest().reserve(3)).toThrow(/do not fit/)
  await client.get(one)
  await client.get(one)
  reservation.extend(4)
  expect(() => rest().reserve(1)).toThrow(/do not fit/)
  reservation.release()
  rest().reserve(10)
})

test('after a rate limit nothing is sent until its time is over, then one call goes first', async () => {
  let nowMs = 0
  const probe = held(success(account))
  const server = await startRestServer(
    answer(429, '', { 'retry-after': '30' }),
    probe.reply,
    success(account),
  )
  const { rest, calls } = connect(server.url, { now: () => nowMs })
  await failureOf(rest().put(one, {}))
  nowMs = 10_000
  const early = await failureOf(rest().get(one))
  expect(early).toMatchObject({ kind: 'rate-limited', status: undefined, retryAfterMs: 20_000 })
  expect(() => rest().reserve(1)).toThrow(/do not fit/)
  rest({ credentials: bearer('another-credential') }).reserve(1)
  nowMs = 30_000
  const crowd = Promise.allSettled([0, 1, 2].map((page) => rest().list(members, { page })))
  await probe.arrived
  const meanwhile = await failureOf(rest().get(one))
  expect(meanwhile).toMatchObject({ kind: 'rate-limited', status: undefined })
  probe.release()
  const outcomes = await crowd
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(await rest().get(one)).toEqual(account)
  expect(server.requests).toHaveLength(3)
  expect(calls).toHaveLength(3)
})

test('a pause ends the repetitions of other calls too, with what they had', async () => {
  const server = await startRestServer((response, request) => {
    const reply = request.line.startsWith('PUT') ? failure(503, 1000, 'later') : answer(429, '')
    reply(response, request)
  })
  const { rest } = connect(server.url, { retries: 1_000, random: () => 0.01 })
  const write = failureOf(rest().put(one, {}))
  await failureOf(rest().get(one))
  expect(await write).toMatchObject({ kind: 'unavailable', status: 503, mayHaveHappened: true })
})

test('the credentials used longest ago are forgotten, those in use are not', async () => {
  const { reply, arrived, release } = held(success(account))
  const server = await startRestServer(reply)
  const { rest } = connect(server.url, { maxCredentials: 2 })
  const as = (name: string) => rest({ credentials: bearer(`credential-of-${name}`) })
  for (const name of ['ann', 'bob', 'cid']) as(name).pageCaps.set('/accounts', 50)
  expect(as('cid').pageCaps.size).toBe(1)
  expect(as('bob').pageCaps.size).toBe(1)
  expect(as('ann').pageCaps.size).toBe(0)
  as('bob')
  as('eve')
  expect(as('bob').pageCaps.size).toBe(1)

  as('ann').pageCaps.set('/accounts', 50)
  const flight = as('ann').get(one)
  await arrived
  const reservation = as('bob').reserve(5)
  as('bob').pageCaps.set('/accounts', 50)
  for (const name of ['eve', 'fay', 'gus']) as(name)
  expect([as('ann').pageCaps.size, as('bob').pageCaps.size]).toEqual([1, 1])

  release()
  await flight
  reservation.release()
  for (const name of ['eve', 'fay', 'gus']) as(name)
  expect([as('ann').pageCaps.size, as('bob').pageCaps.size]).toEqual([0, 0])
})

const secrets = ['Mark3dT0ken', 'mark3d0key0123456789', 'mark3d.person@example.com']
const [secretToken = '', secretKey = '', secretEmail = ''] = secrets
const echo: Reply = (response, request) => {
  const { authorization, 'x-auth-key': key, 'x-auth-email': email } = request.headers
  const message = `refused ${authorization} ${key} ${email}`
  const errors = [
    {
      code: 9109,
      message,
      documentation_url: message,
      source: { pointer: message },
      error_chain: [{ message }],
    },
  ]
  response.writeHead(403, { 'cf-ray': `${authorization ?? key}` })
  response.end(JSON.stringify({ success: false, errors }))
}
const garbage: Reply = (response, request) => {
  response.socket?.end(`HTTP/1.1 nonsense ${JSON.stringify(request.headers)}\r\n\r\n`)
}
const notAnEnvelope: Reply = (response, request) => {
  response.end(`<html>${JSON.stringify(request.headers)}</html>`)
}

test('no failure holds a credential, however deep one looks', async () => {
  const credentials = [
    { headers: { authorization: `Bearer ${secretToken}` } },
    { headers: { 'x-auth-key': secretKey, 'x-auth-email': secretEmail } },
    { headers: { authorization: `Bearer ${secretToken}\r\nx: y` } },
  ]
  const failures: unknown[] = []
  for (const reply of [echo, garbage, notAnEnvelope, reset, resetMidBody, hang, answer(429, '')]) {
    for (const credential of credentials) {
      const server = await startRestServer(reply)
      const client = connect(server.url, { timeoutMs: 30, retries: 1 }).rest({ credentials: credential })
      failures.push(await failureOf(client.get(one)), await failureOf(client.put(one, {})))
    }
  }
  const closed = await startRestServer(hang)
  await closed.stop()
  for (const credential of credentials) {
    failures.push(await failureOf(connect(closed.url).rest({ credentials: credential }).get(one)))
  }
  for (const error of failures) {
    const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true })
    const written = JSON.stringify(error, Object.getOwnPropertyNames(error))
    for (const secret of secrets) expect(`${shown}${written}${String(error)}`).not.toContain(secret)
  }
  expect(failures).toHaveLength(45)
})

test('a client shows nothing of its credential either', () => {
  const { rest } = connect('http://127.0.0.1:1')
  const client = rest({ credentials: bearer(secretToken) })
  expect(inspect(client, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(secretToken)
})
