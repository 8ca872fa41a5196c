import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { callsOf, readAll, readOne, type WireGroup, type WireUserGroup, writesOf } from './support/rest.ts'

const unknown = 'f'.repeat(32)

const create = `mutation ($input: CreateUserGroupInput!) {
  createUserGroup(input: $input) {
    clientMutationId
    userGroup { id tag name createdOn modifiedOn policies { access permissionGroups { tag name } resourceGroups { tag } } }
    userErrors { code message field upstreamCode documentationUrl }
  }
}`
const update = create
  .replaceAll('CreateUserGroup', 'UpdateUserGroup')
  .replace('createUserGroup', 'updateUserGroup')
const remove = `mutation ($input: DeleteUserGroupInput!) {
  deleteUserGroup(input: $input) {
    clientMutationId
    deletedUserGroupId
    userErrors { code message field upstreamCode documentationUrl }
  }
}`

test('a new user group is answered as the upstream made it, for one call', async () => {
  const gateway = await startGateway()
  const { accountTag } = gateway.sandbox
  const { permissionGroups, resourceGroups } = await pieces(gateway)
  const [dns, waf] = permissionGroups
  const [zones] = resourceGroups
  const { data, errors, extensions } = await gateway.query<Created>(create, {
    input: {
      clientMutationId: 'm-1',
      accountId: accountTag,
      name: 'Équipe – 東京 🚒',
      policies: [
        {
          access: 'ALLOW',
          permissionGroupIds: [encodeGlobalId('PermissionGroup', accountTag, dns.id), waf.id],
          resourceGroupIds: [zones.id],
        },
      ],
    },
  })
  expect(errors).toBeUndefined()
  const { userGroup } = data.createUserGroup
  expect(data.createUserGroup).toEqual({
    clientMutationId: 'm-1',
    userGroup: {
      id: encodeGlobalId('UserGroup', accountTag, userGroup?.tag ?? ''),
      tag: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'Équipe – 東京 🚒',
      createdOn: expect.any(String),
      modifiedOn: expect.any(String),
      policies: [
        {
          access: 'ALLOW',
          permissionGroups: [
            { tag: dns.id, name: dns.name },
            { tag: waf.id, name: waf.name },
          ],
          resourceGroups: [{ tag: zones.id }],
        },
      ],
    },
    userErrors: [],
  })
  expect(writesOf(gateway)).toEqual([
    [
      'POST A/iam/user_groups',
      {
        name: 'Équipe – 東京 🚒',
        policies: [
          {
            access: 'allow',
            permission_groups: [{ id: dns.id }, { id: waf.id }],
            resource_groups: [{ id: zones.id }],
          },
        ],
      },
    ],
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
  expect(await readOne(gateway, `/iam/user_groups/${userGroup?.tag}`)).toMatchObject({
    name: 'Équipe – 東京 🚒',
  })
})

test('policies may be left out', async () => {
  const gateway = await startGateway()
  const input = { accountId: gateway.sandbox.accountTag, name: 'Nobody yet', policies: null }
  const { data } = await gateway.query<Created>(create, { input })
  expect(data.createUserGroup).toMatchObject({ clientMutationId: null, userGroup: { policies: [] } })
  expect(writesOf(gateway)).toEqual([['POST A/iam/user_groups', { name: 'Nobody yet', policies: [] }]])
})

test('ids that an input repeats are sent once', async () => {
  const gateway = await startGateway()
  const { permissionGroups, resourceGroups } = await pieces(gateway)
  const [{ id }] = permissionGroups
  const [zones] = resourceGroups
  const asked = {
    access: 'ALLOW',
    permissionGroupIds: [
      id,
      id.toUpperCase(),
      encodeGlobalId('PermissionGroup', gateway.sandbox.accountTag, id),
    ],
    resourceGroupIds: [zones.id, zones.id],
  }
  const input = { accountId: gateway.sandbox.accountTag, name: 'Twice', policies: [asked] }
  await gateway.query<Created>(create, { input })
  expect(writesOf(gateway)).toMatchObject([
    [
      'POST A/iam/user_groups',
      { policies: [{ permission_groups: [{ id }], resource_groups: [{ id: zones.id }] }] },
    ],
  ])
})

test('all that can be seen to be wrong is told at once, each at its place, and nothing is sent', async () => {
  const gateway = await startGateway()
  const { accountTag, landmarks } = gateway.sandbox
  const { data, extensions } = await gateway.query<Created>(create, {
    input: {
      clientMutationId: 'm-2',
      accountId: accountTag,
      name: '  \t',
      policies: [
        { access: 'ALLOW', permissionGroupIds: [], resourceGroupIds: ['../zones'] },
        {
          access: 'ALLOW',
          permissionGroupIds: [unknown, encodeGlobalId('Member', accountTag, unknown)],
          resourceGroupIds: [encodeGlobalId('ResourceGroup', landmarks.otherAccount, unknown)],
        },
      ],
    },
  })
  const invalid = (field: readonly string[], message: string) => ({
    code: 'INVALID',
    message: `${field.join('.')} ${message}`,
    field,
    upstreamCode: null,
    documentationUrl: null,
  })
  expect(data.createUserGroup).toEqual({
    clientMutationId: 'm-2',
    userGroup: null,
    userErrors: [
      invalid(['name'], 'must not be empty'),
      invalid(['policies', '0', 'permissionGroupIds'], 'must name at least one'),
      invalid(
        ['policies', '0', 'resourceGroupIds', '0'],
        'must be the id of a ResourceGroup, or its tag of 32 hexadecimal characters',
      ),
      invalid(
        ['policies', '1', 'permissionGroupIds', '1'],
        'must be the id of a PermissionGroup, not of a Member',
      ),
      invalid(['policies', '1', 'resourceGroupIds', '0'], `must be an id of account ${accountTag}`),
    ],
  })
  expect(callsOf(gateway)).toEqual([])
  expect(extensions).toMatchObject({ restCalls: { made: 0 } })
})

test('a bad account is told together with the rest', async () => {
  const gateway = await startGateway()
  const input = {
    accountId: '..',
    name: '',
    policies: [{ access: 'ALLOW', permissionGroupIds: ['x'], resourceGroupIds: [] }],
  }
  const { data, extensions } = await gateway.query<Created>(create, { input })
  expect(data.createUserGroup.userErrors.map(({ field }) => field)).toEqual([
    ['accountId'],
    ['name'],
    ['policies', '0', 'permissionGroupIds', '0'],
    ['policies', '0', 'resourceGroupIds'],
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 0, made: 0, limit: 200 } })
})

test('a bad account makes no fault of the bare tags that were meant to be in it', async () => {
  const gateway = await startGateway()
  const policies = [{ access: 'ALLOW', permissionGroupIds: [unknown], resourceGroupIds: [unknown] }]
  const input = { accountId: '..', name: 'Any', policies }
  const { data } = await gateway.query<Created>(create, { input })
  expect(data.createUserGroup.userErrors.map(({ field }) => field)).toEqual([['accountId']])
})

test('a name that is taken is a conflict', async () => {
  const gateway = await startGateway()
  const input = { accountId: gateway.sandbox.accountTag, name: 'Finance' }
  const { data, errors } = await gateway.query<Created>(create, { input })
  expect(errors).toBeUndefined()
  expect(data.createUserGroup).toEqual({
    clientMutationId: null,
    userGroup: null,
    userErrors: [
      {
        code: 'CONFLICT',
        message: 'User group name "Finance" is already in use',
        field: ['name'],
        upstreamCode: 400,
        documentationUrl: null,
      },
    ],
  })
})

test('refusals of the upstream are told at the place of the input that they mean', async () => {
  const gateway = await startGateway()
  const { permissionGroups, resourceGroups } = await pieces(gateway)
  const [{ id: known }] = permissionGroups
  const [{ id: zones }] = resourceGroups
  const { data } = await gateway.query<Created>(create, {
    input: {
      accountId: gateway.sandbox.accountTag,
      name: 'x'.repeat(200),
      policies: [
        { access: 'DENY', permissionGroupIds: [known, unknown], resourceGroupIds: [zones] },
        { access: 'ALLOW', permissionGroupIds: [known, known, unknown], resourceGroupIds: [unknown] },
      ],
    },
  })
  expect(
    data.createUserGroup.userErrors.map(({ code, field, message }) => ({ code, field, message })),
  ).toEqual([
    {
      code: 'INVALID',
      field: ['policies', '0', 'access'],
      message: 'Policy validation failed: deny policies are not supported',
    },
    {
      code: 'NOT_FOUND',
      field: ['policies', '0', 'permissionGroupIds', '1'],
      message: `Permission group ${unknown} not found`,
    },
    // What the input repeats was sent once, so that the upstream counts otherwise.
    {
      code: 'NOT_FOUND',
      field: ['policies', '1', 'permissionGroupIds'],
      message: `Permission group ${unknown} not found`,
    },
    {
      code: 'NOT_FOUND',
      field: ['policies', '1', 'resourceGroupIds', '0'],
      message: `Resource group ${unknown} not found`,
    },
  ])
  expect(await namesIn(gateway)).not.toContain('x'.repeat(200))
})

test.each([
  ['Policy validation failed', 'INVALID', ['policies']],
  ['invalid permission group and resource group combination', 'INVALID', ['policies']],
  ['the name is already in use', 'CONFLICT', ['name']],
  ['Resource group not found', 'NOT_FOUND', ['policies']],
  ['the moon is in the wrong phase', 'INVALID', null],
])('a refusal that points nowhere is told by what it says: %s', async (message, code, field) => {
  const gateway = await startGateway()
  const errors = [{ code: 1006, message, documentation_url: 'https://developers.example/1006' }]
  gateway.sandbox.setFaults([
    { method: 'POST', path: '*', respond: [{ status: 400, body: { success: false, errors, result: [] } }] },
  ])
  const input = { accountId: gateway.sandbox.accountTag, name: 'Any', policies: [] }
  const { data } = await gateway.query<Created>(create, { input })
  expect(data.createUserGroup.userErrors).toEqual([
    { code, message, field, upstreamCode: 1006, documentationUrl: 'https://developers.example/1006' },
  ])
})

test('a name of 10,000 characters is for the upstream to judge', async () => {
  const gateway = await startGateway()
  const input = { accountId: gateway.sandbox.accountTag, name: 'ß'.repeat(10_000) }
  const { data } = await gateway.query<Created>(create, { input })
  expect(data.createUserGroup).toMatchObject({
    userGroup: null,
    userErrors: [{ code: 'INVALID', field: ['name'] }],
  })
})

test('an account that does not exist is not found', async () => {
  const gateway = await startGateway()
  const { data, errors } = await gateway.query<Created>(create, {
    input: { accountId: unknown, name: 'Any' },
  })
  expect(errors).toBeUndefined()
  expect(data.createUserGroup.userGroup).toBeNull()
  expect(data.createUserGroup.userErrors[0]).toMatchObject({
    code: 'NOT_FOUND',
    field: ['accountId'],
    upstreamCode: 7003,
  })
})

test('renaming keeps the policies: they are read and written again, without their ids', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const { data, errors, extensions } = await gateway.query<Updated>(update, {
    input: { id: idOf(gateway, before), name: 'Renamed', clientMutationId: 'm-3' },
  })
  expect(errors).toBeUndefined()
  expect(data.updateUserGroup).toMatchObject({
    clientMutationId: 'm-3',
    userGroup: { tag: before.id, name: 'Renamed' },
    userErrors: [],
  })
  const policies = before.policies.map(({ access, permission_groups, resource_groups }) => ({
    access,
    permission_groups: permission_groups.map(({ id }) => ({ id })),
    resource_groups: resource_groups.map(({ id }) => ({ id })),
  }))
  expect(callsOf(gateway)).toEqual([
    `GET A/iam/user_groups/${before.id}`,
    `PUT A/iam/user_groups/${before.id}`,
  ])
  expect(writesOf(gateway)).toEqual([[`PUT A/iam/user_groups/${before.id}`, { name: 'Renamed', policies }]])
  expect(extensions).toEqual({ restCalls: { estimated: 2, made: 2, limit: 200 } })
  const after = await readOne<WireUserGroup>(gateway, `/iam/user_groups/${before.id}`)
  expect(after.name).toBe('Renamed')
  expect(after.policies.map(withoutId)).toEqual(before.policies.map(withoutId))
})

