import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { failure, type Reply, startRestServer, success } from '../support/rest-server.ts'
import { companySizes, readCompany, readState } from './company.ts'

const account = '0123456789abcdef0123456789abcdef'
const tag = 'b'.repeat(32)
const group = {
  id: tag,
  name: 'Night Shift',
  created_on: '2024-01-01T00:00:00Z',
  modified_on: '2024-01-02T00:00:00Z',
  policies: [{ id: tag, access: 'allow', permission_groups: [{ id: tag }], resource_groups: [{ id: tag }] }],
}
const rename = `mutation ($id: ID!) { updateUserGroup(input: { id: $id, name: "Day Shift" }) { userErrors { code field } } }`

test('an upstream that goes away between the read and the write of an update is not written to', async () => {
  const server = await startRestServer((response, request) => {
    success(group)(response, request)
    response.on('finish', () => void server.stop())
  })
  const { query } = await startGateway({ baseUrl: server.url, config: { restRetries: 0 } })
  const { data, errors } = await query(rename, { id: `ug_${account}${tag}` })
  expect(data).toBeNull()
  expect(errors).toMatchObject([
    { path: ['updateUserGroup'], extensions: { code: 'UPSTREAM_UNAVAILABLE', upstream: { method: 'PUT' } } },
  ])
  expect(server.lines()).toEqual([`GET /accounts/${account}/iam/user_groups/${tag}`])
})

test('an update whose read fails writes nothing, and nothing may have happened', async () => {
  const server = await startRestServer(failure(503, 1000, 'later'))
  const { query } = await startGateway({ baseUrl: server.url, config: { restRetries: 0 } })
  const { errors } = await query(rename, { id: `ug_${account}${tag}` })
  expect(errors).toMatchObject([
    { extensions: { code: 'UPSTREAM_UNAVAILABLE', upstream: { method: 'GET' } } },
  ])
  expect(errors?.[0]?.extensions.mayHaveHappened).toBeUndefined()
  expect(server.requests).toHaveLength(1)
})

test.each([
  ['an access that nobody knows', { policies: [{ ...group.policies[0], access: 'perhaps' }] }],
  [
    'a policy without its permission groups',
    { policies: [{ ...group.policies[0], permission_groups: null }] },
  ],
  [
    'a policy without its resource groups',
    { policies: [{ ...group.policies[0], resource_groups: undefined }] },
  ],
  ['no word on its policies', { policies: undefined }],
])('what an update would lose is not written: %s', async (_what, odd) => {
  const server = await startRestServer(success({ ...group, ...odd }))
  const { query } = await startGateway({ baseUrl: server.url })
  const { data, errors } = await query(rename, { id: `ug_${account}${tag}` })
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({ updateUserGroup: { userErrors: [{ code: 'CONFLICT' }] } })
  expect(server.lines()).toEqual([`GET /accounts/${account}/iam/user_groups/${tag}`])
})

test('what is written back of an update is what was read, without the ids of policies', async () => {
  const server = await startRestServer(success(group), success({ ...group, name: 'Day Shift' }))
  const { query } = await startGateway({ baseUrl: server.url })
  const { errors } = await query(rename, { id: `ug_${account}${tag}` })
  expect(errors).toBeUndefined()
  const [{ id: _, ...policy } = {}] = group.policies
  expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({ name: 'Day Shift', policies: [policy] })
})

test('of several mutations those before a failure are done, and those behind it are not begun', async () => {
  const gateway = await startGateway({ sandbox: { seed: companySizes }, config: { restRetries: 0 } })
  const { sandbox, query } = gateway
  const company = await readCompany(sandbox)
  const [first, second, third] = company.groups
  sandbox.clearRequests()
  sandbox.setFaults([{ method: 'DELETE', path: `*/${second}`, respond: [502] }])
  const remove = (alias: string, group: string) =>
    `${alias}: deleteUserGroup(input: { id: "ug_${company.account}${group}" }) { deletedUserGroupId }`
  const { data, errors } = await query(
    `mutation { ${remove('one', first)} ${remove('two', second)} ${remove('three', third)} }`,
  )
  // Every payload of a mutation is non-null, so the data is lost as a whole: the path tells how far it came.
  expect(data).toBeNull()
  expect(errors).toMatchObject([
    { path: ['two'], extensions: { code: 'UPSTREAM_UNAVAILABLE', mayHaveHappened: true } },
  ])
  expect(gateway.requests()).toHaveLength(2)
  const { userGroups } = await readState(sandbox, company.account)
  const left = JSON.stringify(userGroups)
  expect([first, second, third].map((group) => left.includes(group))).toEqual([false, true, true])
})

test('a delete that finds nothing at its first attempt has not been done by this caller', async () => {
  const reply: Reply = failure(404, 404, 'User group not found')
  const server = await startRestServer(reply)
  const { query } = await startGateway({ baseUrl: server.url })
  const { data } = await query(
    `mutation ($id: ID!) { deleteUserGroup(input: { id: $id }) { deletedUserGroupId userErrors { code } } }`,
    { id: `ug_${account}${tag}` },
  )
  expect(data).toEqual({ deleteUserGroup: { deletedUserGroupId: null, userErrors: [{ code: 'NOT_FOUND' }] } })
})

test.each([
  [
    'a refusal',
    { status: 400, body: { success: false, errors: [{ code: 1006, message: 'No' }] } },
    'UPSTREAM_REFUSED',
  ],
  ['a refusal of the credential', 403, 'FORBIDDEN'],
  [
    'a refusal of the action',
    { status: 403, body: { success: false, errors: [{ code: 1, message: 'No' }] } },
    'FORBIDDEN',
  ],
  ['a rate limit', 429, 'RATE_LIMITED'],
  ['a redirect', { status: 302 }, 'UPSTREAM_UNAVAILABLE'],
])('a write that was done before its repetition met %s may have happened', async (_what, second, code) => {
  const { sandbox, query } = await startGateway({
    sandbox: { seed: companySizes },
    config: { restRetries: 1 },
  })
  const { account, groups } = await readCompany(sandbox)
  sandbox.setFaults([{ method: 'PUT', path: '*', respond: [{ applyThenReset: true }, second] }])
  const { data, errors } = await query(rename, { id: `ug_${account}${groups[0]}` })
  expect(data).toBeNull()
  expect(errors).toMatchObject([{ extensions: { code, mayHaveHappened: true } }])
  expect(JSON.stringify(await readState(sandbox, account))).toContain('Day Shift')
})
