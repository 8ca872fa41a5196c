import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { callsOf, readAll, readOne, type WireMember, type WireUserGroup, writesOf } from './support/rest.ts'

const create = `mutation ($input: CreateUserGroupInput!) {
  createUserGroup(input: $input) { clientMutationId userGroup { tag } userErrors { code message field upstreamCode } }
}`
const remove = `mutation ($input: DeleteUserGroupInput!) {
  deleteUserGroup(input: $input) { deletedUserGroupId userErrors { code message field upstreamCode } }
}`

test('mutations of one operation run in order, and what is read after each is fresh', async () => {
  const gateway = await startGateway()
  const { group, newcomer, members } = await someGroup(gateway)
  const id = encodeGlobalId('UserGroup', gateway.sandbox.accountTag, group.id)
  const { data, errors, extensions } = await gateway.query(
    `mutation ($id: ID!, $member: ID!) {
      first: updateUserGroup(input: { id: $id, name: "First" }) { userGroup { name members(first: 500) { totalCount nodes { tag } } } }
      added: addUserGroupMembers(input: { userGroupId: $id, memberIds: [$member] }) {
        userGroup { name members(first: 500) { nodes { tag } totalCount } }
      }
      second: updateUserGroup(input: { id: $id, name: "Second" }) { userGroup { name } }
      removed: removeUserGroupMember(input: { userGroupId: $id, memberId: $member }) {
        userGroup { name members(first: 500) { totalCount nodes { tag } } }
      }
    }`,
    { id, member: newcomer.id },
  )
  expect(errors).toBeUndefined()
  const nodes = members.map(({ id: tag }) => ({ tag }))
  expect(data).toEqual({
    first: { userGroup: { name: 'First', members: { totalCount: members.length, nodes } } },
    added: {
      userGroup: {
        name: 'First',
        members: {
          totalCount: members.length + 1,
          nodes: expect.arrayContaining([{ tag: newcomer.id }]),
        },
      },
    },
    second: { userGroup: { name: 'Second' } },
    removed: { userGroup: { name: 'Second', members: { totalCount: members.length, nodes } } },
  })
  expect(
    callsOf(gateway).map((call) => call.replace(`A/iam/user_groups/${group.id}`, 'G').split('?')[0]),
  ).toEqual([
    'GET G',
    'PUT G',
    'GET G/members',
    'POST G/members',
    ...['GET G', 'GET G/members'],
    'GET G',
    'PUT G',
    `DELETE G/members/${newcomer.id}`,
    ...['GET G', 'GET G/members'],
  ])
  expect(extensions).toMatchObject({ restCalls: { estimated: 11, made: 11 } })
})

test('what comes embedded in other objects is fresh too after a change', async () => {
  const gateway = await startGateway()
  const { group } = await someGroup(gateway)
  const [resourceGroup] = group.policies[0]?.resource_groups ?? []
  const id = encodeGlobalId('ResourceGroup', gateway.sandbox.accountTag, resourceGroup?.id ?? '')
  const names =
    'resourceGroup { name userGroups(first: 1) { nodes { members(first: 1) { nodes { grants(first: 200) { nodes { policy { resourceGroups { tag name } } } } } } } } }'
  const { data, errors } = await gateway.query<Readonly<Record<'first' | 'second', unknown>>>(
    `mutation ($id: ID!) {
      first: updateResourceGroup(input: { id: $id, name: "First" }) { ${names} }
      second: updateResourceGroup(input: { id: $id, name: "Second" }) { ${names} }
    }`,
    { id },
  )
  expect(errors).toBeUndefined()
  const named = (name: string) => `{"tag":"${resourceGroup?.id}","name":"${name}"}`
  expect(JSON.stringify(data.first)).toContain(named('First'))
  expect(JSON.stringify(data.second)).toContain(named('Second'))
  expect(JSON.stringify(data.second)).not.toContain(named('First'))
})

test('what a deleted object was is not remembered', async () => {
  const gateway = await startGateway()
  const { group, newcomer } = await someGroup(gateway)
  const id = encodeGlobalId('UserGroup', gateway.sandbox.accountTag, group.id)
  const { data } = await gateway.query(
    `mutation ($id: ID!, $member: ID!) {
      updateUserGroup(input: { id: $id, name: "Doomed" }) { userGroup { account { userGroup(id: $id) { name } } } }
      deleteUserGroup(input: { id: $id }) { deletedUserGroupId }
      addUserGroupMembers(input: { userGroupId: $id, memberIds: [$member] }) { userGroup { name } userErrors { code field } }
    }`,
    { id, member: newcomer.id },
  )
  expect(data).toEqual({
    updateUserGroup: { userGroup: { account: { userGroup: { name: 'Doomed' } } } },
    deleteUserGroup: { deletedUserGroupId: id },
    addUserGroupMembers: { userGroup: null, userErrors: [{ code: 'NOT_FOUND', field: ['userGroupId'] }] },
  })
})

