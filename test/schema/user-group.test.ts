import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { askAccount } from './support/ask-account.ts'
import { callsOf, readAll, readOne, type WireMember, type WireUserGroup } from './support/rest.ts'

const unknown = 'f'.repeat(32)

test('a user group is what the upstream says of it', async () => {
  const gateway = await startGateway()
  const { accountTag, landmarks } = gateway.sandbox
  const wire = await readOne<WireUserGroup & { created_on: string }>(
    gateway,
    `/iam/user_groups/${landmarks.allStaffUserGroup}`,
  )
  const { data, extensions } = await askAccount(
    gateway,
    'userGroup(id: $id) { __typename id tag account { id } name createdOn modifiedOn policies { tag } }',
    wire.id,
  )
  expect(data).toEqual({
    account: {
      userGroup: {
        __typename: 'UserGroup',
        id: encodeGlobalId('UserGroup', accountTag, wire.id),
        tag: wire.id,
        account: { id: encodeGlobalId('Account', accountTag, accountTag) },
        name: 'All Staff',
        createdOn: new Date(wire.created_on).toISOString(),
        modifiedOn: new Date(wire.modified_on).toISOString(),
        policies: wire.policies.map(({ id }) => ({ tag: id })),
      },
    },
  })
  expect(callsOf(gateway)).toEqual([`GET A/iam/user_groups/${wire.id}`])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('one that does not exist is null without an error, and so are its members', async () => {
  const gateway = await startGateway()
  const whole = await askAccount(gateway, 'userGroup(id: $id) { name members { nodes { email } } }', unknown)
  expect({ data: whole.data, errors: whole.errors }).toEqual({
    data: { account: { userGroup: null } },
    errors: undefined,
  })
  expect(callsOf(gateway)).toEqual([`GET A/iam/user_groups/${unknown}`])
  // Its members alone are asked for without fetching it.
  const members = await askAccount(gateway, 'userGroup(id: $id) { tag members { nodes { email } } }', unknown)
  expect({ data: members.data, errors: members.errors }).toEqual({
    data: { account: { userGroup: { tag: unknown, members: null } } },
    errors: undefined,
  })
  expect(callsOf(gateway).at(-1)).toBe(`GET A/iam/user_groups/${unknown}/members?page=1&per_page=20`)
})

test('two aliases of one user group are one call', async () => {
  const gateway = await startGateway()
  const id = gateway.sandbox.landmarks.allStaffUserGroup
  const { data, extensions } = await askAccount(
    gateway,
    'a: userGroup(id: $id) { name } b: userGroup(id: $id) { name modifiedOn }',
    id,
  )
  expect(data).toMatchObject({ account: { a: { name: 'All Staff' }, b: { name: 'All Staff' } } })
  expect(callsOf(gateway)).toEqual([`GET A/iam/user_groups/${id}`])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('user groups that lack what every one has are no answer', async () => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  gateway.sandbox.setFaults([
    {
      path: '*/iam/user_groups',
      respond: [{ status: 200, body: { success: true, result: [{ id: unknown }] } }],
    },
  ])
  const { data, errors } = await askAccount(gateway, 'userGroups { nodes { name } }')
  expect(data).toEqual({ account: { userGroups: null } })
  expect(errors).toMatchObject([
    { path: ['account', 'userGroups'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
  ])
})

test.each([
  ['the exact name', { name: 'Finance' }, ['Finance'], 'name=Finance'],
  ['a part of the name', { nameContains: 'site rel' }, undefined, 'fuzzyName=site%20rel'],
  [
    'both',
    { name: 'DNS Operators', nameContains: 'dns' },
    ['DNS Operators'],
    'name=DNS%20Operators&fuzzyName=dns',
  ],
  ['both, which nothing matches', { name: 'Finance', nameContains: 'dns' }, [], 'name=Finance&fuzzyName=dns'],
  [
    'unicode',
    { name: '東京オペレーション' },
    ['東京オペレーション'],
    `name=${encodeURIComponent('東京オペレーション')}`,
  ],
  ['an emoji', { nameContains: '🚒' }, ['Incident Response 🚒'], `fuzzyName=${encodeURIComponent('🚒')}`],
  ['a path', { name: '../members' }, [], 'name=..%2Fmembers'],
  ['parameters', { nameContains: '&page=2#' }, [], 'fuzzyName=%26page%3D2%23'],
])('filtered by %s', async (_, filter, names, query) => {
  const gateway = await startGateway()
  const all = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const { data } = await gateway.query(
    `query ($account: ID!, $filter: UserGroupFilter) {
      account(id: $account) { userGroups(filter: $filter) { nodes { name } totalCount pageInfo { hasNextPage } } }
    }`,
    { account: gateway.sandbox.accountTag, filter },
  )
  const expected = names ?? all.map(({ name }) => name).filter((name) => name.startsWith('Site Reliability'))
  expect(data).toEqual({
    account: {
      userGroups: {
        nodes: expected.map((name) => ({ name })),
        totalCount: null,
        pageInfo: { hasNextPage: false },
      },
    },
  })
  expect(callsOf(gateway)).toEqual([`GET A/iam/user_groups?${query}&page=1&per_page=21`])
})

test('an upstream whose name filter is loose is checked again', async () => {
  const gateway = await startGateway({ sandbox: { quirks: { looseNameFilter: true } } })
  const { data } = await askAccount(
    gateway,
    'userGroups(filter: { name: "Finance" }) { nodes { name } } none: userGroups(filter: { name: "inan" }) { nodes { name } }',
  )
  expect(data).toEqual({ account: { userGroups: { nodes: [{ name: 'Finance' }] }, none: { nodes: [] } } })
})

test('an empty search finds everything, an empty exact name is refused', async () => {
  const gateway = await startGateway()
  const { data, errors } = await askAccount(
    gateway,
    `all: userGroups(filter: { nameContains: "" }) { totalCount nodes { tag } }
     none: userGroups(filter: { name: "" }) { totalCount nodes { tag } }
     tooLong: userGroups(filter: { nameContains: ${JSON.stringify('ö'.repeat(10_000))} }) { nodes { tag } }`,
  )
  expect(data).toMatchObject({ account: { all: { totalCount: 40 }, none: null, tooLong: null } })
  expect(errors).toMatchObject([
    { path: ['account', 'none'], extensions: { code: 'BAD_USER_INPUT', argument: 'filter.name' } },
    { path: ['account', 'tooLong'], extensions: { code: 'BAD_USER_INPUT', argument: 'filter.nameContains' } },
  ])
  expect(callsOf(gateway)).toEqual(['GET A/iam/user_groups?page=1&per_page=20'])
})

test('ordered by name, the other way round on demand', async () => {
  const gateway = await startGateway()
  const names = (await readAll<WireUserGroup>(gateway, '/iam/user_groups')).map(({ name }) => ({ name }))
  const { data } = await askAccount(
    gateway,
    `up: userGroups(first: 3, orderBy: { field: NAME, direction: ASC }) { nodes { name } }
     down: userGroups(first: 3, orderBy: { field: NAME, direction: DESC }) { nodes { name } }
     end: userGroups(last: 2) { nodes { name } }
     turnedEnd: userGroups(last: 2, orderBy: { field: NAME, direction: DESC }) { nodes { name } }`,
  )
  expect(data).toEqual({
    account: {
      up: { nodes: names.slice(0, 3) },
      down: { nodes: names.toReversed().slice(0, 3) },
      end: { nodes: names.slice(-2) },
      turnedEnd: { nodes: names.slice(0, 2).toReversed() },
    },
  })
})

test('members are the thin rows of the group, by e-mail address', async () => {
  const gateway = await startGateway()
  const { group, members } = await someGroup(gateway)
  const { data, extensions } = await askAccount(
    gateway,
    `userGroup(id: $id) {
      members(first: 500) { totalCount nodes { __typename id tag email status account { tag } } }
      down: members(first: 1, orderBy: { field: EMAIL, direction: DESC }) { nodes { email } }
    }`,
    group.id,
  )
  expect(data).toEqual({
    account: {
      userGroup: {
        members: {
          totalCount: members.length,
          nodes: members.map(({ id, email, status }) => ({
            __typename: 'Member',
            id: encodeGlobalId('Member', gateway.sandbox.accountTag, id),
            tag: id,
            email,
            status: status.toUpperCase(),
            account: { tag: gateway.sandbox.accountTag },
          })),
        },
        down: { nodes: [{ email: members.at(-1)?.email }] },
      },
    },
  })
  expect(callsOf(gateway).toSorted()).toEqual([
    `GET A/iam/user_groups/${group.id}/members?direction=desc&page=1&per_page=1`,
    `GET A/iam/user_groups/${group.id}/members?page=1&per_page=500`,
  ])
  expect(extensions).toMatchObject({ restCalls: { made: 2 } })
})

test('members are filtered by a part of the e-mail address', async () => {
  const gateway = await startGateway()
  const { group, members } = await someGroup(gateway)
  const part = members[0]?.email.slice(0, 5).toUpperCase() ?? ''
  const { data } = await askAccount(
    gateway,
    `userGroup(id: $id) { members(filter: { emailContains: "${part}" }) { nodes { email } totalCount } }`,
    group.id,
  )
  const matching = members.filter(({ email }) => email.includes(part.toLowerCase()))
  expect(data).toEqual({
    account: {
      userGroup: { members: { nodes: matching.map(({ email }) => ({ email })), totalCount: null } },
    },
  })
  expect(callsOf(gateway)).toEqual([
    `GET A/iam/user_groups/${group.id}/members?fuzzyEmail=${part}&page=1&per_page=20`,
  ])
})

test.each([
  ['91 characters, one more than an address may have', `${'a'.repeat(74)}@quayline.example`, 91],
  ['unicode', 'łódź+东京@例え.テスト', undefined],
  ['a path', '../../members/x?y=z#', undefined],
])(
  'a part of the e-mail address of %s matches nobody, and stays in its parameter',
  async (_, part, length) => {
    const gateway = await startGateway()
    if (length !== undefined) expect(part).toHaveLength(length)
    const { group } = await someGroup(gateway)
    const { data, errors } = await gateway.query(
      `query ($account: ID!, $id: ID!, $part: String) {
      account(id: $account) { userGroup(id: $id) { members(filter: { emailContains: $part }) { nodes { email } } } }
    }`,
      { account: gateway.sandbox.accountTag, id: group.id, part },
    )
    expect({ data, errors }).toEqual({
      data: { account: { userGroup: { members: { nodes: [] } } } },
      errors: undefined,
    })
    const [call = ''] = callsOf(gateway)
    const url = new URL(call.replace('GET A', 'http://upstream.test'))
    expect(url.pathname).toBe(`/iam/user_groups/${group.id}/members`)
    expect(url.searchParams.get('fuzzyEmail')).toBe(part)
  },
)

test('when each member was added costs one call an edge', async () => {
  const gateway = await startGateway()
  const { group, members } = await someGroup(gateway)
  const details = []
  for (const { id } of members.slice(0, 3)) {
    details.push(await readOne<{ created_at: string }>(gateway, `/iam/user_groups/${group.id}/members/${id}`))
  }
  const { data, extensions } = await askAccount(
    gateway,
    'userGroup(id: $id) { members(first: 3) { edges { addedOn again: addedOn node { tag } } } }',
    group.id,
  )
  expect(data).toEqual({
    account: {
      userGroup: {
        members: {
          edges: details.map(({ created_at }, index) => {
            const addedOn = new Date(created_at).toISOString()
            return { addedOn, again: addedOn, node: { tag: members[index]?.id } }
          }),
        },
      },
    },
  })
  expect(callsOf(gateway)).toHaveLength(4)
  expect(extensions).toMatchObject({ restCalls: { made: 4 } })
})

test('a member who left meanwhile was added at no time, and one who cannot be read costs that edge alone', async () => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  const { group, members } = await someGroup(gateway)
  const detail = (index: number) =>
    `/accounts/${gateway.sandbox.accountTag}/iam/user_groups/${group.id}/members/${members[index]?.id}`
  gateway.sandbox.setFaults([
    { path: detail(0), respond: [404] },
    { path: detail(1), respond: [502] },
  ])
  const { data, errors } = await askAccount(
    gateway,
    'userGroup(id: $id) { members(first: 3) { edges { addedOn } } }',
    group.id,
  )
  expect(data).toEqual({
    account: {
      userGroup: {
        members: { edges: [{ addedOn: null }, { addedOn: null }, { addedOn: expect.any(String) }] },
      },
    },
  })
  expect(errors).toMatchObject([
    {
      path: ['account', 'userGroup', 'members', 'edges', 1, 'addedOn'],
      extensions: { code: 'UPSTREAM_UNAVAILABLE' },
    },
  ])
})

test('members of many user groups cost one call each, and one that fails costs its own place', async () => {
  const gateway = await startGateway({ sandbox: { quirks: { badPolicyGroup: true } } })
  const bad = gateway.sandbox.landmarks.denyPolicyUserGroup
  const { data, errors, extensions } = await gateway.query<{
    readonly account: {
      readonly userGroups: { readonly nodes: readonly { tag: string; members: unknown }[] }
    }
  }>(
    `query ($account: ID!) {
      account(id: $account) { userGroups(first: 40) { nodes { tag members(first: 20) { nodes { email } } } } }
    }`,
    { account: gateway.sandbox.accountTag },
  )
  const { nodes } = data.account.userGroups
  const place = nodes.findIndex(({ tag }) => tag === bad)
  expect(nodes.map(({ members }) => members === null)).toEqual(nodes.map((_, index) => index === place))
  expect(errors).toMatchObject([
    {
      path: ['account', 'userGroups', 'nodes', place, 'members'],
      extensions: {
        code: 'UPSTREAM_REFUSED',
        upstream: { status: 400, errors: [{ message: 'Policy validation failed' }] },
      },
    },
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 41, made: 41, limit: 200 } })
})

/** A user group that several members are in, with them as the upstream lists them. */
async function someGroup(gateway: Gateway) {
  for (const group of await readAll<WireUserGroup>(gateway, '/iam/user_groups')) {
    const members = await readAll<WireMember>(gateway, `/iam/user_groups/${group.id}/members`)
    if (members.length > 10) return { group, members }
  }
  throw new Error('the seed has no large user group')
}
