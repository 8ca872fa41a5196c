import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { callsOf, readAll, type WireMember, type WireUserGroup, writesOf } from './support/rest.ts'

const unknown = 'f'.repeat(32)

const payload = 'clientMutationId members { tag email status } userErrors { code message field upstreamCode }'
const add = `mutation ($input: AddUserGroupMembersInput!) { addUserGroupMembers(input: $input) { ${payload} } }`
const set = `mutation ($input: SetUserGroupMembersInput!) { setUserGroupMembers(input: $input) { ${payload} } }`
const remove = `mutation ($input: RemoveUserGroupMemberInput!) {
  removeUserGroupMember(input: $input) { clientMutationId removedMemberId userErrors { code message field upstreamCode } }
}`

test('added members are those that the input named, though the upstream echoes everyone', async () => {
  const gateway = await startGateway()
  const { group, inside, outside } = await someGroup(gateway)
  const [first, second] = outside
  const { data, extensions } = await gateway.query(add, {
    input: {
      clientMutationId: 'm-1',
      userGroupId: groupId(gateway, group),
      memberIds: [first.id, memberId(gateway, second)],
    },
  })
  expect(data).toEqual({
    addUserGroupMembers: {
      clientMutationId: 'm-1',
      members: expect.arrayContaining([shown(first), shown(second)]),
      userErrors: [],
    },
  })
  expect(data).toMatchObject({ addUserGroupMembers: { members: { length: 2 } } })
  expect(writesOf(gateway)).toEqual([
    [`POST A/iam/user_groups/${group.id}/members`, [{ id: first.id }, { id: second.id }]],
  ])
  expect(callsOf(gateway)).toHaveLength(1)
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
  expect(await tagsIn(gateway, group)).toEqual(new Set([...inside, first, second].map(({ id }) => id)))
})

test('one who is in it already stays, and one who is named twice is added once', async () => {
  const gateway = await startGateway()
  const { group, inside, outside } = await someGroup(gateway)
  const [first] = outside
  const [member] = inside
  const { data } = await gateway.query(add, {
    input: {
      userGroupId: groupId(gateway, group),
      memberIds: [member.id, first.id, memberId(gateway, first), first.id.toUpperCase()],
    },
  })
  expect(data).toMatchObject({ addUserGroupMembers: { members: { length: 2 }, userErrors: [] } })
  expect(writesOf(gateway)).toEqual([
    [`POST A/iam/user_groups/${group.id}/members`, [{ id: member.id }, { id: first.id }]],
  ])
  expect(await tagsIn(gateway, group)).toEqual(new Set([...inside, first].map(({ id }) => id)))
})

test('set members are exactly those named', async () => {
  const gateway = await startGateway()
  const { group, inside, outside } = await someGroup(gateway)
  const [kept] = inside
  const [first] = outside
  const { data, extensions } = await gateway.query(set, {
    input: { userGroupId: groupId(gateway, group), memberIds: [first.id, kept.id] },
  })
  expect(data).toEqual({
    setUserGroupMembers: {
      clientMutationId: null,
      members: expect.arrayContaining([shown(first), shown(kept)]),
      userErrors: [],
    },
  })
  expect(writesOf(gateway)).toEqual([
    [`PUT A/iam/user_groups/${group.id}/members`, [{ id: first.id }, { id: kept.id }]],
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
  expect(await tagsIn(gateway, group)).toEqual(new Set([first.id, kept.id]))
})

test('setting nobody empties the user group', async () => {
  const gateway = await startGateway()
  const { group } = await someGroup(gateway)
  const { data } = await gateway.query(set, {
    input: { userGroupId: groupId(gateway, group), memberIds: [] },
  })
  expect(data).toMatchObject({ setUserGroupMembers: { members: [], userErrors: [] } })
  expect(writesOf(gateway)).toEqual([[`PUT A/iam/user_groups/${group.id}/members`, []]])
  expect(await tagsIn(gateway, group)).toEqual(new Set())
})

test('adding nobody is refused, together with all else that is wrong, and nothing is sent', async () => {
  const gateway = await startGateway()
  const { landmarks, accountTag } = gateway.sandbox
  const group = encodeGlobalId('UserGroup', accountTag, unknown)
  const foreign = encodeGlobalId('Member', landmarks.otherAccount, landmarks.otherAccountMember ?? '')
  const cases = [
    [{ userGroupId: unknown, memberIds: [] }, [['memberIds'], ['userGroupId']]],
    // The bare tag of a member is no fault of its own where the user group does not tell the account.
    [{ userGroupId: '..', memberIds: [unknown, '..'] }, [['userGroupId'], ['memberIds', '1']]],
    [
      { userGroupId: group, memberIds: ['../x', unknown, foreign, group] },
      [
        ['memberIds', '0'],
        ['memberIds', '2'],
        ['memberIds', '3'],
      ],
    ],
  ] as const
  for (const [input, fields] of cases) {
    const { data } = await gateway.query<{ readonly addUserGroupMembers: Payload }>(add, { input })
    expect(data.addUserGroupMembers.members).toBeNull()
    expect(data.addUserGroupMembers.userErrors.map(({ code, field }) => [code, field])).toEqual(
      fields.map((field) => ['INVALID', field]),
    )
  }
  expect(callsOf(gateway)).toEqual([])
})

test.each([
  ['addUserGroupMembers', add],
  ['setUserGroupMembers', set],
])('%s: bad members are told at their places, and nobody is changed', async (name, document) => {
  const gateway = await startGateway()
  const { group, inside, outside } = await someGroup(gateway)
  const { memberWithoutDsr = '' } = gateway.sandbox.landmarks
  const [first] = outside
  const { data, errors } = await gateway.query(document, {
    input: {
      userGroupId: groupId(gateway, group),
      memberIds: [first.id, first.id, memberWithoutDsr, unknown],
    },
  })
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    [name]: {
      members: null,
      userErrors: [
        {
          code: 'INVALID',
          field: ['memberIds', '2'],
          message: expect.stringContaining('do not have DSR enabled'),
          upstreamCode: 400,
        },
        {
          code: 'INVALID',
          field: ['memberIds', '3'],
          message: `Invalid member ${unknown}`,
          upstreamCode: 400,
        },
      ],
    },
  })
  expect(await tagsIn(gateway, group)).toEqual(new Set(inside.map(({ id }) => id)))
})

