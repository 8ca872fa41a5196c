import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { askAccount } from './support/ask-account.ts'
import { callsOf, readAll, type WireUserGroup } from './support/rest.ts'

test('the policies of every user group come with the list, and so do their groups', async () => {
  const gateway = await startGateway()
  const { accountTag } = gateway.sandbox
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const { data, extensions } = await askAccount(
    gateway,
    `userGroups(first: 500) { nodes { policies {
      tag access
      permissionGroups { id name label meta { key } account { tag } }
      resourceGroups { tag name editable scope { key objects { key } } }
    } } }`,
  )
  expect(data).toEqual({
    account: {
      userGroups: {
        nodes: groups.map(({ policies }) => ({
          policies: policies.map((policy) => ({
            tag: policy.id,
            access: policy.access.toUpperCase(),
            permissionGroups: policy.permission_groups.map(({ id, name, meta }) => ({
              id: encodeGlobalId('PermissionGroup', accountTag, id),
              name,
              label: meta?.label,
              meta: Object.keys(meta ?? {}).map((key) => ({ key })),
              account: { tag: accountTag },
            })),
            resourceGroups: policy.resource_groups.map(({ id, name, meta, scope }) => ({
              tag: id,
              name: name ?? null,
              editable: meta?.editable !== 'false',
              scope: [scope],
            })),
          })),
        })),
      },
    },
  })
  expect(callsOf(gateway)).toEqual(['GET A/iam/user_groups?page=1&per_page=500'])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('an access that this API does not know is null and logged, never an error', async () => {
  const lines: Record<string, unknown>[] = []
  const gateway = await startGateway({ log: (line) => lines.push(line) })
  const [group] = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const [policy] = group?.policies ?? []
  answerUserGroup(gateway, { ...group, policies: [{ ...policy, access: 'audit' }] })
  const { data, errors } = await askAccount(
    gateway,
    'userGroup(id: $id) { policies { tag access } }',
    group?.id,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({ account: { userGroup: { policies: [{ tag: policy?.id, access: null }] } } })
  expect(lines).toContainEqual(expect.objectContaining({ level: 40, enum: 'PolicyAccess', value: 'audit' }))
})

test('policies that are missing are none, and so are their groups', async () => {
  const gateway = await startGateway()
  const [group] = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const selection =
    'userGroup(id: $id) { policies { tag access permissionGroups { tag } resourceGroups { tag } } }'
  answerUserGroup(gateway, { ...group, policies: null }, { ...group, policies: [{}] })
  expect((await askAccount(gateway, selection, group?.id)).data).toEqual({
    account: { userGroup: { policies: [] } },
  })
  expect((await askAccount(gateway, selection, group?.id)).data).toEqual({
    account: {
      userGroup: { policies: [{ tag: null, access: null, permissionGroups: [], resourceGroups: [] }] },
    },
  })
})

test('groups that come as mere ids are fetched where more is asked of them, and announced before', async () => {
  const gateway = await startGateway()
  const { group, thin } = await thinGroup(gateway)
  answerUserGroup(gateway, thin, thin)
  const identities = await askAccount(
    gateway,
    'userGroup(id: $id) { policies { permissionGroups { tag } resourceGroups { tag } } }',
    thin.id,
  )
  expect(identities.extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
  gateway.sandbox.clearRequests()
  const { data, extensions } = await askAccount(
    gateway,
    'userGroup(id: $id) { policies { permissionGroups { tag name } resourceGroups { tag name scope { key } } } }',
    thin.id,
  )
  const [policy] = group.policies
  const [permissionGroup] = policy?.permission_groups ?? []
  const [resourceGroup] = policy?.resource_groups ?? []
  expect(data).toEqual({
    account: {
      userGroup: {
        policies: [
          {
            permissionGroups: [{ tag: permissionGroup?.id, name: permissionGroup?.name }],
            resourceGroups: [
              {
                tag: resourceGroup?.id,
                name: resourceGroup?.name,
                scope: [{ key: resourceGroup?.scope.key }],
              },
            ],
          },
        ],
      },
    },
  })
  expect(callsOf(gateway).toSorted()).toEqual([
    `GET A/iam/permission_groups/${permissionGroup?.id}`,
    `GET A/iam/resource_groups/${resourceGroup?.id}`,
    `GET A/iam/user_groups/${thin.id}`,
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 3, made: 3, limit: 200 } })
})

test('what cannot be afforded of them is refused at its place', async () => {
  const gateway = await startGateway({ config: { maxRestCalls: 1 } })
  const { thin } = await thinGroup(gateway)
  answerUserGroup(gateway, thin)
  const { data, errors } = await askAccount(
    gateway,
    'userGroup(id: $id) { name policies { permissionGroups { tag name } } }',
    thin.id,
  )
  expect(data).toMatchObject({
    account: { userGroup: { name: thin.name, policies: [{ permissionGroups: [{ name: null }] }] } },
  })
  expect(errors).toMatchObject([
    {
      path: ['account', 'userGroup', 'policies', 0, 'permissionGroups', 0, 'name'],
      extensions: {
        code: 'COST_LIMIT_EXCEEDED',
        estimated: 2,
        limit: 1,
        fields: [{ path: 'account.userGroup.policies.permissionGroups.name', calls: 1 }],
      },
    },
  ])
})

test('what came embedded is known to whatever asks for it later in the same operation', async () => {
  const gateway = await startGateway()
  const [group] = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const [policy] = group?.policies ?? []
  const wanted = policy?.resource_groups[0]
  const { data } = await gateway.query(
    `query ($account: ID!, $id: ID!, $wanted: ID!) {
      account(id: $account) {
        userGroup(id: $id) {
          policies { resourceGroups { account { a: resourceGroup(id: $wanted) { name } b: resourceGroup(id: $wanted) { scope { key } } } } }
        }
      }
    }`,
    { account: gateway.sandbox.accountTag, id: group?.id, wanted: wanted?.id },
  )
  expect(JSON.stringify(data)).toContain(JSON.stringify({ name: wanted?.name ?? null }))
  expect(callsOf(gateway)).toEqual([`GET A/iam/user_groups/${group?.id}`])
})

test('a group that only a policy still names exists by its identity alone', async () => {
  const gateway = await startGateway()
  const { thin } = await thinGroup(gateway)
  const gone = 'f'.repeat(32)
  answerUserGroup(gateway, {
    ...thin,
    policies: [{ access: 'allow', permission_groups: [{ id: gone }], resource_groups: [{ id: gone }] }],
  })
  const { data, errors } = await askAccount(
    gateway,
    `userGroup(id: $id) { policies {
      permissionGroups { tag name meta { key } }
      resourceGroups { tag name editable meta { key } scope { key } }
    } }`,
    thin.id,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    account: {
      userGroup: {
        policies: [
          {
            permissionGroups: [{ tag: gone, name: null, meta: [] }],
            resourceGroups: [{ tag: gone, name: null, editable: false, meta: [], scope: [] }],
          },
        ],
      },
    },
  })
})

/** A user group of the sandbox, and the same with the groups of its first policy cut down to their ids. */
async function thinGroup(gateway: Gateway) {
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const group = groups.find(({ policies }) => policies[0]?.resource_groups[0]?.name !== undefined)
  if (group === undefined) throw new Error('the seed has no user group with a policy')
  const [policy] = group.policies
  const idOf = (one: { readonly id: string } | undefined) => [{ id: one?.id }]
  const thinPolicy = {
    ...policy,
    permission_groups: idOf(policy?.permission_groups[0]),
    resource_groups: idOf(policy?.resource_groups[0]),
  }
  return { group, thin: { ...group, policies: [thinPolicy] } }
}

function answerUserGroup(gateway: Gateway, ...records: readonly object[]): void {
  gateway.sandbox.setFaults([
    {
      method: 'GET',
      path: '*/iam/user_groups/*',
      respond: records.map((result) => ({ status: 200, body: { success: true, result } })),
    },
  ])
}
