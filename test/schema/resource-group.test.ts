import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { startGateway } from '../support/gateway.ts'
import { askAccount } from './support/ask-account.ts'
import { callsOf, readAll, type WireGroup, type WireScope, type WireUserGroup } from './support/rest.ts'

type WireResourceGroup = Omit<WireGroup, 'name'> & { readonly name?: string; readonly scope: WireScope }

const unknown = 'f'.repeat(32)
const everything =
  '__typename id tag account { tag } name editable meta { key value } scope { key objects { key } }'

test('a resource group is what the upstream says of it, its scope always a list', async () => {
  const gateway = await startGateway()
  const [, wire] = await readAll<WireResourceGroup>(gateway, '/iam/resource_groups')
  const { data, extensions } = await askAccount(gateway, `resourceGroup(id: $id) { ${everything} }`, wire?.id)
  expect(wire?.scope.objects.length).toBeGreaterThan(0)
  expect(data).toEqual({
    account: {
      resourceGroup: {
        __typename: 'ResourceGroup',
        id: encodeGlobalId('ResourceGroup', gateway.sandbox.accountTag, wire?.id ?? ''),
        tag: wire?.id,
        account: { tag: gateway.sandbox.accountTag },
        name: wire?.name,
        editable: true,
        meta: [{ key: 'editable', value: 'true' }],
        scope: [wire?.scope],
      },
    },
  })
  expect(callsOf(gateway)).toEqual([`GET A/iam/resource_groups/${wire?.id}`])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('a scope that comes as a list is the same list', async () => {
  const gateway = await startGateway()
  const asObject = await readAll<WireResourceGroup>(gateway, '/iam/resource_groups')
  const other = await startGateway({ sandbox: { quirks: { scopeAsObject: false } } })
  const { data } = await askAccount(
    other,
    'resourceGroups(first: 500) { nodes { scope { key objects { key } } } }',
  )
  expect(data).toEqual({
    account: { resourceGroups: { nodes: asObject.map(({ scope }) => ({ scope: [scope] })) } },
  })
})

test('the group that Cloudflare keeps itself is not editable', async () => {
  const gateway = await startGateway()
  const { data } = await askAccount(
    gateway,
    'resourceGroup(id: $id) { name editable }',
    gateway.sandbox.landmarks.systemResourceGroup,
  )
  expect(data).toEqual({
    account: {
      resourceGroup: { name: `com.cloudflare.api.account.${gateway.sandbox.accountTag}`, editable: false },
    },
  })
})

test('a group that was made along with a policy has no name', async () => {
  const gateway = await startGateway()
  const nameless = (await readAll<WireResourceGroup>(gateway, '/iam/resource_groups')).at(-1)
  const { data } = await askAccount(
    gateway,
    `resourceGroup(id: $id) { name editable meta { key } scope { key } }`,
    nameless?.id,
  )
  expect(data).toEqual({
    account: {
      resourceGroup: { name: null, editable: true, meta: [], scope: [{ key: nameless?.scope.key }] },
    },
  })
})

test('whatever the upstream leaves out, the lists are there', async () => {
  const gateway = await startGateway()
  const records = [
    { id: unknown },
    { id: unknown, name: null, meta: null, scope: null },
    { id: unknown, scope: { key: 'k', objects: null } },
    { id: unknown, scope: [{ key: 'a', objects: [] }, { key: 'b' }] },
  ]
  gateway.sandbox.setFaults([
    {
      path: '*/iam/resource_groups/*',
      respond: records.map((result) => ({ status: 200, body: { success: true, result } })),
    },
  ])
  const scopes = [
    [],
    [],
    [{ key: 'k', objects: [] }],
    [
      { key: 'a', objects: [] },
      { key: 'b', objects: [] },
    ],
  ]
  for (const scope of scopes) {
    const { data } = await askAccount(
      gateway,
      'resourceGroup(id: $id) { name meta { key } scope { key objects { key } } }',
      unknown,
    )
    expect(data).toEqual({ account: { resourceGroup: { name: null, meta: [], scope } } })
  }
})

test('one that does not exist is null without an error', async () => {
  const gateway = await startGateway()
  const { data, errors } = await askAccount(gateway, 'resourceGroup(id: $id) { editable }', unknown)
  expect({ data, errors }).toEqual({ data: { account: { resourceGroup: null } }, errors: undefined })
})

test('the whole list costs one call, however many windows look at it', async () => {
  const gateway = await startGateway()
  const rows = await readAll<WireResourceGroup>(gateway, '/iam/resource_groups')
  const { data, extensions } = await askAccount(
    gateway,
    `a: resourceGroups(first: 3) { nodes { tag } }
     b: resourceGroups(last: 2) { nodes { tag } totalCount }
     c: resourceGroups(first: 500) { nodes { tag } }
     one: resourceGroup(id: $id) { tag }`,
    rows[4]?.id,
  )
  const tags = rows.map(({ id }) => ({ tag: id }))
  expect(data).toEqual({
    account: {
      a: { nodes: tags.slice(0, 3) },
      b: { nodes: tags.slice(-2), totalCount: 25 },
      c: { nodes: tags },
      one: tags[4],
    },
  })
  expect(callsOf(gateway)).toEqual(['GET A/iam/resource_groups'])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('the filter name is exact, and may find several: names are not unique', async () => {
  const gateway = await startGateway()
  const { data } = await askAccount(
    gateway,
    `named: resourceGroups(filter: { name: "Legacy Zones" }) { nodes { name } totalCount }
     unicode: resourceGroups(filter: { name: "日本のゾーン" }) { nodes { name } }
     none: resourceGroups(filter: { name: "Zones" }) { nodes { name } }`,
  )
  expect(data).toEqual({
    account: {
      named: { nodes: [{ name: 'Legacy Zones' }, { name: 'Legacy Zones' }], totalCount: null },
      unicode: { nodes: [{ name: '日本のゾーン' }] },
      none: { nodes: [] },
    },
  })
  expect(callsOf(gateway).toSorted()).toEqual([
    `GET A/iam/resource_groups?name=${encodeURIComponent('日本のゾーン')}`,
    'GET A/iam/resource_groups?name=Legacy%20Zones',
    'GET A/iam/resource_groups?name=Zones',
  ])
})

test('an empty name to filter by is refused without a call', async () => {
  const gateway = await startGateway()
  const { errors } = await askAccount(gateway, 'resourceGroups(filter: { name: "" }) { nodes { name } }')
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'filter.name' } }])
  expect(callsOf(gateway)).toEqual([])
})

