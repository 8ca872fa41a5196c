import { expect, test } from 'vitest'
import { encodeGlobalId, type NodeType, nodeTypes } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { callsOf, readAll, type WireGroup } from './support/rest.ts'

const unknown = 'f'.repeat(32)
const nodes =
  'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on PermissionGroup { name } ... on UserGroup { title: name } ... on ResourceGroup { name } ... on Member { email } ... on SSOConnector { emailDomain } ... on Account { name } } }'

test('node fetches an object of any type by its id', async () => {
  const gateway = await startGateway()
  for (const [type, { id, call }] of Object.entries(await oneOfEach(gateway))) {
    const { data, extensions } = await gateway.query<{ readonly node: Readonly<Record<string, unknown>> }>(
      `query ($id: ID!) {
        node(id: $id) {
          __typename
          id
          ... on Account { name }
          ... on PermissionGroup { name account { tag } }
          ... on ResourceGroup { name account { tag } }
          ... on UserGroup { title: name account { tag } }
          ... on Member { email account { tag } }
          ... on SSOConnector { emailDomain account { tag } }
        }
      }`,
      { id },
    )
    expect(data.node).toMatchObject({ __typename: type, id })
    expect(Object.values(data.node)).not.toContain(null)
    expect(callsOf(gateway)).toEqual([call])
    expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
    gateway.sandbox.clearRequests()
  }
})

test.each(nodeTypes)(
  'a %s that is not there is null without an error, and its identity costs nothing',
  async (type) => {
    const gateway = await startGateway()
    const accountTag = type === 'Account' ? unknown : gateway.sandbox.accountTag
    const id = encodeGlobalId(type, accountTag, unknown)
    const identity = await gateway.query('query ($id: ID!) { node(id: $id) { __typename id } }', { id })
    expect(identity.data).toEqual({ node: { __typename: type, id } })
    expect(gateway.requests()).toEqual([])
    const { data, errors } = await gateway.query(nodes, { ids: [id] })
    expect({ data, errors }).toEqual({ data: { nodes: [null] }, errors: undefined })
    expect(gateway.requests()).toHaveLength(1)
  },
)

test.each(['', unknown, `ug_${unknown}`, `zz_${unknown}${unknown}`, '../accounts', 'x'.repeat(10_000)])(
  'what is no global id is refused without a call: %j',
  async (id) => {
    const gateway = await startGateway()
    const { data, errors } = await gateway.query('query ($id: ID!) { node(id: $id) { id } }', { id })
    expect(data).toEqual({ node: null })
    expect(errors).toMatchObject([
      {
        message: 'id is not a global id of this API',
        path: ['node'],
        extensions: { code: 'BAD_USER_INPUT', argument: 'id' },
      },
    ])
    expect(gateway.requests()).toEqual([])
  },
)

test('nodes answers in the order asked, what is unknown or wrong null at its own place', async () => {
  const gateway = await startGateway()
  const { UserGroup, ResourceGroup } = await oneOfEach(gateway)
  const gone = encodeGlobalId('UserGroup', gateway.sandbox.accountTag, unknown)
  const { data, errors } = await gateway.query(nodes, {
    ids: [ResourceGroup.id, 'nonsense', UserGroup.id, gone, ResourceGroup.id],
  })
  const resourceGroup = { __typename: 'ResourceGroup', id: ResourceGroup.id, name: expect.any(String) }
  expect(data).toEqual({
    nodes: [resourceGroup, null, expect.objectContaining({ id: UserGroup.id }), null, resourceGroup],
  })
  expect(errors).toMatchObject([
    {
      message: 'ids.1 is not a global id of this API',
      path: ['nodes', 1],
      extensions: { code: 'BAD_USER_INPUT', argument: 'ids.1' },
    },
  ])
})