test('a refusal that points nowhere is told by what it says', async () => {
  const gateway = await startGateway()
  const { group, outside } = await someGroup(gateway)
  for (const [status, message, code, field] of [
    [400, 'The following members do not have DSR enabled', 'INVALID', ['memberIds']],
    [404, 'User group not found', 'NOT_FOUND', ['userGroupId']],
    [400, 'Policy validation failed', 'INVALID', null],
  ] as const) {
    gateway.sandbox.setFaults([
      { method: 'POST', path: '*', respond: [{ status, body: { success: false, errors: [{ message }] } }] },
    ])
    const { data } = await gateway.query(add, {
      input: { userGroupId: groupId(gateway, group), memberIds: [outside[0].id] },
    })
    expect(data).toMatchObject({
      addUserGroupMembers: { members: null, userErrors: [{ code, field, message }] },
    })
  }
})

test.each([
  ['addUserGroupMembers', add, false],
  ['setUserGroupMembers', set, true],
])(
  '%s: one whom the upstream left out in silence is told, and the others are in',
  async (name, document, empties) => {
    const gateway = await startGateway({ sandbox: { quirks: { badMemberFailsBatch: false } } })
    const { group, inside, outside } = await someGroup(gateway)
    const [first] = outside
    const { data } = await gateway.query(document, {
      input: { userGroupId: groupId(gateway, group), memberIds: [unknown, first.id] },
    })
    expect(data).toMatchObject({
      [name]: {
        members: [shown(first)],
        userErrors: [
          {
            code: 'INVALID',
            field: ['memberIds', '0'],
            message: 'the upstream left this member out',
            upstreamCode: null,
          },
        ],
      },
    })
    expect(await tagsIn(gateway, group)).toEqual(
      new Set((empties ? [first] : [...inside, first]).map(({ id }) => id)),
    )
  },
)

test('where the upstream answers nothing, members are read where more than their identity is asked', async () => {
  const gateway = await startGateway()
  const { group, outside } = await someGroup(gateway)
  const [first, second] = outside
  const input = { userGroupId: groupId(gateway, group), memberIds: [first.id, second.id] }
  const nothing = { status: 200, body: { success: true, result: null } }
  gateway.sandbox.setFaults([{ method: 'POST', path: '*', respond: [nothing, nothing] }])
  const identities = await gateway.query(add.replace('tag email status', 'tag'), { input })
  expect(identities.data).toMatchObject({
    addUserGroupMembers: { members: [{ tag: first.id }, { tag: second.id }], userErrors: [] },
  })
  expect(callsOf(gateway)).toHaveLength(1)
  gateway.sandbox.clearRequests()
  const { data, extensions } = await gateway.query(add, { input })
  expect(data).toMatchObject({
    addUserGroupMembers: { members: [shown(first), shown(second)], userErrors: [] },
  })
  expect(callsOf(gateway)).toHaveLength(3)
  expect(extensions).toEqual({ restCalls: { estimated: 3, made: 3, limit: 200 } })
})