test('a refused mutation does not stop those after it', async () => {
  const gateway = await startGateway()
  const { data } = await gateway.query(
    `mutation ($account: ID!) {
      taken: createUserGroup(input: { accountId: $account, name: "Finance" }) { userErrors { code } }
      blank: createUserGroup(input: { accountId: $account, name: "" }) { userErrors { code } }
      made: createUserGroup(input: { accountId: $account, name: "Harbour pilots" }) { userGroup { name } userErrors { code } }
    }`,
    { account: gateway.sandbox.accountTag },
  )
  expect(data).toEqual({
    taken: { userErrors: [{ code: 'CONFLICT' }] },
    blank: { userErrors: [{ code: 'INVALID' }] },
    made: { userGroup: { name: 'Harbour pilots' }, userErrors: [] },
  })
})

test('a user group that is read right after it was made may not know its members yet: no error', async () => {
  const gateway = await startGateway({ sandbox: { quirks: { eventualConsistency: true } } })
  const { data, errors } = await gateway.query(
    `mutation ($account: ID!) {
      createUserGroup(input: { accountId: $account, name: "Fresh" }) { userGroup { name members { nodes { tag } } } }
    }`,
    { account: gateway.sandbox.accountTag },
  )
  expect({ data, errors }).toEqual({
    data: { createUserGroup: { userGroup: { name: 'Fresh', members: null } } },
    errors: undefined,
  })
})

test('a POST whose answer is lost is not sent again, and says that it may have happened', async () => {
  const gateway = await startGateway()
  gateway.sandbox.setFaults([{ method: 'POST', path: '*', respond: [{ applyThenReset: true }] }])
  const { data, errors } = await gateway.query(create, {
    input: { accountId: gateway.sandbox.accountTag, name: 'Schrödinger' },
  })
  expect(data).toBeNull()
  expect(errors).toMatchObject([
    {
      path: ['createUserGroup'],
      extensions: {
        code: 'UPSTREAM_UNAVAILABLE',
        mayHaveHappened: true,
        upstream: { method: 'POST', path: expect.stringContaining('/iam/user_groups') },
      },
    },
  ])
  expect(writesOf(gateway)).toHaveLength(1)
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  expect(groups.filter(({ name }) => name === 'Schrödinger')).toHaveLength(1)
})

test('a DELETE that is sent again after its answer was lost, and finds nothing, was done', async () => {
  const gateway = await startGateway()
  const { group } = await someGroup(gateway)
  const id = encodeGlobalId('UserGroup', gateway.sandbox.accountTag, group.id)
  gateway.sandbox.setFaults([{ method: 'DELETE', path: '*', respond: [{ applyThenReset: true }] }])
  const { data, errors } = await gateway.query(remove, { input: { id } })
  expect({ data, errors }).toEqual({
    data: { deleteUserGroup: { deletedUserGroupId: id, userErrors: [] } },
    errors: undefined,
  })
  expect(gateway.sandbox.requests().map(({ method, status }) => [method, status])).toEqual([
    ['DELETE', null],
    ['DELETE', 404],
  ])
})

test('a PUT that is sent again after its answer was lost changes nothing twice', async () => {
  const gateway = await startGateway()
  const { group } = await someGroup(gateway)
  const id = encodeGlobalId('UserGroup', gateway.sandbox.accountTag, group.id)
  gateway.sandbox.setFaults([{ method: 'PUT', path: '*', respond: [{ applyThenReset: true }] }])
  const { data } = await gateway.query(
    'mutation ($id: ID!) { updateUserGroup(input: { id: $id, name: "Once" }) { userGroup { name } userErrors { code } } }',
    { id },
  )
  expect(data).toEqual({ updateUserGroup: { userGroup: { name: 'Once' }, userErrors: [] } })
  const after = await readOne<WireUserGroup>(gateway, `/iam/user_groups/${group.id}`)
  expect(after).toMatchObject({ name: 'Once' })
  expect(after.policies).toHaveLength(group.policies.length)
})

test('a timeout says that it may have happened', async () => {
  const gateway = await startGateway({ config: { restTimeoutMs: 150, restRetries: 0 } })
  gateway.sandbox.setFaults([{ method: 'POST', path: '*', respond: [{ hang: 'before-headers' }] }])
  const { errors } = await gateway.query(create, {
    input: { accountId: gateway.sandbox.accountTag, name: 'Slow' },
  })
  expect(errors).toMatchObject([
    { path: ['createUserGroup'], extensions: { code: 'UPSTREAM_TIMEOUT', mayHaveHappened: true } },
  ])
})

