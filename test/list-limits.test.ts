import { expect, test } from 'vitest'
import { startGateway } from './support/gateway.ts'

const accountTag = '0123456789abcdef0123456789abcdef'
const tags = (count: number) =>
  Array.from({ length: count }, (_, index) => index.toString(16).padStart(32, '0'))
const groupIds = (count: number) => tags(count).map((tag) => `ug_${accountTag}${tag}`)

test('nodes takes 500 ids, and refuses more before any call', async () => {
  const { query, requests } = await startGateway()
  const document = 'query Many($ids: [ID!]!) { nodes(ids: $ids) { id } }'
  expect((await query(document, { ids: groupIds(500) })).errors).toBeUndefined()
  expect(await query(document, { ids: groupIds(501) })).toMatchObject({
    data: null,
    errors: [{ path: ['nodes'], extensions: { code: 'BAD_USER_INPUT', argument: 'ids' } }],
  })
  expect(requests()).toEqual([])
})

test('_entities takes 2,000 references, and refuses more before any call', async () => {
  const { query, requests } = await startGateway()
  const representations = groupIds(2_001).map((id) => ({ __typename: 'UserGroup', id }))
  const ask = (fields: string, count: number) =>
    query(
      `query Refer($these: [_Any!]!) { _entities(representations: $these) { ... on UserGroup { ${fields} } } }`,
      { these: representations.slice(0, count) },
    )
  expect((await ask('id', 2_000)).errors).toBeUndefined()
  expect(await ask('name', 2_001)).toMatchObject({
    data: null,
    errors: [
      {
        message: 'representations must name at most 2000 objects, not 2001',
        extensions: { code: 'BAD_USER_INPUT', argument: 'representations' },
      },
    ],
  })
  expect(requests()).toEqual([])
})

test.each([
  ['addUserGroupMembers', 'AddUserGroupMembersInput'],
  ['setUserGroupMembers', 'SetUserGroupMembersInput'],
])('%s takes 5,000 members, and says so of more without a call', async (mutation, input) => {
  const { query, requests } = await startGateway()
  const document = `mutation Change($input: ${input}!) { ${mutation}(input: $input) { userErrors { code message field } } }`
  const [userGroupId] = groupIds(1)
  expect((await query(document, { input: { userGroupId, memberIds: tags(5_001) } })).data).toEqual({
    [mutation]: {
      userErrors: [
        { code: 'INVALID', message: 'memberIds must name at most 5000, not 5001', field: ['memberIds'] },
      ],
    },
  })
  expect(requests()).toEqual([])
})

test('policies, the groups that one names, and the objects of a scope are bounded', async () => {
  const { query, requests } = await startGateway()
  const policy = { access: 'ALLOW', permissionGroupIds: tags(1), resourceGroupIds: tags(1) }
  const create = `mutation Create($input: CreateUserGroupInput!) { made: createUserGroup(input: $input) { userErrors { field } } }`
  const many = { accountId: accountTag, name: 'Many', policies: Array.from({ length: 501 }, () => policy) }
  expect((await query(create, { input: many })).data).toEqual({
    made: { userErrors: [{ field: ['policies'] }] },
  })
  const wide = { ...many, policies: [{ ...policy, permissionGroupIds: tags(501) }] }
  expect((await query(create, { input: wide })).data).toEqual({
    made: { userErrors: [{ field: ['policies', '0', 'permissionGroupIds'] }] },
  })

  const scope = { key: 'k', objects: tags(5_001).map((key) => ({ key })) }
  const document = `mutation Create($input: CreateResourceGroupInput!) { made: createResourceGroup(input: $input) { userErrors { field } } }`
  expect((await query(document, { input: { accountId: accountTag, name: 'Wide', scope } })).data).toEqual({
    made: { userErrors: [{ field: ['scope', 'objects'] }] },
  })
  expect(requests()).toEqual([])
})
