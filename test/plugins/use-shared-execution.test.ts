import { createSchema, createYoga } from 'graphql-yoga'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type CallBudget, createCallBudget } from '../../src/cost/call-budget.ts'
import { joinableMs, useSharedExecution } from '../../src/plugins/use-shared-execution.ts'
import { delayMembers } from '../support/delay-members.ts'
import { startGateway } from '../support/gateway.ts'

const names = `query Names($account: ID!, $first: Int = 20) {
  account(id: $account) { userGroups(first: $first) { nodes { id name members(first: 2) { nodes { email } } } } }
}`

/** A gateway that has executed the query before: what never took a REST call is not looked for. */
async function startWarm(options: Parameters<typeof startGateway>[0] = {}) {
  const lines: Record<string, unknown>[] = []
  const gateway = await startGateway({
    sandbox: { latencyMs: 30 },
    log: (line) => lines.push(line),
    ...options,
  })
  const account = gateway.sandbox.accountTag
  const ask = (variables: object = {}, headers: Record<string, string> = {}, document = names) =>
    gateway.query(document, { account, ...variables }, headers)
  const { data, extensions } = await ask()
  const alone = gateway.requests().length
  gateway.sandbox.clearRequests()
  return { gateway, account, ask, lines, data, restCalls: extensions?.restCalls, alone }
}

test('equal queries of one credential at once are executed once', async () => {
  const { gateway, ask, lines, data, restCalls, alone } = await startWarm()
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask()))
  expect(gateway.requests()).toHaveLength(alone)
  for (const answer of answers) expect(answer).toMatchObject({ status: 200, data, errors: undefined })
  const told = answers.map(({ extensions }) => extensions?.restCalls)
  expect(told.filter((one) => JSON.stringify(one) === JSON.stringify(restCalls))).toHaveLength(1)
  const joined = { estimated: alone, made: 0, limit: 200 }
  expect(told.filter((one) => JSON.stringify(one) === JSON.stringify(joined))).toHaveLength(19)
  const logged = lines.filter(({ msg, operationName }) => msg === 'request' && operationName === 'Names')
  expect(logged.map((line) => line.restCalls)).toEqual([alone, alone, ...Array(19).fill(0)])
  const figures = await (await gateway.fetch('/metrics')).text()
  expect(figures).toContain('iam_gateway_operations_shared_total 19')
})

test('each of them is answered in the media type that it takes, under its own id', async () => {
  const { gateway, account } = await startWarm()
  const types = ['application/json', 'application/graphql-response+json']
  const responses = await Promise.all(
    types.map((accept) =>
      gateway.fetch('/graphql', {
        method: 'POST',
        headers: {
          accept,
          'content-type': 'application/json',
          'x-request-id': accept.replaceAll('/', '-').replace('+', '.'),
        },
        body: JSON.stringify({ query: names, variables: { account } }),
      }),
    ),
  )
  expect(responses.map(({ headers }) => headers.get('content-type'))).toEqual(
    types.map((type) => `${type}; charset=utf-8`),
  )
  expect(new Set(responses.map(({ headers }) => headers.get('x-request-id'))).size).toBe(2)
  const [first, second] = await Promise.all(responses.map((response) => response.json()))
  expect(second.data).toEqual(first.data)
})

test('another credential, other variables, another operation or another document share nothing', async () => {
  const { gateway, ask, alone } = await startWarm()
  const two = `query A($account: ID!) { account(id: $account) { tag } } ${names}`
  await ask({}, {}, `${names} # warm`)
  gateway.sandbox.clearRequests()
  const answers = await Promise.all([
    ask(),
    ask({}, { authorization: 'Bearer another' }),
    ask({ first: 19 }),
    ask({}, {}, `${names} # warm`),
    ask({}, { 'x-dry-run': 'true' }),
    ask({}, {}, two),
  ])
  const made = answers.map(({ extensions }) => extensions?.restCalls)
  expect(made[0]).toMatchObject({ made: alone })
  expect(made[1]).toMatchObject({ made: alone })
  expect(made[2]).toMatchObject({ estimated: alone - 1 })
  expect(made[4]).not.toHaveProperty('made')
  expect(answers[4]?.data).toBeNull()
})

