import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { askAccount } from './support/ask-account.ts'
import { callsOf, readAll, readOne, type WireGroup, type WireUserGroup } from './support/rest.ts'

const unknown = 'f'.repeat(32)

test('a permission group is what the upstream says of it', async () => {
  const gateway = await startGateway()
  const [, wire] = await catalogue(gateway)
  const { data, extensions } = await askAccount(
    gateway,
    'permissionGroup(id: $id) { __typename id tag account { tag } name label description meta { key value } }',
    wire.id,
  )
  expect(data).toEqual({
    account: {
      permissionGroup: {
        __typename: 'PermissionGroup',
        id: globalId(gateway, wire.id),
        tag: wire.id,
        account: { tag: gateway.sandbox.accountTag },
        name: wire.name,
        label: wire.meta?.label,
        description: wire.meta?.description,
        meta: [
          { key: 'description', value: wire.meta?.description },
          { key: 'editable', value: 'false' },
          { key: 'label', value: wire.meta?.label },
          { key: 'scopes', value: wire.meta?.scopes },
        ],
      },
    },
  })
  expect(callsOf(gateway)).toEqual([`GET A/iam/permission_groups/${wire.id}`])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('its identity alone costs nothing, even where there is none', async () => {
  const gateway = await startGateway()
  const { data, errors } = await askAccount(
    gateway,
    'permissionGroup(id: $id) { __typename id tag account { id tag } }',
    unknown,
  )
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    account: { permissionGroup: { id: globalId(gateway, unknown), tag: unknown } },
  })
  expect(callsOf(gateway)).toEqual([])
})

test('one that does not exist is null without an error', async () => {
  const gateway = await startGateway()
  const { data, errors } = await askAccount(gateway, 'permissionGroup(id: $id) { name }', unknown)
  expect({ data, errors }).toEqual({ data: { account: { permissionGroup: null } }, errors: undefined })
  expect(callsOf(gateway)).toEqual([`GET A/iam/permission_groups/${unknown}`])
})

