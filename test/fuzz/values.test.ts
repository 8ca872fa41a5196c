import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startSaneGateway } from './sane-gateway.ts'

const queries = [
  ['query ($v: ID!) { account(id: $v) { name userGroups(first: 1) { nodes { name } } } }', 'Account'],
  [
    'query ($v: ID!) { node(id: $v) { id __typename ... on UserGroup { name } ... on Member { email } } }',
    'any',
  ],
  ['query ($v: [ID!]!) { nodes(ids: $v) { id ... on PermissionGroup { name } } }', 'any'],
  [
    'query ($v: [_Any!]!) { _entities(representations: $v) { ... on UserGroup { name } ... on Account { name } } }',
    'entity',
  ],
  [
    'query ($a: ID!, $v: ID!) { account(id: $a) { userGroup(id: $v) { name members(first: 1) { nodes { email } } } } }',
    'UserGroup',
  ],
  ['query ($a: ID!, $v: ID!) { account(id: $a) { member(id: $v) { email user { email } } } }', 'Member'],
  [
    'query ($a: ID!, $v: ID!) { account(id: $a) { permissionGroup(id: $v) { name } resourceGroup(id: $v) { name } ssoConnector(id: $v) { emailDomain } } }',
    'any',
  ],
] as const
const mutations = [
  'createResourceGroup',
  'updateResourceGroup',
  'deleteResourceGroup',
  'createUserGroup',
  'updateUserGroup',
  'deleteUserGroup',
  'addUserGroupMembers',
  'setUserGroupMembers',
  'removeUserGroupMember',
  'createSSOConnector',
  'updateSSOConnector',
  'deleteSSOConnector',
  'beginSSOConnectorVerification',
].map((field) => {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`
  return `mutation ($v: ${type}!) { ${field}(input: $v) { clientMutationId userErrors { code field message } } }`
})
const inputFields = fc.constantFrom(
  ...[
    'clientMutationId',
    'accountId',
    'id',
    'name',
    'scope',
    'key',
    'objects',
    'policies',
    'access',
    'ifModifiedOn',
  ],
  ...[
    'permissionGroupIds',
    'resourceGroupIds',
    'userGroupId',
    'memberIds',
    'memberId',
    'emailDomain',
    'enabled',
  ],
  ...['beginVerification', 'useFedrampLanguage', '__proto__', 'constructor', 'toString'],
)
const strange = fc.constantFrom(
  ...[
    '',
    ' ',
    '.',
    '..',
    '../..',
    '/',
    '%2e%2e%2f',
    '%00',
    '\u0000',
    '\n',
    '\r\nX: y',
    '?',
    '#',
    '*',
    '💥',
    '\ud800',
  ],
  ...[
    'null',
    'undefined',
    'NaN',
    '__proto__',
    'constructor',
    '; DROP TABLE',
    '<script>',
    '#{7*7}',
    '{{7*7}}',
    'ac_',
    'ug_',
  ],
)

/** Ids: real ones, those of other places, damaged ones, and others altogether. */
function ids(account: string, tags: readonly string[]) {
  const tag = fc.oneof(
    fc.constantFrom(account, ...tags),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 30, maxLength: 34 }),
    fc
      .tuple(fc.constantFrom(...tags), fc.nat({ max: 31 }), strange)
      .map(([text, at, odd]) => text.slice(0, at) + odd + text.slice(at + odd.length)),
  )
  const prefix = fc.constantFrom('ac', 'pg', 'rg', 'ug', 'me', 'sc', 'xx', 'UG', '')
  const global = fc.tuple(prefix, tag, tag).map(([kind, first, second]) => `${kind}_${first}${second}`)
  const relay = fc.tuple(prefix, tag).map(([kind, text]) => Buffer.from(`${kind}:${text}`).toString('base64'))
  return fc.oneof(
    tag,
    global,
    relay,
    strange,
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.integer().map(String),
  )
}

test('no id gets anywhere but to its own place', async () => {
  const { askQuery, gateway } = await startSaneGateway()
  const { accountTag, landmarks } = gateway.sandbox
  const tags = Object.values(landmarks).filter((tag) => tag !== undefined)
  const id = ids(accountTag, tags)
  const representation = fc.oneof(
    fc.record(
      {
        __typename: fc.constantFrom('Account', 'UserGroup', 'Member', 'PermissionGroup', 'Query', 'x'),
        id,
        tag: id,
        account: fc.record({ tag: id }),
      },
      { requiredKeys: [] },
    ),
    fc.jsonValue({ maxDepth: 2 }),
  )
  const codes = new Set<string>()
  const asked = fc.tuple(
    fc.constantFrom(...queries),
    id,
    fc.array(id, { maxLength: 6 }),
    fc.array(representation, { maxLength: 6 }),
  )
  await fc.assert(
    fc.asyncProperty(asked, async ([[document, kind], one, many, representations]) => {
      const v = kind === 'entity' ? representations : document.includes('[ID!]!') ? many : one
      for (const code of await askQuery(document, { a: accountTag, v })) codes.add(code)
    }),
    { numRuns: 3_000 },
  )
  expect([...codes]).toEqual(expect.arrayContaining(['none', 'BAD_USER_INPUT']))
}, 60_000)

test('no variable is too strange for a mutation to refuse it', async () => {
  const { askQuery, gateway } = await startSaneGateway()
  const { accountTag, landmarks } = gateway.sandbox
  const tags = Object.values(landmarks).filter((tag) => tag !== undefined)
  const id = ids(accountTag, tags)
  const leaf = fc.oneof(
    id,
    strange,
    fc.boolean(),
    fc.constantFrom('ALLOW', 'DENY'),
    fc.string(),
    fc.date().map((date) => date.getTime()),
    fc.jsonValue({ maxDepth: 1 }),
  )
  const { input } = fc.letrec((tie) => ({
    input: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.dictionary(inputFields, tie('input'), { maxKeys: 6 }),
      fc.array(tie('input'), { maxLength: 4 }),
    ),
  }))
  const wellFormed = fc.record(
    {
      accountId: id,
      id,
      userGroupId: id,
      name: fc.oneof(strange, fc.string({ maxLength: 40 }), fc.constant('x'.repeat(10_000))),
      memberIds: fc.array(id, { maxLength: 5 }),
      memberId: id,
      emailDomain: fc.oneof(strange, fc.domain(), fc.constant(`${'x'.repeat(91)}@example.com`)),
      enabled: fc.boolean(),
      ifModifiedOn: fc.oneof(
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        strange,
      ),
      scope: fc.record({
        key: strange,
        objects: fc.array(fc.record({ key: fc.string() }), { maxLength: 3 }),
      }),
      policies: fc.array(
        fc.record({
          access: fc.constantFrom('ALLOW', 'DENY'),
          permissionGroupIds: fc.array(id, { maxLength: 3 }),
          resourceGroupIds: fc.array(id, { maxLength: 3 }),
        }),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...mutations), fc.oneof(input, wellFormed), async (document, v) => {
      // Only fields that the input has: else all but none would be refused for their names.
      await askQuery(document, { v })
      await askQuery(document, { v: onlyFieldsOf(document, v) })
    }),
    { numRuns: 1_500 },
  )
}, 60_000)

test('no cursor but the list’s own is taken back, and no window is too odd', async () => {
  const { askQuery, gateway } = await startSaneGateway()
  const { query, sandbox } = gateway
  const account = sandbox.accountTag
  const lists = ['permissionGroups', 'resourceGroups', 'userGroups', 'members', 'ssoConnectors'] as const
  const cursors: string[] = []
  for (const list of lists) {
    type Page = { account: Record<string, { edges: { cursor: string }[] }> }
    const { data } = await query<Page>(
      `{ account(id: "${account}") { ${list}(first: 3) { edges { cursor } } } }`,
    )
    cursors.push(...(data.account[list]?.edges.map(({ cursor }) => cursor) ?? []))
  }
  const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array).toString('base64url'))
  const damaged = fc
    .tuple(fc.constantFrom(...cursors), fc.nat({ max: 60 }), fc.nat({ max: 255 }))
    .map(([cursor, at, byte]) => {
      const array = Buffer.from(cursor, 'base64url')
      array[at % array.length] = byte
      return array.toString('base64url')
    })
  const cursor = fc.oneof(fc.constantFrom(...cursors), damaged, bytes, strange, fc.string({ unit: 'binary' }))
  const size = fc.oneof(
    fc.integer({ min: -2, max: 510 }),
    fc.constantFrom(0, 1, 500, 501, 2 ** 31, -(2 ** 31), 1.5, '1'),
  )
  const window = fc.record({ first: size, last: size, after: cursor, before: cursor }, { requiredKeys: [] })
  const codes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...lists), window, async (list, variables) => {
      const document = `query ($account: ID!, $first: Int, $last: Int, $after: String, $before: String) {
        account(id: $account) { ${list}(first: $first, last: $last, after: $after, before: $before) {
          totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } }
        } }
      }`
      for (const code of await askQuery(document, { account, ...variables })) codes.add(code)
    }),
    { numRuns: 3_000 },
  )
  expect([...codes]).toEqual(expect.arrayContaining(['none', 'BAD_USER_INPUT']))
}, 60_000)

test('variables may be nested without end', async () => {
  const { ask } = await startSaneGateway()
  const headers = { 'content-type': 'application/json', authorization: 'Bearer somebody' }
  const documents = [...queries.map(([document]) => document), ...mutations]
  for (const document of documents) {
    for (const [open, close] of [
      ['[', ']'],
      ['{"id":', '}'],
      ['{"__typename":"Account","id":', '}'],
      ['{"scope":', '}'],
    ]) {
      for (const depth of [1, 100, 5_000, 20_000]) {
        const value = `${open?.repeat(depth)}1${close?.repeat(depth)}`
        const body = `{"query": ${JSON.stringify(document)}, "variables": {"a": ${value}, "v": ${value}}}`
        await ask({ method: 'POST', headers, body })
      }
    }
  }
}, 60_000)

const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  create: ['accountId', 'name', 'scope', 'policies', 'emailDomain'],
  update: ['id', 'name', 'scope', 'policies', 'ifModifiedOn', 'enabled'],
  other: ['id', 'userGroupId', 'memberIds', 'memberId'],
}

function onlyFieldsOf(document: string, value: unknown): unknown {
  const kind =
    /\((create|update)/.exec(document.replace('input: $v', '')) ?? /\) \{ (create|update)/.exec(document)
  const names = fieldsOf[kind?.[1] ?? 'other'] ?? []
  const isSSO = document.includes('SSO')
  return Object.fromEntries(
    Object.entries(Object(value)).filter(
      ([name]) =>
        names.includes(name) &&
        (isSSO || !['emailDomain', 'enabled'].includes(name)) &&
        (!isSSO || !['name', 'scope', 'policies', 'ifModifiedOn'].includes(name)) &&
        (document.includes('ResourceGroup')
          ? !['policies', 'ifModifiedOn'].includes(name)
          : name !== 'scope'),
    ),
  )
}
