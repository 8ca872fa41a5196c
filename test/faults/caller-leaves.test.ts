import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { failure, hang, held, startRestServer, success } from '../support/rest-server.ts'

const account = '0123456789abcdef0123456789abcdef'
const tags = ['a', 'b', 'c'].map((letter) => letter.repeat(32))

const names = `query ($account: ID!) { account(id: $account) { userGroups(first: 5) { nodes { name } } } }`
const threeGroups = `{ nodes(ids: [${tags.map((tag) => `"ug_${account}${tag}"`)}]) { ... on UserGroup { name } } }`
const userGroup = {
  id: tags[0],
  name: 'Night Shift',
  created_on: '2024-01-01T00:00:00Z',
  modified_on: '2024-01-01T00:00:00Z',
}

test('the REST calls of a caller who hangs up are cancelled, and the log says who left', async () => {
  const requestLines: unknown[] = []
  const gateway = await startGateway({
    log: (line) => {
      if (line.msg === 'request') requestLines.push(line)
    },
  })
  const { sandbox } = gateway
  sandbox.setFaults([{ path: '*', respond: [{ hang: 'before-headers' }], repeat: true }])
  const leave = new AbortController()
  const asked = overHttp(gateway, names, { account: sandbox.accountTag }, leave.signal)
  await vi.waitFor(() => expect(sandbox.requests()).toHaveLength(1))
  leave.abort()
  await expect(asked).rejects.toThrow()
  await vi.waitFor(() => expect(sandbox.requests()).toMatchObject([{ clientGone: true }]))
  await vi.waitFor(() => expect(requestLines).toMatchObject([{ restCalls: 1, callerLeft: true }]))
})

test('a call goes on as long as anybody waits for it', async () => {
  const slow = held(success([userGroup]))
  const other = held(success([]))
  const server = await startRestServer(slow.reply, other.reply)
  const gateway = await startGateway({ baseUrl: server.url })
  const leave = new AbortController()
  const first = overHttp(gateway, names, { account }, leave.signal)
  await slow.arrived
  // Its other list shows when the second has come as far as to wait for the call of the first.
  const both = names.replace('userGroups', 'ssoConnectors { nodes { tag } } userGroups')
  const second = overHttp(gateway, both, { account })
  await other.arrived
  leave.abort()
  await expect(first).rejects.toThrow()
  other.release()
  slow.release()
  const { data, errors } = await second
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({ account: { userGroups: { nodes: [{ name: 'Night Shift' }] } } })
  expect(server.requests).toHaveLength(2)
})

test('calls that still wait for their turn are not made for a caller who left', async () => {
  const server = await startRestServer(hang)
  const gateway = await startGateway({ baseUrl: server.url, config: { restConcurrency: 1 } })
  const leave = new AbortController()
  const asked = overHttp(gateway, threeGroups, {}, leave.signal)
  await vi.waitFor(() => expect(server.requests).toHaveLength(1))
  leave.abort()
  await expect(asked).rejects.toThrow()
  // The place is free at once for somebody else.
  const other = overHttp(gateway, names, { account }, AbortSignal.timeout(1_000)).catch(() => undefined)
  await vi.waitFor(() => expect(server.requests).toHaveLength(2))
  expect(server.lines()[1]).toContain('/iam/user_groups?')
  await other
})

test('a retry that waits is not made for a caller who left', async () => {
  const server = await startRestServer(failure(503, 1, 'later', { 'retry-after': '2' }))
  const lines: Record<string, unknown>[] = []
  const gateway = await startGateway({ baseUrl: server.url, log: (line) => lines.push(line) })
  const leave = new AbortController()
  const startedMs = performance.now()
  const asked = overHttp(gateway, names, { account }, leave.signal)
  await vi.waitFor(() => expect(lines.filter(({ msg }) => msg === 'rest call')).toHaveLength(1))
  leave.abort()
  await expect(asked).rejects.toThrow()
  await gateway.close()
  expect(performance.now() - startedMs).toBeLessThan(8_000)
  expect(server.requests).toHaveLength(1)
})

test('of several mutations, none is begun after the caller left', async () => {
  const gateway = await startGateway()
  const { sandbox } = gateway
  sandbox.setFaults([{ method: 'POST', path: '*', respond: [{ hang: 'before-headers' }], repeat: true }])
  const create = (name: string) =>
    `${name}: createUserGroup(input: { accountId: "${sandbox.accountTag}", name: "${name}" }) { userErrors { code } }`
  const leave = new AbortController()
  const asked = overHttp(gateway, `mutation { ${create('one')} ${create('two')} }`, {}, leave.signal)
  await vi.waitFor(() => expect(sandbox.requests()).toHaveLength(1))
  leave.abort()
  await expect(asked).rejects.toThrow()
  await gateway.close()
  expect(sandbox.requests().map(({ body }) => body)).toMatchObject([{ name: 'one' }])
})