test('changing the policies keeps the name', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const { permissionGroups, resourceGroups } = await pieces(gateway)
  const policy = { permissionGroupIds: [permissionGroups[0].id], resourceGroupIds: [resourceGroups[0].id] }
  const { data } = await gateway.query<Updated>(update, {
    input: { id: idOf(gateway, before), policies: [{ access: 'ALLOW', ...policy }] },
  })
  expect(data.updateUserGroup).toMatchObject({
    userGroup: { name: before.name, policies: [{ permissionGroups: [{ name: permissionGroups[0].name }] }] },
  })
  const after = await readOne<WireUserGroup>(gateway, `/iam/user_groups/${before.id}`)
  expect(after).toMatchObject({ name: before.name, policies: [{ access: 'allow' }] })
})

test('no policies at all is a set like any other', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  await gateway.query<Updated>(update, { input: { id: idOf(gateway, before), policies: [] } })
  const after = await readOne<WireUserGroup>(gateway, `/iam/user_groups/${before.id}`)
  expect(after).toMatchObject({ name: before.name, policies: [] })
})

test('an update that names everything needs no read', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const { extensions } = await gateway.query<Updated>(update, {
    input: { id: idOf(gateway, before), name: 'All new', policies: [] },
  })
  expect(writesOf(gateway)).toEqual([
    [`PUT A/iam/user_groups/${before.id}`, { name: 'All new', policies: [] }],
  ])
  expect(callsOf(gateway)).toHaveLength(1)
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('ifModifiedOn lets a change through while nobody else made one', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const { data } = await gateway.query<Updated>(update, {
    input: {
      id: idOf(gateway, before),
      name: 'Guarded',
      policies: [],
      ifModifiedOn: new Date(before.modified_on).toISOString(),
    },
  })
  expect(data.updateUserGroup).toMatchObject({ userGroup: { name: 'Guarded' }, userErrors: [] })
  expect(callsOf(gateway)).toEqual([
    `GET A/iam/user_groups/${before.id}`,
    `PUT A/iam/user_groups/${before.id}`,
  ])
})

