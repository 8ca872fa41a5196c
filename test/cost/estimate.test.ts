import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { estimatePrice } from '../../src/cost/estimate.ts'
import { encodeGlobalId, type NodeType } from '../../src/schema/global-id.ts'
import { buildSchema } from '../../src/schema/schema.ts'

const schema = buildSchema()
const account = 'ac_11111111111111111111111111111111'
const idOf = (type: NodeType, number: number) =>
  encodeGlobalId(type, account.slice(3), String(number).padStart(32, '0'))
const idsOf = (type: NodeType, count: number) =>
  Array.from({ length: count }, (_, index) => idOf(type, index))

function price(text: string, variables: Record<string, unknown> = {}, pageCaps = new Map<string, number>()) {
  return estimatePrice({ schema, document: parse(text), variables: { account, ...variables }, pageCaps })
}

/** The price of fields of the account: exact, or with a plus where it is only the least. */
function priceInAccount(fields: string, pageCaps = new Map<string, number>()): string {
  const { calls, atLeast } = price(
    `query ($account: ID!) { account(id: $account) { ${fields} } }`,
    {},
    pageCaps,
  )
  return `${calls}${atLeast ? '+' : ''}`
}

test.each([
  ['id tag', '0'],
  ['name', '1'],
  [
    'userGroups(first: 50) { nodes { name policies { access permissionGroups { name } resourceGroups { name } } } }',
    '1',
  ],
  [
    'userGroups(first: 500) { nodes { name policies { access permissionGroups { name } resourceGroups { name } } } }',
    '1',
  ],
  ['permissionGroups(first: 100) { nodes { name } }', '2'],
  ['userGroups(first: 20) { nodes { members(first: 20) { nodes { email } } } }', '21'],
  ['members(first: 51) { nodes { email } }', '2'],
  ['members { totalCount }', '1'],
  ['members { __typename }', '0'],
  ['members(first: 0) { nodes { email } }', '0'],
  [
    'a: resourceGroups(first: 3) { nodes { name } } b: resourceGroups(last: 3) { totalCount } c: resourceGroups { nodes { name } }',
    '1',
  ],
  ['resourceGroups { __typename }', '0'],
  ['ssoConnectors { nodes { emailDomain } }', '1'],
])('account { %s } costs %s', (fields, calls) => {
  expect(priceInAccount(fields)).toBe(calls)
})

test('equal windows count once, whatever the alias; others are added', () => {
  expect(
    priceInAccount('a: userGroups(first: 5) { nodes { name } } b: userGroups(first: 5) { nodes { id } }'),
  ).toBe('1')
  expect(
    priceInAccount('a: userGroups(first: 5) { nodes { name } } b: userGroups(first: 6) { nodes { name } }'),
  ).toBe('2')
})

test('other filters and orders are other lists', () => {
  const fields =
    'a: userGroups { nodes { name } } b: userGroups(filter: { nameContains: "x" }) { nodes { name } } c: userGroups(orderBy: { field: NAME, direction: DESC }) { nodes { name } }'
  expect(priceInAccount(fields)).toBe('3')
})

test('lists under a list are multiplied by its rows', () => {
  const fields =
    'userGroups(first: 3) { nodes { members(first: 500) { nodes { email } } some: members(first: 4) { edges { addedOn } } } }'
  expect(priceInAccount(fields)).toBe(String(1 + 3 + 3 + 3 * 4))
})

test('a window that asks whether there is more may need one row more than a page', () => {
  expect(priceInAccount('permissionGroups(first: 50) { nodes { name } }')).toBe('1')
  expect(priceInAccount('permissionGroups(first: 50) { nodes { name } pageInfo { hasNextPage } }')).toBe('2')
  expect(priceInAccount('members(first: 50) { nodes { email } pageInfo { hasNextPage } }')).toBe('1')
})

test('the end of a list without order costs what the upstream tells', () => {
  expect(priceInAccount('permissionGroups(last: 5) { nodes { name } }')).toBe('1+')
  expect(priceInAccount('userGroups(last: 5) { nodes { name } }')).toBe('1')
})

