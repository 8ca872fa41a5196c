import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { askAccount } from './support/ask-account.ts'
import { callsOf, readAll, type WireMember, type WirePolicy, type WireUserGroup } from './support/rest.ts'

type WholeMember = WireMember & {
  readonly user?: {
    readonly id?: string
    readonly email: string
    readonly first_name: string | null
    readonly last_name: string | null
  }
  readonly roles: readonly { readonly id: string; readonly name: string; readonly description: string }[]
}

const unknown = 'f'.repeat(32)
const everything = `
  __typename id tag account { tag } email status
  user { tag email firstName lastName }
  roles { tag name description }
  policies { tag access permissionGroups { name } resourceGroups { tag } }`

test('members are listed by e-mail address, with all that a member is', async () => {
  const gateway = await startGateway()
  const wire = await readMembers(gateway)
  const { data, extensions } = await askAccount(
    gateway,
    `members(first: 50) { totalCount nodes { ${everything} } }`,
  )
  expect(data).toEqual({
    account: {
      members: { totalCount: 300, nodes: wire.slice(0, 50).map((member) => shown(gateway, member)) },
    },
  })
  expect(new Set(wire.slice(0, 50).map(({ status }) => status)).size).toBeGreaterThan(1)
  expect(callsOf(gateway)).toEqual(['GET A/members?order=user.email&page=1&per_page=50'])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test.each(['accepted', 'pending', 'rejected'])('one member who is %s', async (status) => {
  const gateway = await startGateway()
  const wire = (await readMembers(gateway)).find((member) => member.status === status)
  if (wire === undefined) throw new Error(`the seed has nobody who is ${status}`)
  const { data, extensions } = await askAccount(gateway, `member(id: $id) { ${everything} }`, wire.id)
  expect(data).toEqual({ account: { member: shown(gateway, wire) } })
  expect(callsOf(gateway)).toEqual([`GET A/members/${wire.id}`])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('one who does not exist is null without an error', async () => {
  const gateway = await startGateway()
  const { data, errors } = await askAccount(gateway, 'member(id: $id) { email }', unknown)
  expect({ data, errors }).toEqual({ data: { account: { member: null } }, errors: undefined })
})

test.each([
  ['ACCEPTED', 'accepted'],
  ['PENDING', 'pending'],
  ['REJECTED', 'rejected'],
])('filtered by the status %s', async (status, word) => {
  const gateway = await startGateway()
  const wire = (await readMembers(gateway)).filter((member) => member.status === word).slice(0, 5)
  const { data } = await askAccount(
    gateway,
    `members(first: 5, filter: { status: ${status} }) { totalCount nodes { email status } }`,
  )
  expect(data).toEqual({
    account: { members: { totalCount: null, nodes: wire.map(({ email }) => ({ email, status })) } },
  })
  expect(callsOf(gateway)).toEqual([`GET A/members?order=user.email&status=${word}&page=1&per_page=5`])
})

test('a status that this API does not know is null and logged, and no filter finds it', async () => {
  const lines: Record<string, unknown>[] = []
  const gateway = await startGateway({ log: (line) => lines.push(line) })
  const result = [{ id: unknown, email: 'a@b.example', status: 'suspended' }]
  gateway.sandbox.setFaults([
    { path: '*/members', respond: [{ status: 200, body: { success: true, result } }], repeat: true },
  ])
  const { data, errors } = await askAccount(
    gateway,
    `members { nodes { email status user { tag } } }
     accepted: members(filter: { status: ACCEPTED }) { nodes { email } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    account: {
      members: { nodes: [{ email: 'a@b.example', status: null, user: null }] },
      accepted: { nodes: [] },
    },
  })
  expect(lines).toContainEqual(expect.objectContaining({ enum: 'MemberStatus', value: 'suspended' }))
})

test('what rows of the list leave out is asked of each member itself, and announced before', async () => {
  const gateway = await startGateway({ sandbox: { quirks: { thinMemberRows: true } } })
  const plain = await startGateway()
  const wire = await readMembers(plain)
  const { data, extensions } = await askAccount(gateway, `members(first: 5) { nodes { ${everything} } }`)
  expect(data).toEqual({
    account: { members: { nodes: wire.slice(0, 5).map((member) => shown(gateway, member)) } },
  })
  expect(callsOf(gateway).toSorted()).toEqual(
    [
      'GET A/members?order=user.email&page=1&per_page=5',
      ...wire.slice(0, 5).map(({ id }) => `GET A/members/${id}`),
    ].toSorted(),
  )
  expect(extensions).toEqual({ restCalls: { estimated: 6, made: 6, limit: 200 } })
})

test('what cannot be afforded of it is refused before the first of these calls', async () => {
  const gateway = await startGateway({
    sandbox: { quirks: { thinMemberRows: true } },
    config: { maxRestCalls: 5 },
  })
  const { data, errors } = await askAccount(gateway, 'members(first: 5) { nodes { email roles { name } } }')
  expect(data).toEqual({
    account: { members: { nodes: Array(5).fill({ email: expect.any(String), roles: null }) } },
  })
  expect(errors?.[0]).toMatchObject({
    path: ['account', 'members', 'nodes', 0, 'roles'],
    extensions: { code: 'COST_LIMIT_EXCEEDED', estimated: 6, limit: 5 },
  })
  expect(callsOf(gateway)).toEqual(['GET A/members?order=user.email&page=1&per_page=5'])
})

test('one member who was asked for by id is not asked again for what it leaves out', async () => {
  const gateway = await startGateway()
  const result = { id: unknown, email: 'a@b.example', status: 'pending', roles: null }
  gateway.sandbox.setFaults([
    { path: '*/members/*', respond: [{ status: 200, body: { success: true, result } }], repeat: true },
  ])
  const { data } = await askAccount(
    gateway,
    'member(id: $id) { roles { name } policies { access } }',
    unknown,
  )
  expect(data).toEqual({ account: { member: { roles: null, policies: null } } })
  expect(callsOf(gateway)).toEqual([`GET A/members/${unknown}`])
})

test('what the members of a user group lack comes from the list of members, where that is cheaper', async () => {
  const gateway = await startGateway()
  const id = gateway.sandbox.landmarks.allStaffUserGroup ?? ''
  const wire = new Map((await readMembers(gateway)).map((member) => [member.id, member]))
  const { data, errors, extensions } = await askAccount<{
    readonly userGroup: { readonly members: { readonly nodes: readonly { readonly tag: string }[] } }
  }>(gateway, `userGroup(id: $id) { members(first: 200) { nodes { ${everything} } } }`, id)
  expect(errors).toBeUndefined()
  const { nodes } = data.account.userGroup.members
  expect(nodes).toHaveLength(200)
  for (const node of nodes) {
    const member = wire.get(node.tag)
    if (member === undefined) throw new Error(`${node.tag} is no member of the account`)
    expect(node).toEqual(shown(gateway, member))
  }
  // Six pages hold all 300 members: fewer calls than 200.
  expect(callsOf(gateway)).toHaveLength(7)
  expect(extensions).toMatchObject({ restCalls: { made: 7 } })
})

test('a few members of a user group are fetched one by one', async () => {
  const gateway = await startGateway()
  const id = gateway.sandbox.landmarks.allStaffUserGroup ?? ''
  const rows = await readAll<WireMember>(gateway, `/iam/user_groups/${id}/members`)
  await askAccount(gateway, 'userGroup(id: $id) { members(first: 2) { nodes { email user { tag } } } }', id)
  expect(callsOf(gateway).toSorted()).toEqual(
    [
      `GET A/iam/user_groups/${id}/members?page=1&per_page=2`,
      ...rows.slice(0, 2).map((row) => `GET A/members/${row.id}`),
    ].toSorted(),
  )
})

test('members whose records cannot be read keep what the list of their group tells', async () => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  const id = gateway.sandbox.landmarks.allStaffUserGroup ?? ''
  gateway.sandbox.setFaults([
    { path: `/accounts/${gateway.sandbox.accountTag}/members*`, respond: [500], repeat: true },
  ])
  const { data, errors } = await askAccount(
    gateway,
    'userGroup(id: $id) { members(first: 1) { nodes { email user { tag } } } }',
    id,
  )
  expect(data).toEqual({
    account: { userGroup: { members: { nodes: [{ email: expect.stringContaining('@'), user: null }] } } },
  })
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
})

test('userGroups is the same as looking through every user group by hand', async () => {
  const gateway = await startGateway()
  const groupsOf = await memberships(gateway)
  const wire = await readMembers(gateway)
  const { data, errors, extensions } = await askAccount(
    gateway,
    'members(first: 100) { nodes { tag userGroups(first: 100) { totalCount nodes { tag name policies { access } } } } }',
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    account: {
      members: {
        nodes: wire.slice(0, 100).map(({ id }) => ({
          tag: id,
          userGroups: {
            totalCount: groupsOf(id).length,
            nodes: groupsOf(id).map(({ id: tag, name, policies }) => ({
              tag,
              name,
              policies: policies.map(({ access }) => ({ access: access.toUpperCase() })),
            })),
          },
        })),
      },
    },
  })
  expect(wire.some(({ id }) => groupsOf(id).length > 3)).toBe(true)
  // Two pages of members, the user groups, and each of the 40 once, however many members ask.
  expect(callsOf(gateway)).toHaveLength(43)
  expect(new Set(callsOf(gateway)).size).toBe(43)
  expect(extensions).toEqual({ restCalls: { estimated: 43, made: 43, limit: 200 } })
})

test('userGroups of one member is windowed, and costs nothing of the member itself', async () => {
  const gateway = await startGateway({ sandbox: { seed: { userGroups: 12 } } })
  const groupsOf = await memberships(gateway)
  const [wire] = (await readMembers(gateway)).toSorted(
    (a, b) => groupsOf(b.id).length - groupsOf(a.id).length,
  )
  const names = groupsOf(wire?.id ?? '').map(({ name }) => ({ name }))
  expect(names.length).toBeGreaterThan(2)
  const { data } = await askAccount(
    gateway,
    `member(id: $id) {
      first: userGroups(first: 2) { nodes { name } pageInfo { hasNextPage } }
      last: userGroups(last: 1) { nodes { name } pageInfo { hasPreviousPage } }
      count: userGroups { totalCount }
      nothing: userGroups { __typename }
    }`,
    wire?.id,
  )
  expect(data).toEqual({
    account: {
      member: {
        first: { nodes: names.slice(0, 2), pageInfo: { hasNextPage: true } },
        last: { nodes: names.slice(-1), pageInfo: { hasPreviousPage: true } },
        count: { totalCount: names.length },
        nothing: { __typename: 'UserGroupConnection' },
      },
    },
  })
  expect(callsOf(gateway)).toHaveLength(13)
})

function readMembers(gateway: Gateway): Promise<readonly WholeMember[]> {
  return readAll<WholeMember>(gateway, '/members?order=user.email')
}

/** Reads who is in which user groups, group by group. */
async function memberships(gateway: Gateway): Promise<(memberTag: string) => readonly WireUserGroup[]> {
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const found = new Map<string, readonly WireUserGroup[]>()
  for (const group of groups) {
    for (const { id } of await readAll<WireMember>(gateway, `/iam/user_groups/${group.id}/members`)) {
      found.set(id, [...(found.get(id) ?? []), group])
    }
  }
  return (memberTag) => found.get(memberTag) ?? []
}

function shown(gateway: Gateway, { id, email, status, user, roles, policies }: WholeMember) {
  return {
    __typename: 'Member',
    id: encodeGlobalId('Member', gateway.sandbox.accountTag, id),
    tag: id,
    account: { tag: gateway.sandbox.accountTag },
    email,
    status: status.toUpperCase(),
    user:
      user === undefined
        ? null
        : { tag: user.id ?? null, email: user.email, firstName: user.first_name, lastName: user.last_name },
    roles: roles.map(({ id: tag, name, description }) => ({ tag, name, description })),
    policies: policies.map((policy: WirePolicy) => ({
      tag: policy.id,
      access: policy.access.toUpperCase(),
      permissionGroups: policy.permission_groups.map(({ name }) => ({ name })),
      resourceGroups: policy.resource_groups.map((group) => ({ tag: group.id })),
    })),
  }
}