test('one that cannot be read is null with one error at its place', async () => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  gateway.sandbox.setFaults([{ path: '*/iam/permission_groups/*', respond: [500] }])
  const { data, errors } = await askAccount(
    gateway,
    'permissionGroup(id: $id) { name meta { key } }',
    unknown,
  )
  expect(data).toEqual({ account: { permissionGroup: null } })
  expect(errors).toMatchObject([
    { path: ['account', 'permissionGroup'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
  ])
})

test.each(['name', 'label'] as const)('the filter %s is exact, and sent upstream', async (key) => {
  const gateway = await startGateway()
  const [, wire] = await catalogue(gateway)
  const value = key === 'name' ? wire.name : (wire.meta?.label ?? '')
  const { data } = await gateway.query(
    `query ($account: ID!, $filter: PermissionGroupFilter) {
      account(id: $account) { permissionGroups(filter: $filter) { nodes { name label } } }
    }`,
    { account: gateway.sandbox.accountTag, filter: { [key]: value } },
  )
  expect(data).toEqual({
    account: { permissionGroups: { nodes: [{ name: wire.name, label: wire.meta?.label }] } },
  })
  expect(callsOf(gateway)).toEqual([
    `GET A/iam/permission_groups?${key}=${encodeURIComponent(value)}&page=1&per_page=20`,
  ])
})

test('rows that the upstream lets through a filter are sorted out', async () => {
  const gateway = await startGateway()
  const rows = (await catalogue(gateway)).slice(0, 5)
  gateway.sandbox.setFaults([
    { path: '*/iam/permission_groups', respond: [{ status: 200, body: { success: true, result: rows } }] },
  ])
  const { data } = await askAccount(
    gateway,
    `permissionGroups(filter: { name: ${JSON.stringify(rows[2]?.name)} }) { nodes { tag } }`,
    '',
  )
  expect(data).toEqual({ account: { permissionGroups: { nodes: [{ tag: rows[2]?.id }] } } })
})

test('all entries of a filter have to match', async () => {
  const gateway = await startGateway()
  const [first, second] = await catalogue(gateway)
  const { data } = await gateway.query(
    `query ($account: ID!, $filter: PermissionGroupFilter) {
      account(id: $account) { permissionGroups(filter: $filter) { nodes { name } } }
    }`,
    { account: gateway.sandbox.accountTag, filter: { name: first.name, label: second.meta?.label } },
  )
  expect(data).toEqual({ account: { permissionGroups: { nodes: [] } } })
})

test.each([
  ['an empty name', { name: '' }, 'filter.name', 'filter.name must not be empty: leave it out to list all'],
  [
    'an empty label',
    { label: '' },
    'filter.label',
    'filter.label must not be empty: leave it out to list all',
  ],
  [
    'a name that is too long',
    { name: 'ß'.repeat(10_000) },
    'filter.name',
    'filter.name must have at most 1000 characters, not 10000',
  ],
])('%s is refused without a call', async (_, filter, argument, message) => {
  const gateway = await startGateway()
  const { data, errors } = await gateway.query(
    `query ($account: ID!, $filter: PermissionGroupFilter) {
      account(id: $account) { permissionGroups(filter: $filter) { nodes { name } } }
    }`,
    { account: gateway.sandbox.accountTag, filter },
  )
  expect(data).toEqual({ account: { permissionGroups: null } })
  expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT', argument } }])
  expect(callsOf(gateway)).toEqual([])
})

test('what a filter says never leaves its place in the URL', async () => {
  const gateway = await startGateway()
  const name = 'ä/?&page=9#\r\n%2e%2e ..'
  const { data, errors } = await gateway.query(
    `query ($account: ID!, $filter: PermissionGroupFilter) {
      account(id: $account) { permissionGroups(filter: $filter) { nodes { name } } }
    }`,
    { account: gateway.sandbox.accountTag, filter: { name } },
  )
  expect({ data, errors }).toEqual({
    data: { account: { permissionGroups: { nodes: [] } } },
    errors: undefined,
  })
  const [call = ''] = callsOf(gateway)
  const url = new URL(call.replace('GET A', 'http://upstream.test'))
  expect(url.pathname).toBe('/iam/permission_groups')
  expect([...url.searchParams]).toEqual([
    ['name', name],
    ['page', '1'],
    ['per_page', '20'],
  ])
})

test('meta is a list of entries, whatever the upstream puts there', async () => {
  const gateway = await startGateway()
  const meta = { label: 'odd', scopes: ['zone', 'account'], level: 7, empty: null }
  // Fields that are not published must not be taken for anything of the gateway's own.
  const unlisted = { tag: 'x', accountTag: 'y', record: 'z', __typename: 'Member', status: 'V' }
  gateway.sandbox.setFaults([
    {
      path: '*/iam/permission_groups/*',
      respond: [
        { status: 200, body: { success: true, result: { ...unlisted, id: unknown, meta } } },
        { status: 200, body: { success: true, result: { id: unknown, name: null, meta: null } } },
      ],
    },
  ])
  const selection = 'permissionGroup(id: $id) { name label description meta { key value } }'
  const { data } = await askAccount(gateway, selection, unknown)
  expect(data).toEqual({
    account: {
      permissionGroup: {
        name: null,
        label: 'odd',
        description: null,
        meta: [
          { key: 'label', value: 'odd' },
          { key: 'scopes', value: '["zone","account"]' },
          { key: 'level', value: '7' },
          { key: 'empty', value: null },
        ],
      },
    },
  })
  expect((await askAccount(gateway, selection, unknown)).data).toEqual({
    account: { permissionGroup: { name: null, label: null, description: null, meta: [] } },
  })
})

test('userGroups says who holds a permission: the user groups with a policy that names it', async () => {
  const gateway = await startGateway()
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const rows = await catalogue(gateway)
  const { data, extensions } = await gateway.query(
    `query ($account: ID!) {
      account(id: $account) {
        permissionGroups(first: 50) {
          nodes {
            tag
            all: userGroups(first: 100) { totalCount nodes { tag } }
            allowed: userGroups(first: 100, access: ALLOW) { nodes { tag } }
            denied: userGroups(first: 100, access: DENY) { totalCount nodes { tag } }
          }
        }
      }
    }`,
    { account: gateway.sandbox.accountTag },
  )
  const holders = (tag: string, access?: string) =>
    groups.filter(({ policies }) =>
      policies.some(
        (policy) =>
          (access === undefined || policy.access === access) &&
          policy.permission_groups.some(({ id }) => id === tag),
      ),
    )
  const tags = (found: readonly WireUserGroup[]) => found.map(({ id }) => ({ tag: id }))
  expect(data).toEqual({
    account: {
      permissionGroups: {
        nodes: rows.slice(0, 50).map(({ id }) => ({
          tag: id,
          all: { totalCount: holders(id).length, nodes: tags(holders(id)) },
          allowed: { nodes: tags(holders(id, 'allow')) },
          denied: { totalCount: holders(id, 'deny').length, nodes: tags(holders(id, 'deny')) },
        })),
      },
    },
  })
  expect(rows.slice(0, 50).some(({ id }) => holders(id).length > 1)).toBe(true)
  // One page of each list answers all 150 connections.
  expect(callsOf(gateway)).toEqual([
    'GET A/iam/permission_groups?page=1&per_page=50',
    'GET A/iam/user_groups?page=1&per_page=500',
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 2, made: 2, limit: 200 } })
})

