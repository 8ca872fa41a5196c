import { EventEmitter, once } from 'node:events'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../src/listen.ts'
import { accountSchema } from './support/account-schema.ts'
import { startGateway } from './support/gateway.ts'
import { throwingSchema } from './support/throwing-schema.ts'

const nameOf = 'query Name($tag: String!) { accountName(tag: $tag) free }'
const someTag = '0123456789abcdef0123456789abcdef'

test('the credentials of the caller go upstream, and nothing else that the caller sent', async () => {
  const { baseUrl, received } = await startUpstream()
  const { query } = await startGateway({ schema: accountSchema(), baseUrl, headers: {} })
  const forged = {
    cookie: 'session=1',
    'x-forwarded-for': '1.2.3.4',
    'cf-connecting-ip': '1.2.3.4',
    'proxy-authorization': 'Basic forged',
    te: 'trailers',
    'keep-alive': 'timeout=9',
    upgrade: 'h2c',
  }

  await query(nameOf, { tag: someTag }, { authorization: 'Bearer mine', ...forged })
  await query(nameOf, { tag: someTag }, { 'x-auth-email': 'ada@example.com', 'x-auth-key': 'k1', ...forged })
  expect(received.map(({ authorization }) => authorization)).toEqual(['Bearer mine', undefined])
  expect(received.map((headers) => [headers['x-auth-email'], headers['x-auth-key']])).toEqual([
    [undefined, undefined],
    ['ada@example.com', 'k1'],
  ])
  for (const headers of received) expect(headers).not.toMatchObject(forged)
  for (const name of Object.keys(forged))
    for (const headers of received) expect(headers).not.toHaveProperty(name)
})

test('without credentials an operation that has a price is 401 before any of it runs', async () => {
  const { baseUrl, received } = await startUpstream()
  const { query } = await startGateway({ baseUrl, headers: {} })
  const document = '{ account(id: "0123456789abcdef0123456789abcdef") { tag name } }'
  const { status, headers, data, errors } = await query(document)
  expect({ status, challenge: headers.get('www-authenticate') }).toEqual({ status: 401, challenge: 'Bearer' })
  expect(data).toBeNull()
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  expect(errors).toHaveLength(1)

  expect((await query(document, {}, { 'x-dry-run': 'true' })).status).toBe(200)
  expect(received).toEqual([])
})

test('without credentials a field that calls unannounced fails before its call', async () => {
  const { baseUrl, received } = await startUpstream()
  const { query } = await startGateway({ schema: accountSchema(), baseUrl, headers: {} })
  const { status, headers, data, errors } = await query(nameOf, { tag: someTag })
  expect({ status, challenge: headers.get('www-authenticate') }).toEqual({ status: 401, challenge: 'Bearer' })
  expect(data).toEqual({ accountName: null, free: 'of charge' })
  expect(errors).toMatchObject([{ path: ['accountName'], extensions: { code: 'UNAUTHENTICATED' } }])
  expect(received).toEqual([])
})

test('without credentials an operation that needs no upstream is answered', async () => {
  const { baseUrl, received } = await startUpstream()
  const { query } = await startGateway({ schema: accountSchema(), baseUrl, headers: {} })
  const { status, data } = await query('{ free __typename __schema { queryType { name } } }')
  expect({ status, data }).toEqual({
    status: 200,
    data: { free: 'of charge', __typename: 'Query', __schema: { queryType: { name: 'Query' } } },
  })
  expect(received).toEqual([])
})

test('credentials that cannot go upstream are 401 with the reason, whatever is asked', async () => {
  const { baseUrl, received } = await startUpstream()
  const { query } = await startGateway({ schema: accountSchema(), baseUrl, headers: {} })
  const { status, headers, data, errors } = await query('{ free }', {}, { authorization: 'Basic c2VjcmV0' })
  expect({ status, data }).toEqual({ status: 401, data: null })
  expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_request"')
  expect(errors).toMatchObject([
    { message: expect.stringContaining('no bearer token'), extensions: { code: 'UNAUTHENTICATED' } },
  ])
  expect(received).toEqual([])
})

test('the sandbox needs no token and takes any', async () => {
  const { query, sandbox } = await startGateway({ schema: accountSchema(), headers: {} })
  for (const headers of [{}, { authorization: 'Bearer any' }]) {
    const { data, errors } = await query(nameOf, { tag: sandbox.accountTag }, headers)
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({ accountName: expect.any(String) })
  }
})

test("the gateway's own credentials are used for every caller", async () => {
  const { baseUrl, received } = await startUpstream()
  const serviceHeaders = { authorization: 'Bearer own' }
  const { query } = await startGateway({
    schema: accountSchema(),
    baseUrl,
    headers: {},
    config: { serviceHeaders },
  })
  await query(nameOf, { tag: someTag })
  await query(nameOf, { tag: someTag }, { authorization: 'Bearer mine' })
  expect(received.map(({ authorization }) => authorization)).toEqual(['Bearer own', 'Bearer own'])
})

test('an operation ends at its deadline, and its REST call with it', async () => {
  const { baseUrl, hangUps } = await startUpstream({ silent: true })
  const config = { operationTimeoutMs: 50 }
  const { query } = await startGateway({ schema: accountSchema(), baseUrl, config })
  const { status, data, errors } = await query(nameOf, { tag: someTag })
  expect({ status, data }).toEqual({ status: 200, data: { accountName: null, free: 'of charge' } })
  expect(errors).toMatchObject([{ path: ['accountName'], extensions: { code: 'UPSTREAM_TIMEOUT' } }])
  await hangUps(1)
})