test('page sizes that the upstream was seen to give count', () => {
  const fields = 'userGroups(first: 50) { nodes { name } }'
  expect(priceInAccount(fields, new Map([['user_groups', 20]]))).toBe('3')
})

test('variables count with their values, given or by default', () => {
  const text =
    'query ($account: ID!, $first: Int = 120) { account(id: $account) { permissionGroups(first: $first) { nodes { name } } } }'
  expect(price(text).calls).toBe(3)
  expect(price(text, { first: 40 }).calls).toBe(1)
  expect(price(text, { first: null }).calls).toBe(1)
})

test('a filter from a variable counts like a written one', () => {
  const text = `query ($account: ID!, $filter: UserGroupFilter) {
    account(id: $account) { a: userGroups(filter: $filter) { nodes { name } } b: userGroups(filter: { name: "x" }) { nodes { name } } }
  }`
  expect(price(text, { filter: { name: 'x' } }).calls).toBe(1)
  expect(price(text, { filter: { name: 'y' } }).calls).toBe(2)
})

test('what @skip or @include leaves out costs nothing', () => {
  const text = `query ($account: ID!, $with: Boolean!) {
    account(id: $account) {
      members @include(if: $with) { nodes { email } }
      ... @skip(if: $with) { ssoConnectors { nodes { enabled } } name }
    }
  }`
  expect(price(text, { with: true }).calls).toBe(1)
  expect(price(text, { with: false }).calls).toBe(2)
})

test('fragments count where they are spread', () => {
  const text = `query ($account: ID!) { account(id: $account) { ...Lists } }
    fragment Lists on Account { members { ...Rows } userGroups { totalCount } }
    fragment Rows on MemberConnection { nodes { email } }`
  expect(price(text).calls).toBe(2)
})

test('of several operations the named one counts', () => {
  const document = parse(`query A($account: ID!) { account(id: $account) { name } } query B { __typename }`)
  const variables = { account }
  const estimate = (operationName?: string) =>
    estimatePrice({ schema, document, operationName, variables, pageCaps: new Map() }).calls
  expect([estimate('A'), estimate('B'), estimate('C'), estimate()]).toEqual([1, 0, 0, 0])
})

test('what execution will refuse costs nothing', () => {
  expect(
    price(
      'query ($account: ID!, $first: Int!) { account(id: $account) { members(first: $first) { totalCount } } }',
    ).calls,
  ).toBe(0)
  expect(priceInAccount('members(first: 501) { nodes { email } }')).toBe('0')
  expect(priceInAccount('members(first: 2, last: 2) { nodes { email } }')).toBe('0')
  expect(priceInAccount('members(after: "no cursor") { nodes { email } }')).toBe('0')
  expect(priceInAccount('userGroups(filter: { name: "" }) { nodes { name } }')).toBe('0')
  expect(priceInAccount('member(id: "../members") { email }')).toBe('0')
  expect(priceInAccount(`member(id: "${idOf('UserGroup', 1)}") { email }`)).toBe('0')
  expect(price('{ node(id: "nothing") { ... on Member { email } } }').calls).toBe(0)
})

test('introspection, the service and the rate limit are free', () => {
  const text =
    '{ __schema { types { name } } __type(name: "Account") { name } _service { sdl } rateLimit { remaining } __typename }'
  expect(price(text)).toMatchObject({ calls: 0, atLeast: false, fields: [] })
})

test('an object by id costs a call where more than its identity is selected', () => {
  const node = `node(id: "${idOf('Member', 1)}")`
  expect(price(`{ ${node} { id __typename ... on Member { tag account { id tag } } } }`).calls).toBe(0)
  expect(price(`{ ${node} { ... on Member { email } ... on UserGroup { name } } }`).calls).toBe(1)
  expect(price(`{ ${node} { ... on UserGroup { name } } }`).calls).toBe(0)
})

test('the same object counts once, by global id or tag, here or there', () => {
  const member = idOf('Member', 1)
  const text = `query ($account: ID!) {
    account(id: $account) { a: member(id: "${member}") { email } b: member(id: "${member.slice(-32)}") { status } }
    node(id: "${member}") { ... on Member { roles { name } } }
  }`
  expect(price(text).calls).toBe(1)
})

