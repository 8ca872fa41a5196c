import { expect, test } from 'vitest'
import { encodeGlobalId, type NodeType, nodeTypes } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { callsOf, readAll, type WireGroup } from './support/rest.ts'

const unknown = 'f'.repeat(32)

/** A list with objects of each type, below the account. */
const listPaths: Readonly<Record<Exclude<NodeType, 'Account'>, string>> = {
  PermissionGroup: '/iam/permission_groups',
  ResourceGroup: '/iam/resource_groups',
  UserGroup: '/iam/user_groups',
  Member: '/members',
  SSOConnector: '/sso_connectors',
}

test.each(nodeTypes)(
  'a reference to a %s resolves by each of its keys, identities for nothing',
  async (type) => {
    const gateway = await startGateway()
    const { accountTag } = gateway.sandbox
    const tag = type === 'Account' ? accountTag : await firstOf(gateway, type)
    const id = encodeGlobalId(type, accountTag, tag)
    const byTag = type === 'Account' ? { tag } : { account: { tag: accountTag }, tag }
    const representations = [
      { __typename: type, id },
      { __typename: type, ...byTag },
    ]
    const identity = await entities(gateway, representations, `... on ${type} { id tag }`)
    expect(identity.data).toEqual({
      _entities: [
        { __typename: type, id, tag },
        { __typename: type, id, tag },
      ],
    })
    expect(callsOf(gateway)).toEqual([])
    const name = type === 'Member' ? 'email' : type === 'SSOConnector' ? 'emailDomain' : 'name'
    const { data, extensions } = await entities(gateway, representations, `... on ${type} { named: ${name} }`)
    const whole = { __typename: type, named: expect.any(String) }
    expect(data).toEqual({ _entities: [whole, whole] })
    expect(callsOf(gateway)).toHaveLength(1)
    expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
  },
)

test('thirty references to user groups are one page of their list', async () => {
  const gateway = await startGateway({ sandbox: { seed: { userGroups: 237 } } })
  const rows = await readAll<WireGroup>(gateway, '/iam/user_groups')
  const wanted = rows.slice(100, 130)
  const { data, extensions } = await entities(
    gateway,
    wanted.map(({ id }) => ({
      __typename: 'UserGroup',
      account: { tag: gateway.sandbox.accountTag },
      tag: id,
    })),
    '... on UserGroup { name }',
  )
  expect(data).toEqual({ _entities: wanted.map(({ name }) => ({ __typename: 'UserGroup', name })) })
  expect(callsOf(gateway)).toEqual(['GET A/iam/user_groups?page=1&per_page=500'])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('one reference that is bad, unknown or failing is null at its place, and the others are answered', async () => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  const { accountTag } = gateway.sandbox
  const userGroup = await firstOf(gateway, 'UserGroup')
  const connector = await firstOf(gateway, 'SSOConnector')
  gateway.sandbox.setFaults([{ path: '*/sso_connectors/*', respond: [500] }])
  const bad: readonly (readonly [unknown, string])[] = [
    [{ __typename: 'Zone', id: 'x' }, `a representation must name one of the types ${nodeTypes.join(', ')}`],
    [{ __typename: 'constructor' }, `a representation must name one of the types ${nodeTypes.join(', ')}`],
    [{ __typename: 'UserGroup' }, 'a representation of UserGroup must have id, or account { tag } and tag'],
    [
      { __typename: 'UserGroup', tag: userGroup },
      'a representation of UserGroup must have id, or account { tag } and tag',
    ],
    [{ __typename: 'Account' }, 'a representation of Account must have id, or tag'],
    [
      { __typename: 'UserGroup', id: userGroup },
      'id must be the global id of a UserGroup: a bare tag does not tell the account',
    ],
    [
      { __typename: 'UserGroup', id: encodeGlobalId('Member', accountTag, userGroup) },
      'id must be the id of a UserGroup, not of a Member',
    ],
    [
      { __typename: 'UserGroup', account: { tag: '../x' }, tag: userGroup },
      'account.tag must be the id of an Account, or its tag of 32 hexadecimal characters',
    ],
    [
      { __typename: 'UserGroup', account: { tag: accountTag }, tag: '../members' },
      'tag must be the id of a UserGroup, or its tag of 32 hexadecimal characters',
    ],
    [7, `a representation must name one of the types ${nodeTypes.join(', ')}`],
  ]
  const { data, errors } = await entities(
    gateway,
    [
      ...bad.map(([representation]) => representation),
      { __typename: 'UserGroup', account: { tag: accountTag }, tag: unknown },
      { __typename: 'SSOConnector', account: { tag: accountTag }, tag: connector },
      { __typename: 'UserGroup', account: { tag: accountTag }, tag: userGroup },
    ],
    '... on UserGroup { name } ... on SSOConnector { emailDomain }',
  )
  expect(data).toEqual({
    _entities: [...bad.map(() => null), null, null, { __typename: 'UserGroup', name: expect.any(String) }],
  })
  expect(errors?.toSorted((a, b) => Number(a.path?.[1]) - Number(b.path?.[1]))).toMatchObject([
    ...bad.map(([, message], index) => ({
      message,
      path: ['_entities', index],
      extensions: { code: 'BAD_USER_INPUT', argument: `representations.${index}` },
    })),
    { path: ['_entities', bad.length + 1], extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
  ])
})

test('_service gives what a supergraph composes from, without a call', async () => {
  const gateway = await startGateway()
  const { data, extensions } = await gateway.query<{ readonly _service: { readonly sdl: string } }>(
    '{ _service { sdl } }',
  )
  expect(data._service.sdl).toContain('type UserGroup implements Node')
  expect(extensions).toEqual({ restCalls: { estimated: 0, made: 0, limit: 200 } })
})

function entities(gateway: Gateway, representations: readonly unknown[], selection: string) {
  return gateway.query(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename ${selection} } }`,
    { representations },
  )
}

async function firstOf(gateway: Gateway, type: Exclude<NodeType, 'Account'>): Promise<string> {
  const [first] = await readAll<WireGroup>(gateway, listPaths[type])
  if (first === undefined) throw new Error(`the seed has no ${type}`)
  return first.id
}
