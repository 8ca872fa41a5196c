import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { delayMembers } from '../support/delay-members.ts'
import type { GatewayOptions } from '../support/gateway.ts'
import { serveGateway } from '../support/serve-gateway.ts'

const names = `query Names($account: ID!, $first: Int = 20) {
  account(id: $account) { userGroups(first: $first) { nodes { id name members(first: 2) { nodes { email } } } } }
}`

type Body = {
  readonly data: unknown
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
  readonly extensions?: { readonly restCalls: { readonly estimated: number; readonly made: number } }
}

/** A gateway that listens and has executed the query before: what never took a REST call is not looked for. */
async function serveWarm(options: GatewayOptions = {}) {
  const lines: Record<string, unknown>[] = []
  const { gateway, url } = await serveGateway({
    sandbox: { latencyMs: 30 },
    log: (line) => lines.push(line),
    ...options,
  })
  const account = gateway.sandbox.accountTag
  const send = (
    headers: Record<string, string> = {},
    {
      document = names,
      variables = {},
      signal,
    }: { document?: string; variables?: object; signal?: AbortSignal } = {},
  ) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer one', ...headers },
      body: JSON.stringify({ query: document, variables: { account, ...variables } }),
      signal: signal ?? null,
    })
  const ask = async (...asked: Parameters<typeof send>) => (await (await send(...asked)).json()) as Body
  const { data, extensions } = await ask()
  const alone = gateway.requests().length
  gateway.sandbox.clearRequests()
  lines.length = 0
  return { gateway, url, account, lines, send, ask, data, restCalls: extensions?.restCalls, alone }
}

test('equal requests at once get one response, each under its own id', async () => {
  const { gateway, lines, send, data, restCalls, alone } = await serveWarm()
  const ids = Array.from({ length: 20 }, (_, index) => (index < 10 ? `request-${index}` : ''))
  const responses = await Promise.all(ids.map((id) => send(id === '' ? {} : { 'x-request-id': id })))
  expect(gateway.requests()).toHaveLength(alone)
  const bodies = await Promise.all(responses.map((response) => response.json() as Promise<Body>))
  for (const body of bodies) expect(body).toMatchObject({ data })
  const joined = { estimated: alone, made: 0, limit: 200 }
  const [leaders, followers] = [restCalls, joined].map((told) =>
    bodies.flatMap(({ extensions }, index) =>
      JSON.stringify(extensions?.restCalls) === JSON.stringify(told) ? [index] : [],
    ),
  )
  expect([leaders?.length, followers?.length]).toEqual([1, 19])

  const told = responses.map(({ headers }) => headers.get('x-request-id'))
  expect(told.slice(0, 10)).toEqual(ids.slice(0, 10))
  expect(new Set(told).size).toBe(20)
  const others = responses.map(({ status, headers }) => [
    status,
    [...headers].filter(([name]) => !['x-request-id', 'content-length', 'date'].includes(name)),
  ])
  expect(others[0]).toEqual([200, expect.arrayContaining([['cache-control', 'private, no-store']])])
  for (const other of others) expect(other).toEqual(others[0])

  const logged = lines.filter(({ msg }) => msg === 'request')
  expect(logged.map(({ requestId }) => requestId).sort()).toEqual(told.toSorted())
  for (const line of logged) {
    expect(line).toMatchObject({ method: 'POST', path: '/graphql', status: 200, operationName: 'Names' })
    expect(line).not.toHaveProperty('callerLeft')
    expect(line).not.toHaveProperty('errorCodes')
  }
  expect(logged.filter(({ restCalls: made }) => made === 0)).toHaveLength(19)
  const figures = await (await gateway.fetch('/metrics')).text()
  expect(figures).toContain('iam_gateway_operations_shared_total 19')
  expect(figures).toContain('iam_gateway_http_requests_total{route="/graphql",status="200"} 21')
  expect(figures).toContain(
    'iam_gateway_operation_duration_seconds_count{operation="Names",type="query",outcome="success"} 21',
  )
  expect(figures).toContain('iam_gateway_operation_rest_calls_made_count 21')
})

