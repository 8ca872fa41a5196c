import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'

const membersOfGroups = /* GraphQL */ `
  query MembersOfGroups($account: ID!, $groups: Int!, $name: String) {
    account(id: $account) {
      userGroups(first: $groups, filter: { name: $name }) {
        nodes {
          members(first: 20) {
            nodes {
              email
            }
          }
        }
      }
    }
  }
`

test('an answer says what it was estimated at, what it took, and what it may take', async () => {
  const { query, sandbox, requests } = await startGateway()
  const { extensions } = await query(membersOfGroups, { account: sandbox.accountTag, groups: 3 })
  expect(extensions?.restCalls).toEqual({ estimated: 4, made: 4, limit: 200 })
  expect(requests()).toHaveLength(4)
})

test('an operation without a REST call says so too', async () => {
  const { query } = await startGateway()
  expect((await query('{ __typename }')).extensions).toEqual({
    restCalls: { estimated: 0, made: 0, limit: 200 },
  })
})

test('too dear an operation is refused with its price and its dearest fields, before any call', async () => {
  const { query, sandbox, requests } = await startGateway({ config: { maxRestCalls: 40 } })
  const answer = await query(membersOfGroups, { account: sandbox.accountTag, groups: 50 })
  expect(answer.data).toBeNull()
  expect(answer.errors).toEqual([
    {
      message:
        'This takes 51 REST calls, and an operation may make 40: ask for fewer rows, or in several operations',
      extensions: {
        code: 'COST_LIMIT_EXCEEDED',
        estimated: 51,
        limit: 40,
        fields: [
          { path: 'account.userGroups.nodes.members', calls: 50 },
          { path: 'account.userGroups', calls: 1 },
        ],
      },
    },
  ])
  expect(answer.extensions?.restCalls).toEqual({ estimated: 51, made: 0, limit: 40 })
  expect(requests()).toEqual([])
})

test('a refusal names five fields at most', async () => {
  const { query, sandbox } = await startGateway({ config: { maxRestCalls: 2 } })
  const aliases = Array.from(
    { length: 9 },
    (_, index) => `a${index}: members(first: ${index + 1}) { nodes { email } }`,
  )
  const { errors } = await query(`query ($account: ID!) { account(id: $account) { ${aliases.join(' ')} } }`, {
    account: sandbox.accountTag,
  })
  expect(errors?.[0]?.extensions).toMatchObject({ estimated: 9, fields: { length: 5 } })
})

test('a refusal is HTTP 200 as plain JSON and 400 as a GraphQL response', async () => {
  const { query, sandbox } = await startGateway({ config: { maxRestCalls: 1 } })
  const variables = { account: sandbox.accountTag, groups: 50 }
  const plain = await query(membersOfGroups, variables, { accept: 'application/json' })
  const spec = await query(membersOfGroups, variables, { accept: 'application/graphql-response+json' })
  expect([plain.status, spec.status]).toEqual([200, 400])
})

test('a dry run gets the price of every field and nothing else, and makes no call', async () => {
  const { query, sandbox, requests } = await startGateway()
  const dryRun = await query(
    membersOfGroups,
    { account: sandbox.accountTag, groups: 2 },
    { 'x-dry-run': 'true' },
  )
  expect(dryRun).toMatchObject({ status: 200, data: null, errors: undefined })
  expect(dryRun.extensions).toEqual({
    restCalls: {
      estimated: 3,
      limit: 200,
      fields: [
        { path: 'account.userGroups.nodes.members', calls: 2 },
        { path: 'account.userGroups', calls: 1 },
      ],
    },
  })
  expect(requests()).toEqual([])
})

test('a dry run tells the price of what would be refused', async () => {
  const { query, sandbox } = await startGateway({ config: { maxRestCalls: 10 } })
  const variables = { account: sandbox.accountTag, groups: 300 }
  const { errors, extensions } = await query(membersOfGroups, variables, { 'x-dry-run': 'TRUE' })
  expect(errors).toBeUndefined()
  expect(extensions?.restCalls).toMatchObject({ estimated: 301, limit: 10 })
})

test('a dry run marks a price that only the upstream can complete', async () => {
  const { query, sandbox } = await startGateway()
  const grants =
    'query ($account: ID!) { account(id: $account) { members(first: 1) { nodes { grants { totalCount } } } } }'
  const { extensions } = await query(grants, { account: sandbox.accountTag }, { 'x-dry-run': 'true' })
  expect(extensions?.restCalls).toMatchObject({ estimated: 2, atLeast: true })
})