test('nodes and _entities count their keys by kind, and each once', () => {
  const nodes =
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on PermissionGroup { name } ... on UserGroup { name } ... on SSOConnector { enabled } ... on Account { name } } }'
  const calls = (...ids: readonly string[]) => price(nodes, { ids })
  expect(calls(...idsOf('PermissionGroup', 3), idOf('PermissionGroup', 0))).toMatchObject({
    calls: 3,
    atLeast: false,
  })
  expect(calls(...idsOf('PermissionGroup', 100))).toMatchObject({ calls: 1, atLeast: true })
  expect(calls(...idsOf('SSOConnector', 4), ...idsOf('UserGroup', 2), account)).toMatchObject({
    calls: 4,
    atLeast: false,
  })
  const entities =
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on UserGroup { name } } }'
  const representations = idsOf('UserGroup', 30).map((id) => ({ __typename: 'UserGroup', id }))
  expect(price(entities, { representations })).toMatchObject({ calls: 1, atLeast: true })
})

test('what hangs under nodes and entities counts for each of them', () => {
  const text =
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on UserGroup { members { nodes { email } } } } }'
  expect(price(text, { ids: idsOf('UserGroup', 12) })).toMatchObject({ calls: 12, atLeast: false })
})

test('more than 500 ids are refused, and cost nothing', () => {
  const text = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on UserGroup { name } } }'
  expect(price(text, { ids: idsOf('UserGroup', 501) }).calls).toBe(0)
})

test('embedded objects and what leads back to known ones cost nothing', () => {
  const fields =
    'userGroups { nodes { account { id userGroups { nodes { name } } } policies { permissionGroups { name meta { key } } resourceGroups { name scope { objects { key } } } } } }'
  expect(priceInAccount(fields)).toBe('1')
})

test("the account's own record costs one call, wherever it is asked", () => {
  expect(
    priceInAccount(
      'name userGroups { nodes { account { name type } members { nodes { account { createdOn } } } } }',
    ),
  ).toBe('22')
})

test('accounts that a list told come with their records', () => {
  expect(
    price('{ accounts(first: 7) { nodes { name userGroups { nodes { account { name } } } } } }').calls,
  ).toBe(8)
})

test('in accounts that a list will tell, a bare tag may be anywhere and a global id in one', () => {
  const byId = (id: string) =>
    price(`{ accounts(first: 7) { nodes { member(id: "${id}") { email } } } }`).calls
  expect(byId(idOf('Member', 1).slice(-32))).toBe(8)
  expect(byId(idOf('Member', 1))).toBe(2)
})

test('members of a group come with e-mail and status; the rest is loaded by tag', () => {
  const fields = (selected: string, first: number) =>
    `userGroup(id: "${idOf('UserGroup', 1)}") { members(first: ${first}) { nodes { ${selected} } } }`
  expect(priceInAccount(fields('email status id', 20))).toBe('1')
  expect(priceInAccount(fields('user { firstName } roles { name } policies { tag }', 2))).toBe('3')
  expect(priceInAccount(fields('user { firstName }', 20))).toBe('2+')
})

test('when a member joined a group costs a call an edge', () => {
  expect(
    priceInAccount(`userGroup(id: "${idOf('UserGroup', 1)}") { members(first: 9) { edges { addedOn } } }`),
  ).toBe('10')
})

test('a join costs the first page of the user groups, once, and then what that tells', () => {
  expect(priceInAccount('permissionGroups(first: 50) { nodes { userGroups { nodes { name } } } }')).toBe('2+')
  const both =
    'permissionGroups { nodes { userGroups { totalCount } } } members { nodes { email grants { totalCount } userGroups { totalCount } } }'
  expect(priceInAccount(both)).toBe('3+')
  expect(priceInAccount('permissionGroups { nodes { userGroups { __typename } } }')).toBe('1')
})

test('a join is made once in each account', () => {
  expect(
    price('{ accounts(first: 7) { nodes { members(first: 30) { nodes { userGroups { totalCount } } } } } }'),
  ).toMatchObject({ calls: 15, atLeast: true })
})

