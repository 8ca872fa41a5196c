import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { type Reply, startRestServer, success } from '../support/rest-server.ts'

const account = '0123456789abcdef0123456789abcdef'
const tag = (number: number) => number.toString(16).padStart(32, '0')
const group = (number: number) => ({
  id: tag(number),
  name: `Group ${number}`,
  created_on: '2024-01-01T00:00:00Z',
  modified_on: '2024-01-02T00:00:00Z',
})
const mebibyte = 1024 * 1024

test.each([
  ['account(id: $account) { name type }', 'type', { id: account, name: 'Acme', type: 'galactic' }],
  [
    'account(id: $account) { member(id: $account) { email status } }',
    'status',
    { id: account, email: 'ann@example.com', status: 'asleep' },
  ],
  [
    'account(id: $account) { userGroup(id: $account) { name policies { tag access } } }',
    'access',
    { ...group(1), policies: [{ id: tag(2), access: 'perhaps' }] },
  ],
  [
    'account(id: $account) { ssoConnector(id: $account) { emailDomain verification { code status } } }',
    'status',
    { id: account, email_domain: 'x.example', verification: { code: 'c', status: 'lost' } },
  ],
])('an enum value that nobody knew is null and logged: %s', async (selection, field, result) => {
  const lines: Record<string, unknown>[] = []
  const server = await startRestServer(success(result))
  const { query } = await startGateway({ baseUrl: server.url, log: (line) => lines.push(line) })
  const { data, errors } = await query(`query ($account: ID!) { ${selection} }`, { account })
  expect(errors).toBeUndefined()
  const text = JSON.stringify(data)
  expect(text).toContain(`"${field}":null`)
  // What stands beside it is there.
  expect(text).toMatch(/Acme|ann@example\.com|00002|x\.example/)
  const warnings = lines.filter(({ level }) => level === 40)
  expect(warnings).toMatchObject([{ value: expect.stringMatching(/galactic|asleep|perhaps|lost/) }])
  expect(server.requests).toHaveLength(1)
})

test.each([
  ['the id', { ...group(2), id: undefined }],
  ['the name', { ...group(2), name: undefined }],
  ['a date', { ...group(2), modified_on: undefined }],
])('a row without %s costs its list and nothing else', async (_missing, row) => {
  const byPath: Reply = (response, request) => {
    const isList = request.line.includes('/user_groups')
    const rows = isList ? [group(1), row] : [{ id: tag(3), email_domain: 'x.example' }]
    success(rows)(response, request)
  }
  const server = await startRestServer(byPath)
  const { query } = await startGateway({ baseUrl: server.url })
  const { data, errors } = await query(
    `query ($account: ID!) { account(id: $account) { userGroups { nodes { name } } ssoConnectors { nodes { emailDomain } } } }`,
    { account },
  )
  expect(data).toEqual({
    account: { userGroups: null, ssoConnectors: { nodes: [{ emailDomain: 'x.example' }] } },
  })
  expect(errors).toMatchObject([
    {
      path: ['account', 'userGroups'],
      extensions: { code: 'UPSTREAM_UNAVAILABLE', upstream: { status: 200 } },
    },
  ])
  expect(server.requests).toHaveLength(2)
})

test.each([
  ['a permission group without an id', { permission_groups: [{ name: 'x' }] }],
  ['no policy', null],
  ['policies that are no list', undefined],
])('%s costs what shows policies and nothing else', async (_what, policy) => {
  const policies = policy === undefined ? {} : [policy]
  const server = await startRestServer(success([group(1), { ...group(2), policies }]))
  const { query } = await startGateway({ baseUrl: server.url })
  const ask = (selection: string) =>
    query(
      `query ($account: ID!) { account(id: $account) { tag userGroups { nodes { name ${selection} } } } }`,
      { account },
    )
  const asked = await ask('policies { tag }')
  expect(asked.data).toEqual({ account: { tag: account, userGroups: null } })
  expect(asked.errors).toMatchObject([
    {
      message: expect.stringMatching(/user_groups: answered 200 with a body that cannot be used$/),
      extensions: {
        code: 'UPSTREAM_UNAVAILABLE',
        upstream: { method: 'GET', path: expect.stringContaining('/user_groups?'), status: 200 },
      },
    },
  ])
  expect(server.requests).toHaveLength(1)
})