test('a member who is taken out is gone, and its id is told', async () => {
  const gateway = await startGateway()
  const { group, inside } = await someGroup(gateway)
  const [member, ...others] = inside
  const { data, extensions } = await gateway.query(remove, {
    input: { clientMutationId: 'm-2', userGroupId: groupId(gateway, group), memberId: member.id },
  })
  expect(data).toEqual({
    removeUserGroupMember: {
      clientMutationId: 'm-2',
      removedMemberId: memberId(gateway, member),
      userErrors: [],
    },
  })
  expect(writesOf(gateway)).toEqual([[`DELETE A/iam/user_groups/${group.id}/members/${member.id}`, null]])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
  expect(await tagsIn(gateway, group)).toEqual(new Set(others.map(({ id }) => id)))
})

test('one who is not in the user group is not found, whatever the upstream calls it', async () => {
  const gateway = await startGateway()
  const { group, outside } = await someGroup(gateway)
  for (const [member, message, upstreamCode] of [
    [outside[0].id, `Member ${outside[0].id} not found in user group`, 404],
    [unknown, `Invalid member ${unknown}`, 400],
  ] as const) {
    const { data, errors } = await gateway.query(remove, {
      input: { userGroupId: groupId(gateway, group), memberId: member },
    })
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      removeUserGroupMember: {
        removedMemberId: null,
        userErrors: [{ code: 'NOT_FOUND', field: ['memberId'], message, upstreamCode }],
      },
    })
  }
})

test('a user group that does not exist is not found, by each of the three', async () => {
  const gateway = await startGateway()
  const { outside } = await someGroup(gateway)
  const userGroupId = encodeGlobalId('UserGroup', gateway.sandbox.accountTag, unknown)
  const several = { userGroupId, memberIds: [outside[0].id] }
  for (const [document, input] of [
    [add, several],
    [set, several],
    [remove, { userGroupId, memberId: outside[0].id }],
  ] as const) {
    const { data } = await gateway.query<Readonly<Record<string, Payload>>>(document, { input })
    expect(Object.values(data)[0]?.userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['userGroupId'], message: `User group ${unknown} not found` },
    ])
  }
})

test('bad ids of who shall be taken out are told together', async () => {
  const gateway = await startGateway()
  const { data, extensions } = await gateway.query<{ readonly removeUserGroupMember: Payload }>(remove, {
    input: { userGroupId: 'a/b', memberId: '..' },
  })
  expect(data.removeUserGroupMember.userErrors.map(({ field }) => field)).toEqual([
    ['userGroupId'],
    ['memberId'],
  ])
  const bare = await gateway.query<{ readonly removeUserGroupMember: Payload }>(remove, {
    input: { userGroupId: 'a/b', memberId: unknown },
  })
  expect(bare.data.removeUserGroupMember.userErrors.map(({ field }) => field)).toEqual([['userGroupId']])
  expect(extensions).toEqual({ restCalls: { estimated: 0, made: 0, limit: 200 } })
})

type Payload = {
  readonly members?: readonly unknown[] | null
  readonly userErrors: readonly { readonly code: string; readonly field: readonly string[] | null }[]
}

/** A user group with some of the account's members in it and some who are not, and could be. */
async function someGroup(gateway: Gateway) {
  const everyone = await readAll<WireMember>(gateway, '/members?order=user.email')
  const able = everyone.filter(({ id }) => id !== gateway.sandbox.landmarks.memberWithoutDsr)
  for (const group of await readAll<WireUserGroup>(gateway, '/iam/user_groups')) {
    const inside = await readAll<WireMember>(gateway, `/iam/user_groups/${group.id}/members`)
    const tags = new Set(inside.map(({ id }) => id))
    const [first, second] = able.filter(({ id }) => !tags.has(id))
    const [member, ...others] = inside
    if (member !== undefined && others.length > 0 && first !== undefined && second !== undefined) {
      return { group, inside: [member, ...others], outside: [first, second] } as const
    }
  }
  throw new Error('the seed has no such user group')
}

async function tagsIn(gateway: Gateway, group: WireUserGroup): Promise<ReadonlySet<string>> {
  const rows = await readAll<WireMember>(gateway, `/iam/user_groups/${group.id}/members`)
  return new Set(rows.map(({ id }) => id))
}

function groupId(gateway: Gateway, group: WireUserGroup): string {
  return encodeGlobalId('UserGroup', gateway.sandbox.accountTag, group.id)
}

function memberId(gateway: Gateway, member: WireMember): string {
  return encodeGlobalId('Member', gateway.sandbox.accountTag, member.id)
}

function shown({ id, email, status }: WireMember) {
  return { tag: id, email, status: status.toUpperCase() }
}