test('what is asked after a write is not answered with what was read before it', async () => {
  const { ask, gateway, account } = await startWarm()
  delayMembers(gateway.sandbox)
  const create = `mutation ($input: CreateUserGroupInput!) {
    createUserGroup(input: $input) { userGroup { name } userErrors { message } }
  }`
  const before = ask({ first: 100 })
  await vi.waitFor(() => expect(gateway.requests().length).toBeGreaterThan(1))
  const written = await gateway.query(create, { input: { accountId: account, name: 'Aardvarks' } })
  expect(written.errors).toBeUndefined()
  const after = await ask({ first: 100 })
  await before
  expect(JSON.stringify(after.data)).toContain('Aardvarks')
})

test('who waits for a leader that leaves is answered all the same', async () => {
  const { gateway, ask, account, data } = await startWarm()
  const leaving = new AbortController()
  const leader = gateway.fetch('/graphql', {
    method: 'POST',
    headers: { authorization: 'Bearer patient', 'content-type': 'application/json' },
    body: JSON.stringify({ query: names, variables: { account } }),
    signal: leaving.signal,
  })
  const left = leader.catch((error: unknown) => error)
  await vi.waitFor(() => expect(gateway.requests().length).toBeGreaterThan(0))
  const follower = ask({}, { authorization: 'Bearer patient' })
  leaving.abort()
  await left
  expect(await follower).toMatchObject({ data, errors: undefined })
})

test("a failure is nobody else's: each of them has one of its own", async () => {
  const { gateway, ask } = await startWarm()
  gateway.sandbox.setFaults([{ path: '*/iam/user_groups?*', respond: [403], repeat: true }])
  const answers = await Promise.all([ask(), ask(), ask()])
  for (const { errors, extensions } of answers) {
    expect(errors?.map((error) => error.extensions.code)).toEqual(['FORBIDDEN'])
    expect(extensions?.restCalls).toMatchObject({ estimated: 21 })
  }
})

test('variables that are nested too deeply to be compared are no failure', async () => {
  const { gateway, account, data } = await startWarm()
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const body = `{"query": ${JSON.stringify(names)}, "variables": {"account": "${account}", "unused": ${deep}}}`
  const ask = async () => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer deep' }
    const response = await gateway.fetch('/graphql', { method: 'POST', headers, body })
    return response.json()
  }
  for (const answer of await Promise.all([ask(), ask()])) expect(answer).toMatchObject({ data })
})

test('mutations are never shared', async () => {
  const { gateway, account } = await startWarm()
  const create = `mutation ($input: CreateUserGroupInput!) {
    createUserGroup(input: $input) { userGroup { name } userErrors { message } }
  }`
  const input = { accountId: account, name: 'Twins' }
  await gateway.query(create, { input: { accountId: account, name: 'Warm' } })
  gateway.sandbox.clearRequests()
  await Promise.all([gateway.query(create, { input }), gateway.query(create, { input })])
  expect(gateway.requests().filter((call) => call.startsWith('POST'))).toHaveLength(2)
})

test('nobody joins what began a second ago', async () => {
  let nowMs = 0
  const now = vi.fn(() => nowMs)
  const resolvers: ((value: string) => void)[] = []
  const yoga = createYoga<object, { readonly budget: CallBudget }>({
    schema: createSchema<{ readonly budget: CallBudget }>({
      typeDefs: 'type Query { slow: String }',
      resolvers: {
        Query: {
          slow: (_parent, _args, { budget }) => {
            budget.admit()
            return new Promise((resolve) => resolvers.push(resolve))
          },
        },
      },
    }),
    context: () => ({
      budget: createCallBudget(10),
      rest: { credentialKey: 'somebody', epoch: () => 0 },
      incomplete: [],
    }),
    plugins: [useSharedExecution({ metrics: { operationShared() {} }, now })],
    logging: false,
  })
  onTestFinished(() => void yoga.dispose())
  const ask = async () => {
    const headers = { 'content-type': 'application/json' }
    const response = await yoga.fetch('http://yoga.test/graphql', {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: '{ slow }' }),
    })
    return (await response.json()) as { readonly data: { readonly slow: string } }
  }
  const executed = (count: number) => vi.waitFor(() => expect(resolvers).toHaveLength(count))
  const warm = ask()
  await executed(1)
  resolvers[0]?.('warm')
  await warm
  const first = ask()
  await executed(2)
  nowMs = joinableMs - 1
  now.mockClear()
  const joined = ask()
  await vi.waitFor(() => expect(now).toHaveBeenCalled())
  nowMs = joinableMs
  const late = ask()
  await executed(3)
  resolvers[1]?.('first')
  resolvers[2]?.('late')
  const answers = await Promise.all([first, joined, late])
  expect(answers.map(({ data }) => data.slow)).toEqual(['first', 'first', 'late'])
})
