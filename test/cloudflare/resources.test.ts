import { expect, test } from 'vitest'
import { getAccount, listAccounts } from '../../src/cloudflare/accounts.ts'
import type { RestClient } from '../../src/cloudflare/client.ts'
import { getMember, listMembers } from '../../src/cloudflare/members.ts'
import { getPermissionGroup, listPermissionGroups } from '../../src/cloudflare/permission-groups.ts'
import {
  createResourceGroup,
  deleteResourceGroup,
  getResourceGroup,
  listResourceGroups,
  scopesOf,
  updateResourceGroup,
} from '../../src/cloudflare/resource-groups.ts'
import {
  beginVerification,
  createSSOConnector,
  deleteSSOConnector,
  getSSOConnector,
  listSSOConnectors,
  updateSSOConnector,
} from '../../src/cloudflare/sso-connectors.ts'
import {
  addUserGroupMembers,
  getUserGroupMember,
  listUserGroupMembers,
  removeUserGroupMember,
  setUserGroupMembers,
} from '../../src/cloudflare/user-group-members.ts'
import {
  createUserGroup,
  deleteUserGroup,
  getUserGroup,
  listUserGroups,
  updateUserGroup,
} from '../../src/cloudflare/user-groups.ts'
import { failure, startRestServer, success } from '../support/rest-server.ts'
import { accountTag, connect, failureOf } from './connect.ts'

const tag = 'b'.repeat(32)
const memberTag = 'c'.repeat(32)
const record = {
  id: tag,
  name: 'Acme',
  created_on: '2026-01-01T00:00:00Z',
  modified_on: '2026-01-02T00:00:00Z',
}
const account = `/accounts/${accountTag}`
const group = `${account}/iam/user_groups/${tag}`

type Operation = readonly [request: string, call: (rest: RestClient) => Promise<unknown>, body?: unknown]

const scope = { key: `com.cloudflare.api.account.${accountTag}`, objects: [{ key: '*' }] }
const userGroup = {
  name: 'Ops',
  policies: [
    { access: 'allow' as const, permission_groups: [{ id: tag }], resource_groups: [{ id: memberTag }] },
  ],
}

const reads: readonly Operation[] = [
  [`GET ${account}`, (rest) => getAccount(rest, accountTag)],
  [`GET ${account}/members/${tag}`, (rest) => getMember(rest, accountTag, tag)],
  [`GET ${account}/iam/permission_groups/${tag}`, (rest) => getPermissionGroup(rest, accountTag, tag)],
  [`GET ${account}/iam/resource_groups/${tag}`, (rest) => getResourceGroup(rest, accountTag, tag)],
  [`GET ${group}`, (rest) => getUserGroup(rest, accountTag, tag)],
  [`GET ${group}/members/${memberTag}`, (rest) => getUserGroupMember(rest, accountTag, tag, memberTag)],
  [`GET ${account}/sso_connectors/${tag}`, (rest) => getSSOConnector(rest, accountTag, tag)],
]

const lists: readonly Operation[] = [
  [
    'GET /accounts?name=Acme&direction=desc&page=2&per_page=50',
    (rest) => listAccounts(rest, { page: 2, perPage: 50, name: 'Acme', direction: 'desc' }),
  ],
  [
    `GET ${account}/members?order=user.email&page=1&per_page=5`,
    (rest) => listMembers(rest, accountTag, { page: 1, perPage: 5 }),
  ],
  [
    `GET ${account}/members?order=user.email&status=pending&direction=desc&page=1&per_page=5`,
    (rest) => listMembers(rest, accountTag, { page: 1, perPage: 5, status: 'pending', direction: 'desc' }),
  ],
  [
    `GET ${account}/iam/permission_groups?name=DNS%20Read&label=dns_read&page=3&per_page=20`,
    (rest) =>
      listPermissionGroups(rest, accountTag, { page: 3, perPage: 20, name: 'DNS Read', label: 'dns_read' }),
  ],
  [`GET ${account}/iam/resource_groups`, (rest) => listResourceGroups(rest, accountTag)],
  [
    `GET ${account}/iam/resource_groups?name=x`,
    (rest) => listResourceGroups(rest, accountTag, { name: 'x' }),
  ],
  [
    `GET ${account}/iam/user_groups?name=a&fuzzyName=b&direction=asc&page=1&per_page=500`,
    (rest) =>
      listUserGroups(rest, accountTag, {
        page: 1,
        perPage: 500,
        name: 'a',
        fuzzyName: 'b',
        direction: 'asc',
      }),
  ],
  [
    `GET ${group}/members?fuzzyEmail=%40example.com&direction=desc&page=1&per_page=1`,
    (rest) =>
      listUserGroupMembers(rest, accountTag, tag, {
        page: 1,
        perPage: 1,
        fuzzyEmail: '@example.com',
        direction: 'desc',
      }),
  ],
  [`GET ${account}/sso_connectors`, (rest) => listSSOConnectors(rest, accountTag)],
]

const writes: readonly Operation[] = [
  [
    `POST ${account}/iam/resource_groups`,
    (rest) => createResourceGroup(rest, accountTag, { name: 'Zones', scope }),
    { name: 'Zones', scope },
  ],
  [
    `PUT ${account}/iam/resource_groups/${tag}`,
    (rest) => updateResourceGroup(rest, accountTag, tag, { name: 'Zones', scope: [scope] }),
    { name: 'Zones', scope: [scope] },
  ],
  [`POST ${account}/iam/user_groups`, (rest) => createUserGroup(rest, accountTag, userGroup), userGroup],
  [`PUT ${group}`, (rest) => updateUserGroup(rest, accountTag, tag, userGroup), userGroup],
  [
    `POST ${account}/sso_connectors`,
    (rest) =>
      createSSOConnector(rest, accountTag, { email_domain: 'example.com', begin_verification: false }),
    { email_domain: 'example.com', begin_verification: false },
  ],
  [
    `PATCH ${account}/sso_connectors/${tag}`,
    (rest) => updateSSOConnector(rest, accountTag, tag, { enabled: true }),
    { enabled: true },
  ],
]