test('one object named twice, and once more by another field, is one call', async () => {
  const gateway = await startGateway()
  const { UserGroup } = await oneOfEach(gateway)
  const { data, extensions } = await gateway.query(
    `query ($id: ID!, $ids: [ID!]!) {
      nodes(ids: $ids) { ... on UserGroup { name } }
      node(id: $id) { ... on UserGroup { name policies { tag } } }
    }`,
    { id: UserGroup.id, ids: [UserGroup.id, UserGroup.id] },
  )
  expect(data).toMatchObject({ nodes: [{ name: expect.any(String) }, { name: expect.any(String) }] })
  expect(callsOf(gateway)).toEqual([UserGroup.call])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('a hundred permission groups of 130 are three pages', async () => {
  const gateway = await startGateway()
  const rows = await readAll<WireGroup>(gateway, '/iam/permission_groups')
  const wanted = rows.toReversed().slice(0, 100)
  const ids = wanted.map(({ id }) => encodeGlobalId('PermissionGroup', gateway.sandbox.accountTag, id))
  const { data, extensions } = await gateway.query(nodes, { ids })
  expect(data).toEqual({
    nodes: wanted.map(({ name }, index) => ({ __typename: 'PermissionGroup', id: ids[index], name })),
  })
  expect(callsOf(gateway)).toEqual([
    'GET A/iam/permission_groups?page=1&per_page=50',
    'GET A/iam/permission_groups?page=2&per_page=50',
    'GET A/iam/permission_groups?page=3&per_page=50',
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 3, made: 3, limit: 200 } })
})

test('many of a kind that lists itself in one answer are that one call', async () => {
  const gateway = await startGateway()
  const rows = await readAll<WireGroup>(gateway, '/iam/resource_groups')
  const ids = rows.map(({ id }) => encodeGlobalId('ResourceGroup', gateway.sandbox.accountTag, id))
  const { data } = await gateway.query(nodes, { ids })
  expect(data).toMatchObject({ nodes: ids.map((id) => ({ id })) })
  expect(callsOf(gateway)).toEqual(['GET A/iam/resource_groups'])
})

test('more than 500 ids are refused without a call', async () => {
  const gateway = await startGateway()
  const ids = Array(501).fill(encodeGlobalId('UserGroup', gateway.sandbox.accountTag, unknown))
  const { data, errors, extensions } = await gateway.query(nodes, { ids })
  expect(data).toBeNull()
  expect(errors).toMatchObject([
    {
      message: 'ids must name at most 500 objects, not 501',
      extensions: { code: 'BAD_USER_INPUT', argument: 'ids' },
    },
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 0, made: 0, limit: 200 } })
})

test('no ids are no nodes', async () => {
  const gateway = await startGateway()
  const { data } = await gateway.query(nodes, { ids: [] })
  expect(data).toEqual({ nodes: [] })
})

/** An object of every type: its id, and the call that fetches it alone. */
async function oneOfEach(
  gateway: Gateway,
): Promise<Readonly<Record<NodeType, { readonly id: string; readonly call: string }>>> {
  const { accountTag, landmarks } = gateway.sandbox
  const first = async (path: string) => (await readAll<WireGroup>(gateway, path))[0]?.id ?? ''
  const entry = (type: NodeType, tag: string, path: string) => ({
    id: encodeGlobalId(type, accountTag, tag),
    call: `GET A${path}`,
  })
  const [permissionGroup, member, connector] = [
    await first('/iam/permission_groups'),
    await first('/members'),
    await first('/sso_connectors'),
  ]
  const [resourceGroup = '', userGroup = ''] = [landmarks.systemResourceGroup, landmarks.allStaffUserGroup]
  return {
    Account: entry('Account', accountTag, ''),
    PermissionGroup: entry('PermissionGroup', permissionGroup, `/iam/permission_groups/${permissionGroup}`),
    ResourceGroup: entry('ResourceGroup', resourceGroup, `/iam/resource_groups/${resourceGroup}`),
    UserGroup: entry('UserGroup', userGroup, `/iam/user_groups/${userGroup}`),
    Member: entry('Member', member, `/members/${member}`),
    SSOConnector: entry('SSOConnector', connector, `/sso_connectors/${connector}`),
  }
}