test('policies that cannot be used do not cost the names beside them', async () => {
  const rows = [group(1), { ...group(2), policies: [{ permission_groups: [{ name: 'x' }] }] }]
  const server = await startRestServer(success(rows))
  const { query } = await startGateway({ baseUrl: server.url })
  const { data, errors } = await query(
    'query ($account: ID!) { account(id: $account) { userGroups { nodes { name } } } }',
    { account },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({ account: { userGroups: { nodes: [{ name: 'Group 1' }, { name: 'Group 2' }] } } })
})

test('a user group is not written back where its policies cannot be used', async () => {
  const server = await startRestServer(success({ ...group(1), policies: [{ access: 'allow' }, 5] }))
  const { query } = await startGateway({ baseUrl: server.url })
  const { errors } = await query(
    'mutation ($input: UpdateUserGroupInput!) { updateUserGroup(input: $input) { userErrors { message } } }',
    { input: { id: `ug_${account}${tag(1)}`, name: 'Renamed' } },
  )
  expect(errors).toMatchObject([
    { path: ['updateUserGroup'], extensions: { code: 'UPSTREAM_UNAVAILABLE', upstream: { method: 'GET' } } },
  ])
  expect(server.requests.map(({ line }) => line.split(' ')[0])).toEqual(['GET'])
})

test('a row that two pages have is given once', async () => {
  // A row comes in before them while they are read: the last one of a page is the first one of the next.
  const ids = (from: number, count: number) => Array.from({ length: count }, (_, index) => tag(from + index))
  const pages = [ids(0, 50), ids(49, 50), ids(98, 22)]
  const byPage: Reply = (response, request) => {
    const page = Number(/[?&]page=(\d+)/.exec(request.line)?.[1])
    success((pages[page - 1] ?? []).map((id) => ({ id, name: id })))(response, request)
  }
  const server = await startRestServer(byPage)
  const { query } = await startGateway({ baseUrl: server.url })
  const { data, errors } = await query(
    'query ($account: ID!) { account(id: $account) { permissionGroups(first: 150) { nodes { tag } } } }',
    { account },
  )
  expect(errors).toBeUndefined()
  const nodes = ids(0, 120).map((one) => ({ tag: one }))
  expect(data).toEqual({ account: { permissionGroups: { nodes } } })
})

test('an answer of ten mebibytes is an answer', async () => {
  const rows = Array.from({ length: 500 }, (_, index) => ({ ...group(index), padding: 'x'.repeat(20_000) }))
  const server = await startRestServer(success(rows))
  const { query } = await startGateway({ baseUrl: server.url })
  const { data, errors } = await query<{ account: { userGroups: { nodes: unknown[] } } }>(
    'query ($account: ID!) { account(id: $account) { userGroups(first: 500) { nodes { name } } } }',
    { account },
  )
  expect(errors).toBeUndefined()
  expect(data.account.userGroups.nodes).toHaveLength(500)
})

test('an answer that never ends is given up at a size, not at an exhausted memory', async () => {
  let sent = 0
  const flood: Reply = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const chunk = Buffer.alloc(mebibyte, ' ')
    const write = () => {
      sent += 1
      response.write(chunk, (error) => {
        if (!error && sent < 200) write()
      })
    }
    write()
  }
  const server = await startRestServer(flood)
  const { query } = await startGateway({ baseUrl: server.url })
  const { data, errors } = await query(
    'query ($account: ID!) { account(id: $account) { tag userGroups { nodes { name } } } }',
    { account },
  )
  expect(data).toEqual({ account: { tag: account, userGroups: null } })
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
  expect(server.requests).toHaveLength(1)
  expect(sent).toBeLessThan(60)
})
