import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { askAccount } from './support/ask-account.ts'
import { callsOf, readAll, type WireMember, type WirePolicy, type WireUserGroup } from './support/rest.ts'

type WireGrant = { readonly policy: WirePolicy; readonly userGroup: WireUserGroup | undefined }

const shape = 'policy { tag access permissionGroups { name } resourceGroups { tag } } userGroup { tag name }'

test('grants are the own policies of a member and those of its user groups, as one finds by hand', async () => {
  const gateway = await startGateway()
  const { members, grantsOf } = await joinByHand(gateway)
  const { data, errors, extensions } = await askAccount(
    gateway,
    `members(first: 100) { nodes {
      tag
      grants(first: 200) { totalCount nodes { ${shape} } }
      allowed: grants(first: 200, access: ALLOW) { totalCount }
      denied: grants(first: 200, access: DENY) { totalCount nodes { policy { access } userGroup { tag } } }
    } }`,
  )
  expect(errors).toBeUndefined()
  const some = members.slice(0, 100)
  expect(data).toEqual({
    account: {
      members: {
        nodes: some.map((member) => {
          const grants = grantsOf(member)
          const denied = grants.filter(({ policy }) => policy.access === 'deny')
          return {
            tag: member.id,
            grants: { totalCount: grants.length, nodes: grants.map(shown) },
            allowed: { totalCount: grants.length - denied.length },
            denied: {
              totalCount: denied.length,
              nodes: denied.map(({ userGroup }) => ({
                policy: { access: 'DENY' },
                userGroup: { tag: userGroup?.id },
              })),
            },
          }
        }),
      },
    },
  })
  const ways = some.flatMap(grantsOf)
  expect(ways.some(({ userGroup }) => userGroup === undefined)).toBe(true)
  expect(ways.some(({ userGroup }) => userGroup !== undefined)).toBe(true)
  expect(ways.some(({ policy }) => policy.access === 'deny')).toBe(true)
  // Two pages of members, the user groups, and each of the 40 once.
  expect(callsOf(gateway)).toHaveLength(43)
  expect(extensions).toEqual({ restCalls: { estimated: 43, made: 43, limit: 200 } })
})

test('grants of one member cost the member, the user groups and each of them', async () => {
  const gateway = await startGateway({ sandbox: { seed: { userGroups: 5 } } })
  const { members, grantsOf } = await joinByHand(gateway)
  const [member] = members.toSorted((a, b) => grantsOf(b).length - grantsOf(a).length)
  if (member === undefined) throw new Error('the seed has no members')
  const grants = grantsOf(member).map(shown)
  const { data, extensions } = await askAccount<{
    readonly member: { readonly grants: { readonly pageInfo: { readonly endCursor: string } } }
  }>(
    gateway,
    `member(id: $id) {
      userGroups { totalCount }
      grants(first: 2) { nodes { ${shape} } edges { cursor node { policy { tag } } } pageInfo { hasNextPage endCursor } }
    }`,
    member.id,
  )
  const { pageInfo } = data.account.member.grants
  expect(data.account.member.grants).toMatchObject({
    nodes: grants.slice(0, 2),
    pageInfo: { hasNextPage: grants.length > 2 },
  })
  expect(callsOf(gateway)).toHaveLength(7)
  expect(extensions).toEqual({ restCalls: { estimated: 7, made: 7, limit: 200 } })
  const next = await askAccount(
    gateway,
    `member(id: $id) { grants(first: 200, after: "${pageInfo.endCursor}") { nodes { ${shape} } } }`,
    member.id,
  )
  expect(next.data).toEqual({ account: { member: { grants: { nodes: grants.slice(2) } } } })
})

test('grants of a member that does not exist: there is no such member', async () => {
  const gateway = await startGateway({ sandbox: { seed: { userGroups: 2 } } })
  const { data, errors } = await askAccount(
    gateway,
    'member(id: $id) { grants { nodes { policy { access } } } }',
    'f'.repeat(32),
  )
  expect({ data, errors }).toEqual({ data: { account: { member: null } }, errors: undefined })
})