const memberWrites: readonly Operation[] = [
  [
    `POST ${group}/members`,
    (rest) => addUserGroupMembers(rest, accountTag, tag, [memberTag]),
    [{ id: memberTag }],
  ],
  [`PUT ${group}/members`, (rest) => setUserGroupMembers(rest, accountTag, tag, []), []],
]

const endings: readonly Operation[] = [
  [`DELETE ${account}/iam/resource_groups/${tag}`, (rest) => deleteResourceGroup(rest, accountTag, tag)],
  [`DELETE ${group}`, (rest) => deleteUserGroup(rest, accountTag, tag)],
  [`DELETE ${group}/members/${memberTag}`, (rest) => removeUserGroupMember(rest, accountTag, tag, memberTag)],
  [`DELETE ${account}/sso_connectors/${tag}`, (rest) => deleteSSOConnector(rest, accountTag, tag)],
  [
    `POST ${account}/sso_connectors/${tag}/begin_verification`,
    (rest) => beginVerification(rest, accountTag, tag),
  ],
]

for (const [request, call] of reads) {
  test(`${request} gives the record, and null where there is none`, async () => {
    const server = await startRestServer(
      success(record),
      failure(404, 404, 'not found'),
      failure(400, 7003, 'Could not route'),
      success(null),
      failure(403, 10000, 'Authentication error'),
    )
    const rest = connect(server.url).rest()
    expect(await call(rest)).toEqual(record)
    expect([await call(rest), await call(rest), await call(rest)]).toEqual([null, null, null])
    expect(await failureOf(call(rest))).toMatchObject({ kind: 'forbidden' })
    expect(server.lines()).toEqual(Array(5).fill(request))
  })
}

for (const [request, call] of lists) {
  test(`${request} gives a page, and fails where there is none`, async () => {
    const server = await startRestServer(success([record], { page: 1 }), failure(404, 404, 'not found'))
    const rest = connect(server.url).rest()
    expect(await call(rest)).toEqual({ rows: [record], info: { page: 1 } })
    expect(await failureOf(call(rest))).toMatchObject({ kind: 'not-found' })
    expect(server.lines()).toEqual([request, request])
  })
}

for (const [request, call, body] of writes) {
  test(`${request} writes and gives what the upstream shows`, async () => {
    const server = await startRestServer(success(record), success(null))
    const rest = connect(server.url).rest()
    expect([await call(rest), await call(rest)]).toEqual([record, null])
    expect(server.lines()).toEqual([request, request])
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual(body)
  })
}

for (const [request, call, body] of memberWrites) {
  test(`${request} sends a bare array and gives the members, however they are shown`, async () => {
    const server = await startRestServer(success([record]), success(record), success(null))
    const rest = connect(server.url).rest()
    expect([await call(rest), await call(rest), await call(rest)]).toEqual([[record], [record], []])
    expect(server.lines()[0]).toBe(request)
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual(body)
  })
}

for (const [request, call] of endings) {
  test(`${request} sends no body and gives nothing`, async () => {
    const server = await startRestServer(success({ id: tag }), success(undefined))
    const rest = connect(server.url).rest()
    expect([await call(rest), await call(rest)]).toEqual([undefined, undefined])
    expect(server.lines()).toEqual([request, request])
    expect(server.requests[0]?.body).toBe('')
  })
}

test('an unknown account member may come as code 1003', async () => {
  const server = await startRestServer(failure(400, 1003, 'Member not found'), failure(400, 1006, 'no'))
  const rest = connect(server.url).rest()
  expect(await getMember(rest, accountTag, tag)).toBe(null)
  expect(await failureOf(getMember(rest, accountTag, tag))).toMatchObject({ kind: 'refused' })
})

test('no call is made for what is no tag', async () => {
  const server = await startRestServer(success(record))
  const rest = connect(server.url).rest()
  expect(() => getAccount(rest, '')).toThrow(TypeError)
  expect(() => getUserGroup(rest, accountTag, '../../../user/tokens')).toThrow(TypeError)
  await expect(deleteUserGroup(rest, accountTag, '')).rejects.toThrow(TypeError)
  expect(server.requests).toEqual([])
})

test('a user group without its name or times is no user group', async () => {
  for (const missing of ['name', 'created_on', 'modified_on']) {
    const part = Object.fromEntries(Object.entries(record).filter(([name]) => name !== missing))
    const server = await startRestServer(success([record, part]), success(part))
    const rest = connect(server.url).rest()
    const page = failureOf(listUserGroups(rest, accountTag, { page: 1, perPage: 100 }))
    expect(await page).toMatchObject({ kind: 'unavailable', status: 200 })
    expect(await failureOf(getUserGroup(rest, accountTag, tag))).toMatchObject({ kind: 'unavailable' })
    expect(await failureOf(createUserGroup(rest, accountTag, userGroup))).toMatchObject({
      kind: 'unavailable',
      mayHaveHappened: true,
    })
  }
})

test('a scope is read as one, as a list, and as missing', () => {
  expect(scopesOf({ id: tag, scope })).toEqual([scope])
  expect(scopesOf({ id: tag, scope: [scope, scope] })).toEqual([scope, scope])
  expect(scopesOf({ id: tag, scope: null })).toEqual([])
  expect(scopesOf({ id: tag })).toEqual([])
})