test('ifModifiedOn refuses a change after somebody else made one, and changes nothing', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const id = idOf(gateway, before)
  await gateway.query<Updated>(update, { input: { id, name: 'Theirs' } })
  gateway.sandbox.clearRequests()
  const { data, errors } = await gateway.query<Updated>(update, {
    input: { id, name: 'Mine', policies: [], ifModifiedOn: new Date(before.modified_on).toISOString() },
  })
  expect(errors).toBeUndefined()
  expect(data.updateUserGroup).toMatchObject({
    userGroup: null,
    userErrors: [
      { code: 'CONFLICT', field: ['ifModifiedOn'], message: expect.stringMatching(/^it was modified on /) },
    ],
  })
  expect(writesOf(gateway)).toEqual([])
  expect(await readOne(gateway, `/iam/user_groups/${before.id}`)).toMatchObject({ name: 'Theirs' })
})

test.each([
  ['nothing', {}],
  ['nothing but nulls', { name: null, policies: null }],
  ['only a condition', { ifModifiedOn: '2026-01-01T00:00:00Z' }],
])('an update that names %s is refused as a whole', async (_, change) => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const { data } = await gateway.query<Updated>(update, { input: { id: idOf(gateway, before), ...change } })
  expect(data.updateUserGroup).toMatchObject({
    userGroup: null,
    userErrors: [{ code: 'INVALID', message: 'name what to change: name, policies or both', field: null }],
  })
  expect(callsOf(gateway)).toEqual([])
})