test('one policy that comes by two ways, or by one way under one id, is never merged away', async () => {
  const gateway = await startGateway({ sandbox: { seed: { userGroups: 2 } } })
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const policies = [{ id: 'p1', access: 'allow' }, { access: 'allow' }, { access: 'deny' }]
  const member = { id: 'a'.repeat(32), policies }
  answer(gateway, {
    '*/members/*': member,
    '*/iam/user_groups': groups.map((group) => ({ ...group, policies })),
    '*/iam/user_groups/*/members': [member],
  })
  const { data } = await askAccount(
    gateway,
    'member(id: $id) { grants { totalCount nodes { policy { tag access } userGroup { name } } } }',
    member.id,
  )
  const through = (userGroup: unknown) => [
    { policy: { tag: 'p1', access: 'ALLOW' }, userGroup },
    { policy: { tag: null, access: 'ALLOW' }, userGroup },
    { policy: { tag: null, access: 'DENY' }, userGroup },
  ]
  expect(data).toEqual({
    account: {
      member: {
        grants: {
          totalCount: 9,
          nodes: [through(null), ...groups.map(({ name }) => through({ name }))].flat(),
        },
      },
    },
  })
})

test.each(['userGroups', 'grants'])(
  'where the members of a user group cannot be read, %s is null with an error that names it',
  async (field) => {
    const gateway = await startGateway({ sandbox: { quirks: { badPolicyGroup: true } } })
    const bad = await badGroup(gateway)
    const { data, errors, extensions } = await askAccount(
      gateway,
      `members(first: 5) { nodes { email ${field} { totalCount } } }`,
    )
    expect(data).toEqual({
      account: { members: { nodes: Array(5).fill({ email: expect.any(String), [field]: null }) } },
    })
    expect(errors).toHaveLength(5)
    for (const [index, error] of (errors ?? []).entries()) {
      expect(error).toMatchObject({
        message: `The members of user group "${bad.name}" (${bad.id}) could not be read: Policy validation failed; allowIncomplete gives what could be read`,
        path: ['account', 'members', 'nodes', index, field],
        extensions: {
          code: 'UPSTREAM_REFUSED',
          upstream: {
            method: 'GET',
            status: 400,
            errors: [{ code: 400, message: 'Policy validation failed' }],
          },
        },
      })
    }
    expect(extensions).not.toHaveProperty('incomplete')
    // Asked once, however many members and however it ends.
    expect(callsOf(gateway)).toHaveLength(42)
  },
)

test('with allowIncomplete the rest is given, and what is missing is named', async () => {
  const gateway = await startGateway({ sandbox: { quirks: { badPolicyGroup: true } } })
  const whole = await startGateway()
  const { members, groupsOf, grantsOf } = await joinByHand(whole)
  const bad = await badGroup(gateway)
  const { data, errors, extensions } = await askAccount(
    gateway,
    `members(first: 50) { nodes {
      userGroups(first: 100, allowIncomplete: true) { nodes { tag } }
      grants(first: 200, allowIncomplete: true) { totalCount }
    } }`,
  )
  expect(errors).toBeUndefined()
  const some = members.slice(0, 50)
  expect(data).toEqual({
    account: {
      members: {
        nodes: some.map((member) => ({
          userGroups: {
            nodes: groupsOf(member)
              .filter(({ id }) => id !== bad.id)
              .map(({ id }) => ({ tag: id })),
          },
          grants: { totalCount: grantsOf(member).filter(({ userGroup }) => userGroup?.id !== bad.id).length },
        })),
      },
    },
  })
  expect(some.some((member) => groupsOf(member).some(({ id }) => id === bad.id))).toBe(true)
  const missing = encodeGlobalId('UserGroup', gateway.sandbox.accountTag, bad.id)
  const gap = (path: readonly (string | number)[]) => ({
    path,
    message: `The members of user group "${bad.name}" (${bad.id}) could not be read: Policy validation failed`,
    missing,
  })
  expect(extensions?.incomplete).toHaveLength(100)
  expect(extensions?.incomplete).toEqual(
    expect.arrayContaining(
      some.flatMap((_, index) =>
        ['userGroups', 'grants'].map((field) => gap(['account', 'members', 'nodes', index, field])),
      ),
    ),
  )
  expect(callsOf(gateway)).toHaveLength(42)
})

test('allowIncomplete of one field does not excuse another', async () => {
  const gateway = await startGateway({ sandbox: { quirks: { badPolicyGroup: true } } })
  const id = gateway.sandbox.landmarks.memberWithoutDsr
  const { data, errors } = await askAccount(
    gateway,
    'member(id: $id) { some: userGroups(allowIncomplete: true) { totalCount } all: userGroups { totalCount } }',
    id,
  )
  expect(data).toEqual({ account: { member: { some: { totalCount: 0 }, all: null } } })
  expect(errors).toMatchObject([{ path: ['account', 'member', 'all'] }])
})