test('a dry run of a mutation writes nothing', async () => {
  const { query, sandbox, requests } = await startGateway()
  const create =
    'mutation ($account: ID!) { createUserGroup(input: { accountId: $account, name: "Dry" }) { userErrors { message } } }'
  const { extensions } = await query(create, { account: sandbox.accountTag }, { 'x-dry-run': 'true' })
  expect(extensions?.restCalls).toMatchObject({ estimated: 1 })
  expect(requests()).toEqual([])
})

test.each(['false', '1', ''])('the header X-Dry-Run: %s runs the operation', async (value) => {
  const { query, sandbox, requests } = await startGateway()
  await query(membersOfGroups, { account: sandbox.accountTag, groups: 1 }, { 'x-dry-run': value })
  expect(requests()).toHaveLength(2)
})

test('a fan-out that turns out too dear is refused before it starts, and the rest of the answer stands', async () => {
  const { query, sandbox, requests } = await startGateway({ config: { maxRestCalls: 20 } })
  const whoIsWhere = /* GraphQL */ `
    query WhoIsWhere($account: ID!) {
      account(id: $account) {
        members(first: 2) {
          nodes {
            email
            userGroups {
              totalCount
            }
          }
        }
      }
    }
  `
  const { data, errors, extensions } = await query<{
    readonly account: {
      readonly members: { readonly nodes: readonly { readonly email: string; readonly userGroups: null }[] }
    }
  }>(whoIsWhere, { account: sandbox.accountTag })
  expect(data.account.members.nodes).toEqual([
    { email: expect.any(String), userGroups: null },
    { email: expect.any(String), userGroups: null },
  ])
  const extension = {
    code: 'COST_LIMIT_EXCEEDED',
    estimated: 42,
    limit: 20,
    fields: [{ path: 'account.members.nodes.userGroups', calls: 40 }],
  }
  expect(errors?.map(({ path, extensions }) => ({ path, extensions }))).toEqual([
    { path: ['account', 'members', 'nodes', 0, 'userGroups'], extensions: extension },
    { path: ['account', 'members', 'nodes', 1, 'userGroups'], extensions: extension },
  ])
  expect(extensions?.restCalls).toEqual({ estimated: 2, made: 2, limit: 20 })
  expect(requests()).toHaveLength(2)
})

const groupNames = /* GraphQL */ `
  query GroupNames($account: ID!) {
    account(id: $account) {
      userGroups(first: 40) {
        nodes {
          name
        }
      }
    }
  }
`

test('pages that are smaller than documented raise the estimate, and the next operation knows', async () => {
  const { query, sandbox } = await startGateway({ sandbox: { pageCaps: { user_groups: 5 } } })
  const ask = (headers = {}) => query(groupNames, { account: sandbox.accountTag }, headers)
  expect((await ask({ 'x-dry-run': 'true' })).extensions?.restCalls).toMatchObject({ estimated: 1 })
  expect((await ask()).extensions?.restCalls).toEqual({ estimated: 8, made: 8, limit: 200 })
  expect((await ask({ 'x-dry-run': 'true' })).extensions?.restCalls).toMatchObject({ estimated: 8 })
})

test('a repeated call counts each time, and raises the estimate', async () => {
  const { query, sandbox } = await startGateway()
  sandbox.setFaults([{ path: '*/iam/user_groups', respond: [503] }])
  const { errors, extensions } = await query(groupNames, { account: sandbox.accountTag })
  expect(errors).toBeUndefined()
  expect(extensions?.restCalls).toEqual({ estimated: 2, made: 2, limit: 200 })
})

test('whatever the upstream does, no more calls are made than the limit allows', async () => {
  const pageCaps = { user_groups: 5 }
  const { query, sandbox, requests } = await startGateway({
    sandbox: { pageCaps },
    config: { maxRestCalls: 3 },
  })
  const { data, errors, extensions } = await query(groupNames, { account: sandbox.accountTag })
  expect(data).toEqual({ account: { userGroups: null } })
  expect(errors).toMatchObject([
    { path: ['account', 'userGroups'], extensions: { code: 'COST_LIMIT_EXCEEDED', limit: 3 } },
  ])
  expect(extensions?.restCalls).toMatchObject({ estimated: 3, limit: 3 })
  expect(requests().length).toBeLessThanOrEqual(3)
})