test('what differs in a header or in the body shares no response', async () => {
  const { gateway, ask, send, alone } = await serveWarm()
  await ask({}, { variables: { first: 3 } })
  gateway.sandbox.clearRequests()
  const [one, another, fewer, dry, accepting] = await Promise.all([
    ask(),
    ask({ authorization: 'Bearer another' }),
    ask({}, { variables: { first: 3 } }),
    ask({ 'x-dry-run': 'true' }),
    send({ accept: 'application/graphql-response+json' }),
  ])
  expect(one.extensions?.restCalls).toMatchObject({ estimated: alone, made: alone })
  expect(another.extensions?.restCalls).toMatchObject({ estimated: alone, made: alone })
  expect(fewer.extensions?.restCalls).toMatchObject({ estimated: 4 })
  expect(dry).toMatchObject({ data: null, extensions: { restCalls: { estimated: alone } } })
  expect(accepting.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8')
  const credentials = new Set(gateway.sandbox.requests().map(({ credential }) => credential))
  expect(credentials.size).toBe(2)
})

test('what is asked after a write is not answered with the response to what was asked before it', async () => {
  const { gateway, ask, account } = await serveWarm()
  delayMembers(gateway.sandbox)
  const create = `mutation ($input: CreateUserGroupInput!) {
    createUserGroup(input: $input) { userGroup { name } userErrors { message } }
  }`
  const input = { accountId: account, name: 'Aardvarks' }
  const before = ask({}, { variables: { first: 100 } })
  await vi.waitFor(() => expect(gateway.requests().length).toBeGreaterThan(1))
  expect(await ask({}, { document: create, variables: { input } })).not.toHaveProperty('errors')
  const after = await ask({}, { variables: { first: 100 } })
  await before
  expect(JSON.stringify(after.data)).toContain('Aardvarks')
})

test('equal mutations are each done', async () => {
  const { gateway, ask, account } = await serveWarm()
  const create = `mutation ($input: CreateUserGroupInput!) {
    createUserGroup(input: $input) { userGroup { name } userErrors { message } }
  }`
  const input = { accountId: account, name: 'Twins' }
  await ask({}, { document: create, variables: { input: { ...input, name: 'Warm' } } })
  gateway.sandbox.clearRequests()
  await Promise.all([1, 2].map(() => ask({}, { document: create, variables: { input } })))
  expect(gateway.requests().filter((call) => call.startsWith('POST'))).toHaveLength(2)
})

test('a failure is of each request alone', async () => {
  const { gateway, ask, alone } = await serveWarm()
  gateway.sandbox.setFaults([{ path: '*/iam/user_groups?*', respond: [403], repeat: true }])
  for (const { errors, extensions } of await Promise.all([ask(), ask(), ask()])) {
    expect(errors?.map((error) => error.extensions.code)).toEqual(['FORBIDDEN'])
    expect(extensions?.restCalls).toMatchObject({ estimated: alone })
  }
})

test('who waits for a leader that leaves is answered, and who leaves is logged', async () => {
  const { gateway, lines, ask, data } = await serveWarm()
  // Whoever comes behind a leader finds it still waiting, also where looking for its first call takes as long as that call.
  delayMembers(gateway.sandbox)
  const [leaving, following] = [new AbortController(), new AbortController()]
  const leader = ask({}, { signal: leaving.signal })
  const left = expect(leader).rejects.toThrow()
  await vi.waitFor(() => expect(gateway.requests().length).toBeGreaterThan(0))
  const follower = ask()
  leaving.abort()
  await left
  expect(await follower).toMatchObject({ data })

  gateway.sandbox.clearRequests()
  lines.length = 0
  const staying = ask()
  await vi.waitFor(() => expect(gateway.requests().length).toBeGreaterThan(0))
  const gone = expect(ask({ 'x-request-id': 'gone' }, { signal: following.signal })).rejects.toThrow()
  // It has to be there before it can leave: what comes behind it on another connection is answered.
  await ask({ 'x-dry-run': 'true' })
  following.abort()
  await gone
  expect(await staying).toMatchObject({ data })
  await vi.waitFor(() =>
    expect(lines).toContainEqual(
      expect.objectContaining({ requestId: 'gone', restCalls: 0, callerLeft: true }),
    ),
  )
})

test('a refusal before the body is read leaves the connection as it was', async () => {
  // With credentials of its own and nobody who proves to be somebody, a gateway answers under the names of its own machine alone.
  const { url } = await serveGateway({ config: { serviceHeaders: { authorization: 'Bearer own' } } })
  const body = JSON.stringify({ query: '{ __typename }' })
  const request = (host: string, connection: string) =>
    `POST /graphql HTTP/1.1\r\nhost: ${host}\r\nconnection: ${connection}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const statuses = await new Promise<(string | undefined)[]>((resolve) => {
    let text = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
      socket.write(request('elsewhere.example', 'keep-alive')),
    )
    socket.once('data', () => socket.write(request('localhost', 'close')))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)))
  })
  expect(statuses).toEqual(['421', '200'])
})

test('a body that comes in pieces, and one that never comes whole, are for the app', async () => {
  const { url, lines } = await serveWarm()
  const body = JSON.stringify({ query: '{ __typename }' })
  const head = (length: number) =>
    `POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`
  const { port } = new URL(url)
  const answer = await new Promise<string>((resolve) => {
    let text = ''
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(head(body.length) + body.slice(0, 5))
      // What is read together came in one piece.
      setImmediate(() => setImmediate(() => socket.write(body.slice(5))))
    })
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
  })
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\{"__typename":"Query"\}/s)

  lines.length = 0
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(head(1_000), () => socket.destroy()))
  await vi.waitFor(() =>
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'request', status: 400 })),
  )
})