test('rows of embedded lists are as many as the upstream tells', () => {
  const fields =
    'userGroups { nodes { policies { permissionGroups { userGroups { nodes { members { nodes { email } } } } } } } }'
  expect(priceInAccount(fields)).toBe('2+')
})

function priceOfMutation(fields: string): number {
  return price(`mutation ($account: ID!) { ${fields} }`).calls
}

test.each([
  [
    'createUserGroup(input: { accountId: $account, name: "A" }) { userGroup { name policies { tag } account { id } } }',
    1,
  ],
  [
    'createUserGroup(input: { accountId: $account, name: "A" }) { userGroup { members { nodes { email } } } }',
    2,
  ],
  ['createUserGroup(input: { accountId: "nonsense", name: $account }) { userGroup { name } }', 0],
  [
    `a: deleteUserGroup(input: { id: "${idOf('UserGroup', 1)}", clientMutationId: $account }) { deletedUserGroupId }`,
    1,
  ],
  [`updateUserGroup(input: { id: "${idOf('UserGroup', 1)}", name: $account }) { userGroup { name } }`, 2],
  [
    `updateUserGroup(input: { id: "${idOf('UserGroup', 1)}", name: $account, policies: [] }) { userGroup { name } }`,
    1,
  ],
  [
    `updateUserGroup(input: { id: "${idOf('UserGroup', 1)}", name: $account, policies: [], ifModifiedOn: "2026-01-01T00:00:00Z" }) { userGroup { name } }`,
    2,
  ],
  [
    `addUserGroupMembers(input: { userGroupId: "${idOf('UserGroup', 1)}", memberIds: [$account] }) { members { email } userGroup { id } }`,
    1,
  ],
  [
    `addUserGroupMembers(input: { userGroupId: "${idOf('UserGroup', 1)}", memberIds: [$account] }) { userGroup { name members { nodes { email } } } }`,
    3,
  ],
  [
    `beginSSOConnectorVerification(input: { id: "${idOf('SSOConnector', 1)}", clientMutationId: $account }) { ssoConnector { enabled } }`,
    2,
  ],
  [
    `beginSSOConnectorVerification(input: { id: "${idOf('SSOConnector', 1)}", clientMutationId: $account }) { ssoConnector { id } }`,
    1,
  ],
])('mutation { %s } costs %i', (field, calls) => {
  expect(priceOfMutation(field)).toBe(calls)
})

test('what two mutations read is read afresh for each', () => {
  const rename = (alias: string) =>
    `${alias}: updateUserGroup(input: { id: "${idOf('UserGroup', 1)}", name: $account }) { userGroup { members { nodes { email } } } }`
  expect(priceOfMutation(`${rename('a')} ${rename('b')}`)).toBe(6)
})

test.each([
  ['account(id: $account) { id }', 2],
  ['account(id: $account) { userGroups(first: 7) { nodes { id name } totalCount } }', 1 + 1 + 2 + 7 * 2],
  ['account(id: $account) { userGroups(last: 7) { edges { cursor node { id } } } }', 1 + 1 + 1 + 7 * 3],
  ['account(id: $account) { userGroups { a: nodes { id } b: nodes { id } } }', 1 + 1 + 2 + 20 + 20],
  [
    'account(id: $account) { userGroups(first: 5) { nodes { members(first: 9) { nodes { id } } } } }',
    1 + 1 + 1 + 5 * (1 + 1 + 9),
  ],
  ['account(id: $account) { userGroups(first: 5) { nodes { policies { access } } } }', 3 + 5 * (1 + 4)],
  ['nodes(ids: $ids) { id __typename }', 1 + 3 * 2],
  ['account(id: $account) { userGroups(first: 501) { nodes { id } } }', 2],
])('%s may have %d fields in its answer', (fields, answerFields) => {
  const [first, second] = idsOf('UserGroup', 2)
  const text = `query ($account: ID! $ids: [ID!]!) { ${fields} }`.replace(
    fields.includes('$ids') ? /\$account: ID! / : / \$ids: \[ID!\]!/,
    '',
  )
  expect(price(text, { ids: [first, second, first] })).toMatchObject({ answerFields })
})