test('an operation that does not fit into what is left of the budget upstream is refused at once, and told how long to wait', async () => {
  const rateLimit = { calls: 6, windowSeconds: 60 }
  const { query, sandbox, requests } = await startGateway({ sandbox: { rateLimit } })
  const account = sandbox.accountTag
  await query(membersOfGroups, { account, groups: 1 })
  const answer = await query(membersOfGroups, { account, groups: 4 })
  expect(answer.data).toBeNull()
  expect(answer.errors).toMatchObject([
    { extensions: { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } },
  ])
  const { message, extensions = {} } = answer.errors?.[0] ?? {}
  const { retryAfterMs } = extensions
  expect(message).toBe("5 REST calls do not fit into what is left of this credential's budget")
  expect(extensions).not.toHaveProperty('upstream')
  expect(retryAfterMs).toBeGreaterThan(50_000)
  expect(retryAfterMs).toBeLessThanOrEqual(60_000)
  expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60)
  expect(answer.extensions?.restCalls).toEqual({ estimated: 5, made: 0, limit: 200 })
  expect(requests()).toHaveLength(2)
})

test('a fan-out that does not fit into the budget upstream is refused before it starts', async () => {
  const rateLimit = { calls: 30, windowSeconds: 60 }
  const { query, sandbox, requests } = await startGateway({ sandbox: { rateLimit } })
  const grants =
    'query ($account: ID!) { account(id: $account) { members(first: 1) { nodes { grants { totalCount } } } } }'
  const { errors } = await query(grants, { account: sandbox.accountTag })
  expect(errors).toMatchObject([
    { path: ['account', 'members', 'nodes', 0, 'grants'], extensions: { code: 'RATE_LIMITED' } },
  ])
  expect(requests()).toHaveLength(2)
})

test('operations under way do not count on the same calls', async () => {
  const rateLimit = { calls: 10, windowSeconds: 60 }
  const { query, sandbox, requests } = await startGateway({ sandbox: { rateLimit } })
  const account = sandbox.accountTag
  await query(membersOfGroups, { account, groups: 1 })
  const codes = (await Promise.all([4, 5].map((groups) => query(membersOfGroups, { account, groups })))).map(
    ({ errors }) => errors?.[0]?.extensions.code,
  )
  expect(codes).toEqual([undefined, 'RATE_LIMITED'])
  expect(requests()).toHaveLength(7)
})

test('what was estimated and not used is given back when the operation ends', async () => {
  const rateLimit = { calls: 12, windowSeconds: 60 }
  const { query, sandbox } = await startGateway({ sandbox: { rateLimit } })
  const account = sandbox.accountTag
  const unused = await query(membersOfGroups, { account, groups: 8, name: 'no such group' })
  expect(unused.extensions?.restCalls).toMatchObject({ estimated: 9, made: 1 })
  const next = await query(membersOfGroups, { account, groups: 10 })
  expect(next).toMatchObject({ errors: undefined, extensions: { restCalls: { estimated: 11, made: 11 } } })
})

test('Query.rateLimit tells what the upstream said last, without a call', async () => {
  const rateLimit = { calls: 500, windowSeconds: 60 }
  const { query, sandbox, requests } = await startGateway({ sandbox: { rateLimit } })
  const ask = () => query('{ rateLimit { limit remaining resetAt } }')
  expect((await ask()).data).toEqual({ rateLimit: null })
  await query(membersOfGroups, { account: sandbox.accountTag, groups: 3 })
  const { data, extensions } = await ask()
  expect(data).toEqual({ rateLimit: { limit: 500, remaining: 496, resetAt: expect.stringMatching(/Z$/) } })
  expect(extensions?.restCalls).toMatchObject({ estimated: 0, made: 0 })
  expect(requests()).toHaveLength(4)
})

test('an answer of more fields than a process should make is refused before any call, and one below is not', async () => {
  const { query, sandbox, requests } = await startGateway()
  const document = /* GraphQL */ `
    query ($account: ID!, $groups: Int!) {
      account(id: $account) {
        userGroups(first: $groups) {
          nodes {
            members(first: 500) {
              nodes { ${Array.from({ length: 100 }, (_, index) => `e${index}: email`).join(' ')} }
            }
          }
        }
      }
    }
  `
  const answer = await query(document, { account: sandbox.accountTag, groups: 10 })
  expect(answer.errors).toEqual([
    {
      message:
        'The answer may have 500023 fields, and 500000 are allowed: ask for fewer rows, or for fewer fields of each',
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    },
  ])
  expect(answer.extensions?.restCalls).toEqual({ estimated: 11, made: 0, limit: 200 })
  expect(requests()).toEqual([])
  expect((await query(document, { account: sandbox.accountTag, groups: 9 })).errors).toBeUndefined()
})