test.each([
  ['a server error', { respond: [500] }, 'UPSTREAM_UNAVAILABLE', true],
  ['no envelope', { respond: [{ status: 200, body: '<html>' }] }, 'UPSTREAM_UNAVAILABLE', true],
  ['a rate limit', { respond: [429] }, 'RATE_LIMITED', undefined],
  ['the rate limit in disguise', { respond: [971] }, 'RATE_LIMITED', undefined],
  [
    'an unusable credential',
    { respond: [{ status: 401, body: { success: false, errors: [{ message: 'no' }] } }] },
    'UNAUTHENTICATED',
    undefined,
  ],
  [
    'a credential that may not',
    {
      respond: [
        { status: 403, body: { success: false, errors: [{ code: 10000, message: 'Authentication error' }] } },
      ],
    },
    'FORBIDDEN',
    undefined,
  ],
  ['a bare 403', { respond: [{ status: 403, body: '' }] }, 'FORBIDDEN', undefined],
] as const)('%s is a GraphQL error, not a fault of the input', async (_, fault, code, mayHaveHappened) => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  gateway.sandbox.setFaults([{ method: 'POST', path: '*', ...fault, respond: [...fault.respond] }])
  const { data, errors } = await gateway.query(create, {
    input: { accountId: gateway.sandbox.accountTag, name: 'Any' },
  })
  expect(data).toBeNull()
  expect(errors).toMatchObject([{ path: ['createUserGroup'], extensions: { code } }])
  expect(errors?.[0]?.extensions.mayHaveHappened).toBe(mayHaveHappened)
})

test('a 403 that is about the action itself is for the caller to mend', async () => {
  const gateway = await startGateway()
  const errors = [
    { code: 1234, message: 'user groups are not part of this plan', source: { pointer: '/name' } },
  ]
  gateway.sandbox.setFaults([
    { method: 'POST', path: '*', respond: [{ status: 403, body: { success: false, errors } }] },
  ])
  const { data } = await gateway.query(create, {
    input: { accountId: gateway.sandbox.accountTag, name: 'Any' },
  })
  expect(data).toMatchObject({
    createUserGroup: {
      userGroup: null,
      userErrors: [
        {
          code: 'FORBIDDEN',
          message: 'user groups are not part of this plan',
          field: ['name'],
          upstreamCode: 1234,
        },
      ],
    },
  })
})

test('every entry of a refusal is told, with the causes that the upstream attached', async () => {
  const gateway = await startGateway()
  const errors = [
    {
      message: 'Invalid request',
      error_chain: [
        { code: 1, message: 'body' },
        { code: 2, message: 'name is odd' },
      ],
    },
    { code: 7, message: 'and another', source: { pointer: 'somewhere.else' } },
    'a bare text',
  ]
  gateway.sandbox.setFaults([
    { method: 'POST', path: '*', respond: [{ status: 422, body: { success: false, errors } }] },
  ])
  const { data } = await gateway.query(create, {
    input: { accountId: gateway.sandbox.accountTag, name: 'Any', clientMutationId: 'm-9' },
  })
  expect(data).toEqual({
    createUserGroup: {
      clientMutationId: 'm-9',
      userGroup: null,
      userErrors: [
        { code: 'INVALID', message: 'Invalid request: body: name is odd', field: null, upstreamCode: null },
        { code: 'INVALID', message: 'and another', field: null, upstreamCode: 7 },
        { code: 'INVALID', message: 'a bare text', field: null, upstreamCode: null },
      ],
    },
  })
})

test('a read-only token writes nothing, and the rest of its operation is told why', async () => {
  const gateway = await startGateway({ headers: { authorization: 'Bearer read-only-token' } })
  const { data, errors } = await gateway.query(create, {
    input: { accountId: gateway.sandbox.accountTag, name: 'Any' },
  })
  expect(data).toBeNull()
  expect(errors).toMatchObject([{ path: ['createUserGroup'], extensions: { code: 'FORBIDDEN' } }])
})

test('what a mutation reads first fails like any read, and nothing is written', async () => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  const { group } = await someGroup(gateway)
  gateway.sandbox.setFaults([{ method: 'GET', path: '*/iam/user_groups/*', respond: [500] }])
  const { errors } = await gateway.query(
    'mutation ($id: ID!) { updateUserGroup(input: { id: $id, name: "Any" }) { userErrors { code } } }',
    { id: encodeGlobalId('UserGroup', gateway.sandbox.accountTag, group.id) },
  )
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
  expect(errors?.[0]?.extensions).not.toHaveProperty('mayHaveHappened')
  expect(writesOf(gateway)).toEqual([])
})

/** A user group with policies, its members, and somebody who is not in it. */
async function someGroup(gateway: Gateway) {
  const { denyPolicyUserGroup, memberWithoutDsr } = gateway.sandbox.landmarks
  const everyone = await readAll<WireMember>(gateway, '/members?order=user.email')
  for (const group of await readAll<WireUserGroup>(gateway, '/iam/user_groups')) {
    const members = await readAll<WireMember>(gateway, `/iam/user_groups/${group.id}/members`)
    const tags = new Set(members.map(({ id }) => id))
    const newcomer = everyone.find(({ id }) => !tags.has(id) && id !== memberWithoutDsr)
    const isUseful = group.policies.length > 0 && group.id !== denyPolicyUserGroup && members.length > 0
    const names = group.policies.flatMap((policy) => policy.resource_groups.map(({ name }) => name))
    const isOwn = names.length > 0 && names.every((name) => name !== undefined && !name.startsWith('com.'))
    if (newcomer !== undefined && isUseful && isOwn) return { group, members, newcomer }
  }
  throw new Error('the seed has no such user group')
}