test('a condition that is no moment is refused before anything runs', async () => {
  const gateway = await startGateway()
  const { data, errors } = await gateway.query(update, {
    input: {
      id: encodeGlobalId('UserGroup', gateway.sandbox.accountTag, unknown),
      name: 'X',
      ifModifiedOn: 'soon',
    },
  })
  expect(data).toBeNull()
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  expect(callsOf(gateway)).toEqual([])
})

test.each([
  ['a rename, which reads first', { name: 'X' }, ['GET'], null],
  ['a replacement, which does not', { name: 'X', policies: [] }, ['PUT'], 404],
])('a user group that does not exist is not found by %s', async (_, change, methods, upstreamCode) => {
  const gateway = await startGateway()
  const { data } = await gateway.query<Updated>(update, {
    input: { id: encodeGlobalId('UserGroup', gateway.sandbox.accountTag, unknown), ...change },
  })
  expect(data.updateUserGroup).toMatchObject({
    userGroup: null,
    userErrors: [{ code: 'NOT_FOUND', field: ['id'], upstreamCode }],
  })
  expect(callsOf(gateway).map((call) => call.split(' ')[0])).toEqual(methods)
})

test.each([
  [
    'a bare tag',
    (tag: string) => tag,
    'id must be the global id of a UserGroup: a bare tag does not tell the account',
  ],
  [
    'a member',
    (tag: string) => encodeGlobalId('Member', tag, tag),
    'id must be the id of a UserGroup, not of a Member',
  ],
  ['nothing', () => '', 'id must be the id of a UserGroup'],
])('%s does not name the user group to change', async (_, toId, message) => {
  const gateway = await startGateway()
  for (const [document, name] of [
    [update, 'updateUserGroup'],
    [remove, 'deleteUserGroup'],
  ] as const) {
    const input = { id: toId(unknown), ...(name === 'updateUserGroup' ? { name: '' } : {}) }
    const { data, extensions } = await gateway.query(document, { input })
    const blank = { code: 'INVALID', field: ['name'], message: 'name must not be empty' }
    expect(data).toMatchObject({
      [name]: {
        userErrors: [
          { code: 'INVALID', field: ['id'], message },
          ...(name === 'updateUserGroup' ? [blank] : []),
        ],
      },
    })
    expect(extensions).toEqual({ restCalls: { estimated: 0, made: 0, limit: 200 } })
  }
})