test('userGroups says who may touch it: the user groups with a policy that applies to it', async () => {
  const gateway = await startGateway()
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const rows = await readAll<WireResourceGroup>(gateway, '/iam/resource_groups')
  const { data, extensions } = await askAccount(
    gateway,
    `resourceGroups(first: 50) {
      nodes {
        tag
        userGroups(first: 100) { totalCount nodes { tag name policies { access } } }
        denied: userGroups(access: DENY) { totalCount }
      }
    }`,
  )
  const holders = (tag: string, access?: string) =>
    groups.filter(({ policies }) =>
      policies.some(
        (policy) =>
          (access === undefined || policy.access === access) &&
          policy.resource_groups.some(({ id }) => id === tag),
      ),
    )
  expect(data).toEqual({
    account: {
      resourceGroups: {
        nodes: rows.map(({ id }) => ({
          tag: id,
          userGroups: {
            totalCount: holders(id).length,
            nodes: holders(id).map((group) => ({
              tag: group.id,
              name: group.name,
              policies: group.policies.map(({ access }) => ({ access: access.toUpperCase() })),
            })),
          },
          denied: { totalCount: holders(id, 'deny').length },
        })),
      },
    },
  })
  expect(rows.some(({ id }) => holders(id, 'deny').length > 0)).toBe(true)
  expect(callsOf(gateway)).toEqual(['GET A/iam/resource_groups', 'GET A/iam/user_groups?page=1&per_page=500'])
  expect(extensions).toEqual({ restCalls: { estimated: 2, made: 2, limit: 200 } })
})
