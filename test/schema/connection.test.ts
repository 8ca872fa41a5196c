import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { callsOf, readAll } from './support/rest.ts'

type Page = {
  readonly nodes: readonly { readonly tag: string }[]
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly tag: string } }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
  readonly totalCount: number | null
}

type Row = { readonly id: string }

const window = `
  nodes { tag }
  edges { cursor node { tag } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  totalCount`

/** Every list below an account: how it is asked for, and where REST has it; `G` is the user group of all staff. */
const lists = [
  ['permissionGroups', '/iam/permission_groups'],
  ['resourceGroups', '/iam/resource_groups'],
  ['userGroups', '/iam/user_groups'],
  ['members', '/members?order=user.email'],
  ['ssoConnectors', '/sso_connectors'],
  ['userGroups(orderBy: { field: NAME, direction: DESC })', '/iam/user_groups?direction=desc'],
  ['G.members', '/iam/user_groups/G/members'],
  ['G.members(orderBy: { field: EMAIL, direction: DESC })', '/iam/user_groups/G/members?direction=desc'],
] as const

test.each(lists)('%s: walking forward gives every row once, in upstream order', async (field, path) => {
  const gateway = await startGateway()
  const rows = await tagsOf(gateway, path)
  const pages: Page[] = []
  for (let after: string | null = null; ; ) {
    const page: Page = await ask(gateway, field, { first: 7, after })
    pages.push(page)
    after = page.pageInfo.endCursor
    if (!page.pageInfo.hasNextPage) break
  }
  expect(pages.flatMap(({ nodes }) => nodes.map(({ tag }) => tag))).toEqual(rows)
  expect(pages.map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual(pages.map((_, index) => index > 0))
  for (const { nodes, edges, pageInfo } of pages) {
    expect(edges.map(({ node }) => node)).toEqual(nodes)
    expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([edges[0]?.cursor, edges.at(-1)?.cursor])
  }
})

test.each(lists)('%s: walking backward gives the same rows', async (field, path) => {
  const gateway = await startGateway()
  const rows = await tagsOf(gateway, path)
  const pages: Page[] = []
  for (let before: string | null = null; ; ) {
    const page: Page = await ask(gateway, field, { last: 9, before })
    pages.unshift(page)
    before = page.pageInfo.startCursor
    if (!page.pageInfo.hasPreviousPage) break
  }
  expect(pages.flatMap(({ nodes }) => nodes.map(({ tag }) => tag))).toEqual(rows)
  expect(pages.map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual(
    pages.map((_, index) => index < pages.length - 1),
  )
})

test.each(lists)('%s: both cursors cut out what lies between them', async (field, path) => {
  const gateway = await startGateway()
  const rows = await tagsOf(gateway, path)
  const { edges } = await ask(gateway, field, { first: 20 })
  const [, second] = edges
  const fourth = edges[3]
  const between = await ask(gateway, field, { first: 10, after: second?.cursor, before: fourth?.cursor })
  expect(between.nodes).toEqual(rows.slice(2, 3).map((tag) => ({ tag })))
  expect(between.pageInfo.hasPreviousPage).toBe(true)
})

test.each(lists)(
  '%s: whether rows lie behind a cursor is told where nothing else is asked',
  async (field) => {
    const gateway = await startGateway()
    const { edges } = await ask(gateway, field, { first: 4 })
    const cursor = edges[2]?.cursor
    const after = await query(gateway, field, { first: 5, after: cursor }, 'pageInfo { hasPreviousPage }')
    expect(after.data.account.owner ?? after.data.account).toEqual({
      list: { pageInfo: { hasPreviousPage: true } },
    })
    const before = await query(gateway, field, { last: 1, before: cursor }, 'pageInfo { hasNextPage }')
    expect(before.data.account.owner ?? before.data.account).toEqual({
      list: { pageInfo: { hasNextPage: true } },
    })
  },
)

test.each(lists)(
  '%s: twenty rows where nothing else is asked for, none where none are',
  async (field, path) => {
    const gateway = await startGateway()
    const rows = await tagsOf(gateway, path)
    expect((await ask(gateway, field, {})).nodes).toEqual(rows.slice(0, 20).map((tag) => ({ tag })))
    expect(await ask(gateway, field, { first: 0 })).toMatchObject({
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null },
    })
  },
)

test.each(lists)('%s: arguments that make no sense are refused before any call', async (field) => {
  const gateway = await startGateway()
  const cursorOfElsewhere = field === 'members' ? 'userGroups' : 'members'
  const { pageInfo } = await ask(gateway, cursorOfElsewhere, { first: 1 })
  const where = field.startsWith('G.') ? ['account', 'owner'] : ['account']
  gateway.sandbox.clearRequests()
  for (const [args, argument, message] of [
    [{ first: 1, last: 1 }, 'last', 'first and last exclude each other: give one of them'],
    [{ first: -1 }, 'first', 'first must be 0 to 500, not -1'],
    [{ last: -1 }, 'last', 'last must be 0 to 500, not -1'],
    [{ first: 501 }, 'first', 'first must be 0 to 500, not 501'],
    [{ last: 501 }, 'last', 'last must be 0 to 500, not 501'],
    [{ after: '' }, 'after', 'after is not a cursor: pass one that this API gave, unchanged'],
    [{ before: '../../etc' }, 'before', 'before is not a cursor: pass one that this API gave, unchanged'],
    [
      { after: pageInfo.endCursor },
      'after',
      'after is a cursor of another list, filter or order: start this one without it',
    ],
  ] as const) {
    const { data, errors } = await query(gateway, field, args)
    expect(errors).toEqual([
      {
        message,
        path: [...where, 'list'],
        locations: expect.anything(),
        extensions: { code: 'BAD_USER_INPUT', argument },
      },
    ])
    expect(data.account.owner ?? data.account).toEqual({ list: null })
  }
  expect(callsOf(gateway)).toEqual([])
})

test.each([
  ['userGroups', 'filter: { nameContains: "a" }'],
  ['userGroups', 'orderBy: { field: NAME, direction: DESC }'],
  ['permissionGroups', 'filter: { name: "DNS Write" }'],
  ['members', 'filter: { status: PENDING }'],
])('a cursor of %s is not one of the same list with %s', async (field, argument) => {
  const gateway = await startGateway()
  const { pageInfo } = await ask(gateway, field, { first: 1 })
  const { errors } = await query(gateway, `${field}(${argument})`, { after: pageInfo.endCursor })
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } }])
})

