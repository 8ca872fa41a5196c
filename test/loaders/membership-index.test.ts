import { expect, test } from 'vitest'
import { describeGap, IncompleteAnswer, loadMembershipIndex } from '../../src/loaders/membership-index.ts'
import { changeAccount } from '../../src/loaders/request-cache.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { startRequest } from './request.ts'

test('the index knows the user groups of every member, in the order of their list', async () => {
  const { context, sandbox } = await startRequest()
  const { groupsOf, gaps } = await loadMembershipIndex(context, sandbox.accountTag, 'grants')
  expect(gaps).toEqual([])
  expect(context.budget.made()).toBe(41)
  expect(context.budget.estimated()).toBe(41)
  const groups = await read<{ id: string; name: string }>(sandbox, '/iam/user_groups?per_page=500')
  const expected = new Map<string, string[]>()
  for (const { id, name } of groups) {
    for (const member of await read<{ id: string }>(sandbox, `/iam/user_groups/${id}/members?per_page=500`)) {
      expected.set(member.id, [...(expected.get(member.id) ?? []), name])
    }
  }
  const members = await read<{ id: string }>(sandbox, '/members?per_page=50')
  for (const { id } of members) expect(groupsOf(id).map(({ name }) => name)).toEqual(expected.get(id) ?? [])
  expect(groupsOf('f'.repeat(32))).toEqual([])
})

test('it is built once a request, until a write in the account', async () => {
  const { context, sandbox } = await startRequest({ seed: { userGroups: 3 } })
  const [a, b] = await Promise.all([
    loadMembershipIndex(context, sandbox.accountTag, 'a'),
    loadMembershipIndex(context, sandbox.accountTag, 'b'),
  ])
  expect(a).toBe(b)
  expect(sandbox.requests()).toHaveLength(4)
  await changeAccount(context, sandbox.accountTag, async () => undefined)
  await loadMembershipIndex(context, sandbox.accountTag, 'c')
  expect(sandbox.requests()).toHaveLength(8)
})

test('members of a large user group come in several pages', async () => {
  const { context, sandbox } = await startRequest({ seed: { userGroups: 1, members: 1200 } })
  const { groupsOf } = await loadMembershipIndex(context, sandbox.accountTag, 'grants')
  const [last] = await read<{ id: string }>(
    sandbox,
    `/iam/user_groups/${sandbox.landmarks.allStaffUserGroup}/members?direction=desc&per_page=1`,
  )
  expect(groupsOf(last?.id ?? '')).toHaveLength(1)
  expect(context.budget.made()).toBe(4)
  expect(context.budget.estimated()).toBe(4)
})

test('the fan-out is refused with its exact price before any of it is sent', async () => {
  const { context, sandbox } = await startRequest({}, { limit: 30 })
  await expect(
    loadMembershipIndex(context, sandbox.accountTag, 'account.members.nodes.grants'),
  ).rejects.toMatchObject({
    name: 'CostLimitExceeded',
    estimated: 41,
    limit: 30,
    fields: [{ path: 'account.members.nodes.grants', calls: 40 }],
  })
  expect(sandbox.requests()).toHaveLength(1)
})

test.each([
  ['a refusal', [400]],
  ['a user group that is gone', [404]],
  ['a permission that is missing', [403]],
  ['a server error', [500]],
])('%s of one user group is a gap, and the rest is known', async (_, respond) => {
  const { context, sandbox } = await startRequest({ seed: { userGroups: 12 } })
  const { allStaffUserGroup = '' } = sandbox.landmarks
  sandbox.setFaults([{ path: `*/iam/user_groups/${allStaffUserGroup}/members`, respond }])
  const { groupsOf, gaps } = await loadMembershipIndex(context, sandbox.accountTag, 'grants')
  expect(gaps).toMatchObject([{ userGroup: { id: allStaffUserGroup }, error: { status: respond[0] } }])
  const found = await Promise.all(
    (await read<{ id: string }>(sandbox, '/members?per_page=50')).map(({ id }) => groupsOf(id)),
  )
  expect(found.flat().some(({ id }) => id === allStaffUserGroup)).toBe(false)
  expect(found.flat().length).toBeGreaterThan(0)
})

test.each([
  ['a rate limit', 429],
  ['a credential that cannot be used', 401],
])('%s would hit every user group: it fails the index', async (_, status) => {
  const { context, sandbox } = await startRequest()
  const body = { success: false, errors: [{ message: 'no' }] }
  sandbox.setFaults([{ path: '*/members', respond: [{ status, body }], repeat: true }])
  await expect(loadMembershipIndex(context, sandbox.accountTag, 'grants')).rejects.toMatchObject({
    name: 'CloudflareError',
    status,
  })
})

test('an answer that would not be whole names every user group that is missing, and why', async () => {
  const { context, sandbox } = await startRequest({ seed: { userGroups: 2 } })
  sandbox.setFaults([
    {
      path: '*/members',
      respond: [{ status: 400, body: { success: false, errors: [{ message: 'bad policy' }] } }],
    },
    { path: '*/members', respond: [{ status: 502, body: '<html>' }] },
  ])
  const { gaps } = await loadMembershipIndex(context, sandbox.accountTag, 'grants')
  const [first, second] = gaps
  if (first === undefined || second === undefined) throw new Error('both user groups should be missing')
  const { message, cause } = new IncompleteAnswer([first, second])
  const said = gaps.map(
    ({ userGroup }) => `The members of user group "${userGroup.name}" (${userGroup.id}) could not be read`,
  )
  expect(new Set(gaps.map(describeGap))).toEqual(
    new Set(
      gaps.map(({ error }, index) => (error.status === 400 ? `${said[index]}: bad policy` : said[index])),
    ),
  )
  expect(message).toBe(
    `${describeGap(first)}; ${describeGap(second)}; allowIncomplete gives what could be read`,
  )
  expect(cause).toBe(first.error)
})

async function read<T>(sandbox: Sandbox, path: string): Promise<readonly T[]> {
  const response = await fetch(`${sandbox.url}/accounts/${sandbox.accountTag}${path}`)
  const { result } = await response.json()
  return result ?? []
}