test.each([
  ['allowIncomplete: true', 'UPSTREAM_UNAVAILABLE'],
  ['allowIncomplete: false', 'UPSTREAM_UNAVAILABLE'],
])('without the user groups themselves there is no join, with %s either', async (argument, code) => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  gateway.sandbox.setFaults([{ path: '*/iam/user_groups', respond: [500], repeat: true }])
  const { data, errors } = await askAccount(
    gateway,
    `member(id: $id) { email userGroups(${argument}) { totalCount } }`,
    gateway.sandbox.landmarks.memberWithoutDsr,
  )
  expect(data).toEqual({ account: { member: { email: expect.any(String), userGroups: null } } })
  expect(errors).toMatchObject([{ path: ['account', 'member', 'userGroups'], extensions: { code } }])
})

test('a rate limit is no gap: it fails the join, whatever is allowed', async () => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  gateway.sandbox.setFaults([{ path: '*/iam/user_groups/*/members', respond: [429] }])
  const { errors } = await askAccount(
    gateway,
    'member(id: $id) { userGroups(allowIncomplete: true) { totalCount } }',
    gateway.sandbox.landmarks.memberWithoutDsr,
  )
  expect(errors).toMatchObject([
    { path: ['account', 'member', 'userGroups'], extensions: { code: 'RATE_LIMITED' } },
  ])
})

test('the fan-out is priced when its size is known, and refused before it starts', async () => {
  const gateway = await startGateway({ config: { maxRestCalls: 20 } })
  const { data, errors, extensions } = await askAccount(
    gateway,
    'members(first: 3) { nodes { email grants { totalCount } userGroups { totalCount } } }',
  )
  expect(data).toEqual({
    account: {
      members: { nodes: Array(3).fill({ email: expect.any(String), grants: null, userGroups: null }) },
    },
  })
  expect(errors?.[0]).toMatchObject({
    extensions: { code: 'COST_LIMIT_EXCEEDED', estimated: 42, limit: 20, fields: [{ calls: 40 }] },
  })
  expect(callsOf(gateway).toSorted()).toEqual([
    'GET A/iam/user_groups?page=1&per_page=500',
    'GET A/members?order=user.email&page=1&per_page=5',
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 2, made: 2, limit: 20 } })
})

test('a dry run says that the upstream has to tell the rest', async () => {
  const gateway = await startGateway()
  const { data, extensions } = await gateway.query(
    'query ($id: ID!) { account(id: $id) { members(first: 3) { nodes { grants { totalCount } } } } }',
    { id: gateway.sandbox.accountTag },
    { 'X-Dry-Run': 'true' },
  )
  expect(data).toBeNull()
  expect(extensions).toMatchObject({ restCalls: { estimated: 2, atLeast: true, limit: 200 } })
  expect(callsOf(gateway)).toEqual([])
})

/** Reads memberships and policies group by group, as one would without a join. */
async function joinByHand(gateway: Gateway) {
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const members = await readAll<WireMember>(gateway, '/members?order=user.email')
  const tagsIn = new Map<string, ReadonlySet<string>>()
  for (const { id } of groups) {
    const rows = await readAll<WireMember>(gateway, `/iam/user_groups/${id}/members`)
    tagsIn.set(id, new Set(rows.map((row) => row.id)))
  }
  const groupsOf = (member: WireMember) => groups.filter(({ id }) => tagsIn.get(id)?.has(member.id))
  const grantsOf = (member: WireMember): readonly WireGrant[] => [
    ...member.policies.map((policy) => ({ policy, userGroup: undefined })),
    ...groupsOf(member).flatMap((userGroup) => userGroup.policies.map((policy) => ({ policy, userGroup }))),
  ]
  return { members, groupsOf, grantsOf }
}

async function badGroup(gateway: Gateway): Promise<WireUserGroup> {
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const found = groups.find(({ id }) => id === gateway.sandbox.landmarks.denyPolicyUserGroup)
  if (found === undefined) throw new Error('the seed has no user group with a bad policy')
  return found
}

function shown({ policy, userGroup }: WireGrant) {
  return {
    policy: {
      tag: policy.id,
      access: policy.access.toUpperCase(),
      permissionGroups: policy.permission_groups.map(({ name }) => ({ name })),
      resourceGroups: policy.resource_groups.map(({ id }) => ({ tag: id })),
    },
    userGroup: userGroup === undefined ? null : { tag: userGroup.id, name: userGroup.name },
  }
}

function answer(gateway: Gateway, results: Readonly<Record<string, unknown>>): void {
  gateway.sandbox.setFaults(
    Object.entries(results).map(([path, result]) => ({
      path,
      respond: [{ status: 200, body: { success: true, result } }],
      repeat: true,
    })),
  )
}