test('what was written back and is refused is no fault of the input', async () => {
  const gateway = await startGateway()
  const id = gateway.sandbox.landmarks.denyPolicyUserGroup ?? ''
  const before = await readOne<WireUserGroup>(gateway, `/iam/user_groups/${id}`)
  const { data } = await gateway.query<Updated>(update, { input: { id: idOf(gateway, before), name: 'Any' } })
  expect(data.updateUserGroup).toMatchObject({
    userGroup: null,
    userErrors: [
      {
        code: 'INVALID',
        message: 'Policy validation failed: deny policies are not supported',
        field: null,
        upstreamCode: 400,
      },
    ],
  })
  expect(await readOne(gateway, `/iam/user_groups/${id}`)).toEqual(before)
})

test('policies that cannot be written back as they are stand in the way of a rename', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const [policy] = before.policies
  const result = { ...before, policies: [{ ...policy, access: 'audit' }] }
  gateway.sandbox.setFaults([
    {
      method: 'GET',
      path: '*/iam/user_groups/*',
      respond: [{ status: 200, body: { success: true, result } }],
    },
  ])
  const { data } = await gateway.query<Updated>(update, { input: { id: idOf(gateway, before), name: 'Any' } })
  expect(data.updateUserGroup).toMatchObject({
    userGroup: null,
    userErrors: [
      {
        code: 'CONFLICT',
        message: 'its present policies cannot be written back unchanged: give policies too',
        field: null,
      },
    ],
  })
  expect(writesOf(gateway)).toEqual([])
})

test('where the upstream answers a change with nothing, the object is read back', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  gateway.sandbox.setFaults([
    { method: 'PUT', path: '*', respond: [{ status: 200, body: { success: true, result: null } }] },
  ])
  const { data, extensions } = await gateway.query<Updated>(update, {
    input: { id: idOf(gateway, before), name: before.name, policies: [] },
  })
  expect(data.updateUserGroup).toMatchObject({
    userGroup: { tag: before.id, name: before.name },
    userErrors: [],
  })
  expect(callsOf(gateway)).toEqual([
    `PUT A/iam/user_groups/${before.id}`,
    `GET A/iam/user_groups/${before.id}`,
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 2, made: 2, limit: 200 } })
})