test('an update whose caller leaves between its read and its write is not written', async () => {
  const reading = held(success(userGroup))
  const server = await startRestServer(reading.reply)
  const gateway = await startGateway({ baseUrl: server.url })
  const leave = new AbortController()
  const update = `mutation { updateUserGroup(input: { id: "ug_${account}${tags[0]}", name: "x" }) { userErrors { code } } }`
  const asked = overHttp(gateway, update, {}, leave.signal)
  await reading.arrived
  leave.abort()
  await expect(asked).rejects.toThrow()
  reading.release()
  await gateway.close()
  expect(server.lines()).toEqual([`GET /accounts/${account}/iam/user_groups/${tags[0]}`])
})

test('an operation ends at its deadline, with what it has until then', async () => {
  const gateway = await startGateway({ config: { operationTimeoutMs: 300 } })
  const { sandbox, query } = gateway
  sandbox.setFaults([{ path: '*/user_groups', respond: [{ hang: 'before-headers' }], repeat: true }])
  const startedMs = performance.now()
  const { data, errors } = await query(
    `query ($account: ID!) {
      account(id: $account) { tag ssoConnectors(first: 1) { nodes { emailDomain } } userGroups { nodes { name } } }
    }`,
    { account: sandbox.accountTag },
  )
  expect(performance.now() - startedMs).toBeLessThan(8_000)
  expect(data).toEqual({
    account: {
      tag: sandbox.accountTag,
      ssoConnectors: { nodes: [{ emailDomain: 'quayline.example' }] },
      userGroups: null,
    },
  })
  expect(errors).toMatchObject([
    { path: ['account', 'userGroups'], extensions: { code: 'UPSTREAM_TIMEOUT' } },
  ])
  await vi.waitFor(() => expect(sandbox.requests().filter(({ clientGone }) => clientGone)).toHaveLength(1))
})

test('a deadline bounds what many slow calls take together', async () => {
  const gateway = await startGateway({
    sandbox: { latencyMs: 100 },
    config: { operationTimeoutMs: 350, restConcurrency: 1 },
  })
  const { sandbox, query } = gateway
  const startedMs = performance.now()
  const { errors } = await query(
    `query ($account: ID!) { account(id: $account) { userGroups(first: 20) { nodes { members { nodes { email } } } } } }`,
    { account: sandbox.accountTag },
  )
  expect(performance.now() - startedMs).toBeLessThan(8_000)
  expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['UPSTREAM_TIMEOUT']))
  expect(sandbox.requests().length).toBeLessThan(5)
})

test('a write that the deadline cuts says that it may have happened', async () => {
  const gateway = await startGateway({ config: { operationTimeoutMs: 200 } })
  const { sandbox, query } = gateway
  // Far behind the deadline, however busy the machine is.
  sandbox.setFaults([{ method: 'POST', path: '*', respond: [{ delayMs: 1_500 }] }])
  const create = `mutation ($input: CreateUserGroupInput!) { createUserGroup(input: $input) { userErrors { code } } }`
  const { data, errors } = await query(create, {
    input: { accountId: sandbox.accountTag, name: 'Night Shift' },
  })
  expect(data).toBeNull()
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_TIMEOUT', mayHaveHappened: true } }])
  // It has, or will have.
  const found = `query ($account: ID!) { account(id: $account) { userGroups(filter: { name: "Night Shift" }) { nodes { name } } } }`
  await vi.waitFor(async () => {
    const { data } = await query(found, { account: sandbox.accountTag })
    expect(data).toEqual({ account: { userGroups: { nodes: [{ name: 'Night Shift' }] } } })
  }, 5_000)
})

test('an update that the deadline cuts between its read and its write is not done and says so', async () => {
  const gateway = await startGateway({ config: { operationTimeoutMs: 200 } })
  const { sandbox, query } = gateway
  const group = sandbox.landmarks.allStaffUserGroup
  sandbox.setFaults([{ method: 'GET', path: '*', respond: [{ hang: 'before-headers' }] }])
  const update = `mutation ($input: UpdateUserGroupInput!) { updateUserGroup(input: $input) { userErrors { code } } }`
  const { errors } = await query(update, { input: { id: `ug_${sandbox.accountTag}${group}`, name: 'x' } })
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_TIMEOUT' } }])
  expect(errors?.[0]?.extensions.mayHaveHappened).toBeUndefined()
  expect(sandbox.requests().map(({ method }) => method)).toEqual(['GET'])
})

/** One operation over a connection of its own, as a caller makes it. */
async function overHttp(
  { listener }: Gateway,
  document: string,
  variables: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<{ readonly data: unknown; readonly errors: unknown }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.closeAllConnections())
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer caller' },
    body: JSON.stringify({ query: document, variables }),
    signal: signal ?? null,
  })
  return response.json()
}