test('the join is windowed like any list', async () => {
  const gateway = await startGateway()
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const [wire] = (await catalogue(gateway))
    .map(({ id }) => ({ id, holders: groups.filter((group) => JSON.stringify(group.policies).includes(id)) }))
    .toSorted((a, b) => b.holders.length - a.holders.length)
  const names = wire?.holders.map(({ name }) => ({ name })) ?? []
  expect(names.length).toBeGreaterThan(2)
  const first = await askAccount<Holders>(
    gateway,
    'permissionGroup(id: $id) { userGroups(first: 2) { nodes { name } pageInfo { endCursor hasNextPage } } }',
    wire?.id ?? '',
  )
  const { nodes, pageInfo } = first.data.account.permissionGroup.userGroups
  expect(nodes).toEqual(names.slice(0, 2))
  expect(pageInfo.hasNextPage).toBe(true)
  const rest = await askAccount<Holders>(
    gateway,
    `permissionGroup(id: $id) { userGroups(first: 500, after: "${pageInfo.endCursor}") { nodes { name } pageInfo { endCursor hasNextPage } } }`,
    wire?.id ?? '',
  )
  expect(rest.data.account.permissionGroup.userGroups.nodes).toEqual(names.slice(2))
  // The permission group itself was not fetched: its identity is enough for the join.
  expect(callsOf(gateway)).toEqual([
    'GET A/iam/user_groups?page=1&per_page=500',
    'GET A/iam/user_groups?page=1&per_page=500',
  ])
})

test('where the user groups cannot be read, only the join is null', async () => {
  const gateway = await startGateway({ headers: { authorization: 'Bearer user-groups-forbidden-token' } })
  const [wire] = await catalogue(gateway)
  const { data, errors } = await askAccount(
    gateway,
    'permissionGroup(id: $id) { name userGroups { nodes { name } } }',
    wire.id,
  )
  expect(data).toEqual({ account: { permissionGroup: { name: wire.name, userGroups: null } } })
  expect(errors).toMatchObject([
    { path: ['account', 'permissionGroup', 'userGroups'], extensions: { code: 'FORBIDDEN' } },
  ])
})

test('nothing of a join is made where nothing of it is asked', async () => {
  const gateway = await startGateway()
  const { data } = await askAccount(
    gateway,
    'permissionGroup(id: $id) { userGroups { __typename } }',
    unknown,
  )
  expect(data).toEqual({
    account: { permissionGroup: { userGroups: { __typename: 'UserGroupConnection' } } },
  })
  expect(callsOf(gateway)).toEqual([])
})

type Holders = {
  readonly permissionGroup: {
    readonly userGroups: {
      readonly nodes: readonly { readonly name: string }[]
      readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean }
    }
  }
}

async function catalogue(gateway: Gateway): Promise<readonly [WireGroup, WireGroup, ...WireGroup[]]> {
  const [first, second, ...others] = await readAll<WireGroup>(gateway, '/iam/permission_groups')
  if (first === undefined || second === undefined) throw new Error('the catalogue is empty')
  expect(await readOne<WireGroup>(gateway, `/iam/permission_groups/${first.id}`)).toMatchObject({
    id: first.id,
  })
  return [first, second, ...others]
}

function globalId(gateway: Gateway, tag: string): string {
  return encodeGlobalId('PermissionGroup', gateway.sandbox.accountTag, tag)
}