test('a change that was made is told as made, even where reading it back fails', async () => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  const before = await someGroup(gateway)
  gateway.sandbox.setFaults([
    { method: 'PUT', path: '*', respond: [{ status: 200, body: { success: true, result: null } }] },
    { method: 'GET', path: '*', respond: [503] },
  ])
  const { data, errors } = await gateway.query<Updated>(update, {
    input: { id: idOf(gateway, before), name: before.name, policies: [] },
  })
  expect(data.updateUserGroup).toMatchObject({ userGroup: null, userErrors: [] })
  expect(errors).toMatchObject([
    { path: ['updateUserGroup', 'userGroup'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
  ])
})

test('a change that was made is told as made, even where reading it back cannot be afforded', async () => {
  const gateway = await startGateway({ config: { maxRestCalls: 1 } })
  const before = await someGroup(gateway)
  gateway.sandbox.setFaults([
    { method: 'PUT', path: '*', respond: [{ status: 200, body: { success: true, result: null } }] },
  ])
  const { data, errors } = await gateway.query<Updated>(update, {
    input: { id: idOf(gateway, before), name: before.name, policies: [] },
  })
  expect(data.updateUserGroup).toMatchObject({ userGroup: null, userErrors: [] })
  expect(errors).toMatchObject([
    {
      path: ['updateUserGroup', 'userGroup'],
      extensions: {
        code: 'COST_LIMIT_EXCEEDED',
        fields: [{ path: 'updateUserGroup.userGroup', calls: 1 }],
      },
    },
  ])
  expect(callsOf(gateway)).toHaveLength(1)
})

test('a deleted user group is gone, and its id is told', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const id = idOf(gateway, before)
  const { data, extensions } = await gateway.query(remove, { input: { id, clientMutationId: 'm-4' } })
  expect(data).toEqual({
    deleteUserGroup: { clientMutationId: 'm-4', deletedUserGroupId: id, userErrors: [] },
  })
  expect(writesOf(gateway)).toEqual([[`DELETE A/iam/user_groups/${before.id}`, null]])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
  expect(await namesIn(gateway)).not.toContain(before.name)
})

test('the id is told also where the upstream answers a delete with nothing', async () => {
  const gateway = await startGateway({ sandbox: { quirks: { deletedResultNull: true } } })
  const before = await someGroup(gateway)
  const id = idOf(gateway, before)
  const { data } = await gateway.query(remove, { input: { id } })
  expect(data).toMatchObject({ deleteUserGroup: { deletedUserGroupId: id, userErrors: [] } })
})

test('deleting what is not there is not found', async () => {
  const gateway = await startGateway()
  const input = { id: encodeGlobalId('UserGroup', gateway.sandbox.accountTag, unknown) }
  const { data, errors } = await gateway.query(remove, { input })
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    deleteUserGroup: {
      deletedUserGroupId: null,
      userErrors: [{ code: 'NOT_FOUND', field: ['id'], message: `User group ${unknown} not found` }],
    },
  })
})

type UserErrors = readonly {
  readonly code: string
  readonly message: string
  readonly field: readonly string[] | null
}[]
type Payload = { readonly userGroup: { readonly tag: string } | null; readonly userErrors: UserErrors }
type Created = { readonly createUserGroup: Payload }
type Updated = { readonly updateUserGroup: Payload }

/** Some permission groups and resource groups to make policies of, which the sandbox lets go together. */
async function pieces(gateway: Gateway) {
  const [, ...permissionGroups] = await readAll<WireGroup>(gateway, '/iam/permission_groups')
  const [, ...resourceGroups] = await readAll<WireGroup>(gateway, '/iam/resource_groups')
  const [first, second] = permissionGroups
  const [zones] = resourceGroups
  if (first === undefined || second === undefined || zones === undefined)
    throw new Error('the seed is too small')
  return { permissionGroups: [first, second], resourceGroups: [zones] } as const
}

async function someGroup(gateway: Gateway): Promise<WireUserGroup> {
  const groups = await readAll<WireUserGroup>(gateway, '/iam/user_groups')
  const found = groups.find(({ id, policies }) => {
    return policies.length > 1 && id !== gateway.sandbox.landmarks.denyPolicyUserGroup
  })
  if (found === undefined) throw new Error('the seed has no user group with two policies')
  return found
}

function idOf(gateway: Gateway, group: WireUserGroup): string {
  return encodeGlobalId('UserGroup', gateway.sandbox.accountTag, group.id)
}

async function namesIn(gateway: Gateway): Promise<readonly string[]> {
  return (await readAll<WireUserGroup>(gateway, '/iam/user_groups')).map(({ name }) => name)
}

function withoutId({ id: _, ...policy }: WireUserGroup['policies'][number]) {
  return policy
}