test('the REST call of a caller who leaves is cancelled', async () => {
  const { baseUrl, arrivals, hangUps } = await startUpstream({ silent: true })
  const { listener } = await startGateway({ schema: accountSchema(), baseUrl })
  const server = await listen(listener, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.drain(0))
  const leaving = new AbortController()
  const answer = fetch(`http://127.0.0.1:${server.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer mine' },
    body: JSON.stringify({ query: nameOf, variables: { tag: someTag } }),
    signal: leaving.signal,
  })
  const left = expect(answer).rejects.toThrow()
  await arrivals(1)
  leaving.abort()
  await left
  await hangUps(1)
})

test('an origin that is listed may call, and is told so by name', async () => {
  const corsOrigins = ['https://console.example', 'https://other.example']
  const { fetch } = await startGateway({ schema: accountSchema(), config: { corsOrigins } })
  const preflight = await fetch('/graphql', {
    method: 'OPTIONS',
    headers: { origin: 'https://other.example', 'access-control-request-method': 'POST' },
  })
  expect(preflight.status).toBe(204)
  expect(corsHeaders(preflight)).toEqual({
    'access-control-allow-origin': 'https://other.example',
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers':
      'authorization, content-type, x-auth-email, x-auth-key, x-dry-run, x-graphql-yoga-csrf, x-request-id',
    'access-control-expose-headers': 'retry-after, x-request-id',
    'access-control-max-age': '600',
  })
  expect(preflight.headers.get('vary')).toBe('Origin')
})

test.each(['https://evil.example', 'null', 'https://console.example.evil.example', 'http://console.example'])(
  'the origin %s is not on the list, and gets no CORS header',
  async (origin) => {
    const corsOrigins = ['https://console.example', 'https://other.example']
    for (const list of [corsOrigins, corsOrigins.slice(0, 1), []]) {
      const { fetch } = await startGateway({ schema: accountSchema(), config: { corsOrigins: list } })
      const headers = { origin, 'content-type': 'application/json' }
      const response = await fetch('/graphql', { method: 'POST', headers, body: '{"query":"{free}"}' })
      expect(corsHeaders(response)).toEqual({})
    }
  },
)

test('a page of another address is 404, and so is everything below the endpoint', async () => {
  const { fetch } = await startGateway({ schema: accountSchema() })
  for (const path of ['/', '/graphql/health', '/foo/health', '/health/x', '/metrics.php', '/favicon.ico']) {
    expect({ path, status: (await fetch(path, { headers: { accept: 'text/html' } })).status }).toEqual({
      path,
      status: 404,
    })
  }
})

test('a body above a mebibyte is refused unread', async () => {
  const { fetch } = await startGateway({ schema: accountSchema() })
  const body = JSON.stringify({ query: `{ free } # ${'x'.repeat(1024 * 1024)}` })
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(response.status).toBe(413)
})

test('several operations in one body are refused, also where there is but one in the list', async () => {
  const { fetch, requests } = await startGateway({ schema: accountSchema() })
  const headers = { 'content-type': 'application/json' }
  for (const count of [0, 1, 2, 1_000]) {
    const body = JSON.stringify(Array.from({ length: count }, () => ({ query: '{ free }' })))
    const response = await fetch('/graphql', { method: 'POST', headers, body })
    expect({ count, status: response.status }).toEqual({ count, status: 400 })
    expect(await response.json()).not.toHaveProperty('data')
  }
  expect(requests()).toEqual([])
})

test('a body above a mebibyte that does not tell its length is refused where it passes it', async () => {
  const { listener } = await startGateway({ schema: accountSchema() })
  const server = await listen(listener, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.drain(0))
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Blob([`{"query": "{ free } # ${'x'.repeat(1024 * 1024)}"}`]).stream(),
    duplex: 'half',
  }
  const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, init)
  expect(response.status).toBe(413)
})

test('a mutation cannot be sent as a GET', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  const response = await fetch(`/graphql?query=${encodeURIComponent('mutation { change }')}`, {
    headers: { 'x-graphql-yoga-csrf': '1' },
  })
  expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({
    status: 405,
    allow: 'POST',
  })
})

function corsHeaders(response: Response): Record<string, string> {
  return Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control-')))
}

/** An upstream that knows the name of every account, or (`silent`) never answers. */
async function startUpstream({ silent = false } = {}) {
  const received: IncomingHttpHeaders[] = []
  const events = new EventEmitter()
  let arrived = 0
  let hungUp = 0
  const until = async (event: string, done: () => boolean) => {
    while (!done()) await once(events, event)
  }
  const handler: RequestListener = (request, response) => {
    received.push(request.headers)
    arrived += 1
    events.emit('arrival')
    response.once('close', () => {
      if (response.writableFinished) return
      hungUp += 1
      events.emit('hang-up')
    })
    if (silent) return
    const body = { success: true, errors: [], messages: [], result: { id: someTag, name: 'Example' } }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  }
  const server = await listen(handler, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.drain(0))
  return {
    baseUrl: `http://127.0.0.1:${server.port}/client/v4`,
    received,
    arrivals: (count: number) => until('arrival', () => arrived >= count),
    hangUps: (count: number) => until('hang-up', () => hungUp >= count),
  }
}