test.each([
  ['userGroups', 40, 'GET A/iam/user_groups?page=1&per_page=1'],
  ['members', 300, 'GET A/members?order=user.email&page=1&per_page=5'],
  ['resourceGroups', 25, 'GET A/iam/resource_groups'],
  ['ssoConnectors', 4, 'GET A/sso_connectors'],
  // The upstream leaves its totals out here: nothing is read to count rows.
  ['permissionGroups', null, 'GET A/iam/permission_groups?page=1&per_page=5'],
])('only totalCount of %s is %s, for one smallest page', async (field, totalCount, call) => {
  const gateway = await startGateway()
  const { data, extensions } = await queryText(gateway, `${field} { totalCount }`)
  expect(data).toEqual({ account: { [field]: { totalCount } } })
  expect(callsOf(gateway)).toEqual([call])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test.each([
  ['userGroups(filter: { nameContains: "a" })', 'userGroups'],
  ['members(filter: { status: ACCEPTED })', 'members'],
  ['permissionGroups(filter: { label: "dns_write" })', 'permissionGroups'],
  ['resourceGroups(filter: { name: "EU Zones" })', 'resourceGroups'],
])('%s: totalCount under a filter is null, and nothing is asked for it', async (field, name) => {
  const gateway = await startGateway()
  const { data, errors, extensions } = await queryText(gateway, `${field} { totalCount }`)
  expect(errors).toBeUndefined()
  expect(data).toEqual({ account: { [name]: { totalCount: null } } })
  expect(callsOf(gateway)).toEqual([])
  expect(extensions).toEqual({ restCalls: { estimated: 0, made: 0, limit: 200 } })
})

test.each(lists)('%s: __typename alone costs nothing', async (field) => {
  const gateway = await startGateway()
  const nothing = '__typename pageInfo { __typename }'
  const { errors } = await queryText(gateway, selectionOf(gateway, field, nothing))
  expect(errors).toBeUndefined()
  expect(callsOf(gateway)).toEqual([])
})

test.each(lists)(
  '%s: an upstream with other page sizes, null lists and no totals gives the same rows',
  async (field, path) => {
    const gateway = await startGateway({
      sandbox: {
        quirks: { nullListsEverywhere: true, missingResultInfo: true, totalPages: true },
        pageCaps: { user_groups: 11, members: 13, permission_groups: 20, user_group_members: 100 },
      },
    })
    const rows = await tagsWithoutPages(gateway, path)
    const { nodes, pageInfo } = await ask(gateway, field, { first: 100 })
    expect(nodes.map(({ tag }) => tag)).toEqual(rows.slice(0, 100))
    expect(pageInfo.hasNextPage).toBe(rows.length > 100)
  },
)

test('windows of one list that are asked for together are cut from the same pages', async () => {
  const gateway = await startGateway()
  const { extensions } = await queryText(
    gateway,
    'a: userGroups(first: 2) { nodes { name } } b: userGroups(first: 9) { nodes { name } } c: userGroups(first: 2) { nodes { name } }',
  )
  expect(callsOf(gateway)).toEqual(['GET A/iam/user_groups?page=1&per_page=9'])
  expect(extensions).toMatchObject({ restCalls: { made: 1 } })
})

test('an empty list is an empty connection', async () => {
  const gateway = await startGateway()
  const id = encodeGlobalId(
    'UserGroup',
    gateway.sandbox.accountTag,
    gateway.sandbox.landmarks.emptyUserGroup ?? '',
  )
  const { data } = await gateway.query(
    `query ($id: ID!) { node(id: $id) { ... on UserGroup { members { ${window} } } } }`,
    { id },
  )
  expect(data).toEqual({
    node: {
      members: {
        nodes: [],
        edges: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
        totalCount: 0,
      },
    },
  })
})

async function ask(gateway: Gateway, field: string, args: Readonly<Record<string, unknown>>): Promise<Page> {
  const { data, errors } = await query(gateway, field, args)
  expect(errors).toBeUndefined()
  return data.account.owner?.list ?? data.account.list
}

function query(gateway: Gateway, field: string, args: Readonly<Record<string, unknown>>, selected = window) {
  const own = '(first: $first, after: $after, last: $last, before: $before'
  const list = field.includes('(') ? field.replace('(', `${own}, `) : `${field}${own})`
  return gateway.query<Answered>(
    `query ($account: ID!, $first: Int, $after: String, $last: Int, $before: String) {
      account(id: $account) { ${selectionOf(gateway, list, selected)} }
    }`,
    { account: gateway.sandbox.accountTag, ...args },
  )
}

type Answered = {
  readonly account: { readonly list: Page; readonly owner?: { readonly list: Page } }
}

function selectionOf({ sandbox }: Gateway, list: string, selected = window): string {
  if (!list.startsWith('G.')) return `list: ${list} { ${selected} }`
  return `owner: userGroup(id: "${sandbox.landmarks.allStaffUserGroup}") { list: ${list.slice(2)} { ${selected} } }`
}

function queryText(gateway: Gateway, selection: string) {
  return gateway.query(`query ($account: ID!) { account(id: $account) { ${selection} } }`, {
    account: gateway.sandbox.accountTag,
  })
}

async function tagsOf(gateway: Gateway, path: string): Promise<readonly string[]> {
  const { allStaffUserGroup = '' } = gateway.sandbox.landmarks
  return (await readAll<Row>(gateway, path.replace('/G/', `/${allStaffUserGroup}/`))).map(({ id }) => id)
}

/** The same data in a sandbox that pages as documented. */
async function tagsWithoutPages(gateway: Gateway, path: string): Promise<readonly string[]> {
  const plain = await startGateway()
  expect(plain.sandbox.accountTag).toBe(gateway.sandbox.accountTag)
  return tagsOf(plain, path)
}
