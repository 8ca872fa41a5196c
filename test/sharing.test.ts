import { expect, test } from 'vitest'
import { startGateway } from './support/gateway.ts'

const everyPolicy = `query ($account: ID!) {
  account(id: $account) {
    userGroups(first: 50) { nodes { name policies { access permissionGroups { name } } } }
    permissionGroups(first: 100) { nodes { name } }
  }
}`

test('200 equal queries of one credential at once make the REST calls of a few', async () => {
  const gateway = await startGateway({ sandbox: { latencyMs: 50 } })
  const account = gateway.sandbox.accountTag
  const answers = await Promise.all(
    Array.from({ length: 200 }, () =>
      gateway.query(everyPolicy, { account }, { authorization: 'Bearer one' }),
    ),
  )
  const [first] = answers
  for (const answer of answers) {
    expect(answer.errors).toBeUndefined()
    expect(answer.data).toEqual(first?.data)
  }
  // Three calls for one; those who come while the first answers are on their way start over once or twice.
  expect(gateway.requests().length).toBeLessThanOrEqual(12)
})

test('200 queries of different credentials share nothing', async () => {
  const gateway = await startGateway({ sandbox: { latencyMs: 20 } })
  const account = gateway.sandbox.accountTag
  await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      gateway.query(everyPolicy, { account }, { authorization: `Bearer caller-${index}` }),
    ),
  )
  const callsOf = new Map<string, number>()
  for (const { credential } of gateway.sandbox.requests()) {
    callsOf.set(credential, (callsOf.get(credential) ?? 0) + 1)
  }
  expect(callsOf.size).toBe(200)
  expect(new Set(callsOf.values())).toEqual(new Set([3]))
})

test('what one credential may not see is never answered from a call of another', async () => {
  const gateway = await startGateway({ sandbox: { latencyMs: 30 } })
  const account = gateway.sandbox.accountTag
  const [allowed, refused] = await Promise.all([
    gateway.query(everyPolicy, { account }, { authorization: 'Bearer one' }),
    gateway.query(everyPolicy, { account }, { authorization: 'Bearer invalid-token' }),
  ])
  expect(allowed.errors).toBeUndefined()
  expect(refused.data).toEqual({ account: { userGroups: null, permissionGroups: null } })
  expect(refused.errors?.map((error) => error.extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
})

test('a read that starts after a write never joins a flight from before it', async () => {
  const gateway = await startGateway({ sandbox: { latencyMs: 40 } })
  const account = gateway.sandbox.accountTag
  const names = `query ($account: ID!) { account(id: $account) { userGroups(first: 500) { nodes { name } } } }`
  const create = `mutation ($input: CreateUserGroupInput!) { createUserGroup(input: $input) { userGroup { name } userErrors { message } } }`
  const before = gateway.query(names, { account })
  const written = await gateway.query(create, { input: { accountId: account, name: 'Night Shift' } })
  expect(written.errors).toBeUndefined()
  const after = await gateway.query(names, { account })
  await before
  expect(JSON.stringify(after.data)).toContain('Night Shift')
})
