import { expect, test } from 'vitest'
import { createSeed } from '../../src/sandbox/seed/seed.ts'
import { startSandbox } from '../../src/sandbox/server.ts'
import { type Row, startRest } from './support/rest.ts'

const accountOf = (sizes: Parameters<typeof createSeed>[0]) => {
  const [account] = createSeed(sizes).accounts
  if (account === undefined) throw new Error('no account')
  return account
}

test('the same sizes give the same company', () => {
  expect(createSeed({})).toEqual(createSeed({}))
})

test('the company has the size that was asked for, and by default its own', () => {
  const own = accountOf({})
  expect([own.permissionGroups.length, own.resourceGroups.length, own.userGroups.length]).toEqual([
    130, 25, 40,
  ])
  expect([own.members.length, own.ssoConnectors.length]).toEqual([300, 4])
  const other = accountOf({ userGroups: 7, members: 9, permissionGroups: 400, resourceGroups: 60 })
  expect([other.permissionGroups.length, other.resourceGroups.length, other.userGroups.length]).toEqual([
    400, 60, 7,
  ])
  expect(other.members).toHaveLength(9)
})

test('no identifier, name of a user group, label or e-mail address occurs twice', () => {
  const { permissionGroups, resourceGroups, userGroups, members } = accountOf({
    userGroups: 3000,
    members: 3000,
    permissionGroups: 500,
    resourceGroups: 100,
  })
  const ids = [permissionGroups, resourceGroups, userGroups, members].flatMap((rows) =>
    rows.map(({ id }) => id),
  )
  expect(new Set(ids).size).toBe(6600)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect(new Set(userGroups.map(({ name }) => name)).size).toBe(3000)
  expect(new Set(permissionGroups.map(({ label }) => label)).size).toBe(500)
  expect(new Set(members.map(({ email }) => email)).size).toBe(3000)
  const policyIds = userGroups.flatMap(({ policies }) => policies.map(({ id }) => id))
  expect(new Set(policyIds).size).toBe(policyIds.length)
})

test('the groups are varied: 1 to 4 policies, and from nobody to everybody in them', () => {
  const { userGroups, members } = accountOf({})
  expect(new Set(userGroups.map(({ policies }) => policies.length))).toEqual(new Set([1, 2, 3, 4]))
  const sizes = userGroups.map((group) => group.members.size)
  expect(sizes.filter((size) => size === 0).length).toBeGreaterThan(2)
  expect(new Set(sizes).size).toBeGreaterThan(10)
  const able = members.filter(({ status, domainScopedRoles }) => status !== 'rejected' && domainScopedRoles)
  expect(Math.max(...sizes)).toBe(able.length)
})

test('every e-mail address is plain ASCII of at most 90 characters, names are not', () => {
  const { members, userGroups } = accountOf({})
  for (const { email } of members) expect(email).toMatch(/^[a-z0-9.]{1,60}@[a-z]+\.example$/)
  expect(members.some(({ user }) => /[^\x20-\x7e]/.test(user?.first_name ?? ''))).toBe(true)
  expect(userGroups.some(({ name }) => name === '東京オペレーション')).toBe(true)
})

test('what a policy grants fits where it grants it', () => {
  const { userGroups, permissionGroups, resourceGroups } = accountOf({})
  const scopes = new Map(permissionGroups.map(({ id, scopes: where }) => [id, where]))
  const system = new Set(resourceGroups.filter((group) => group.system).map(({ id }) => id))
  for (const { policies } of userGroups)
    for (const { permissionGroupIds, resourceGroupIds } of policies)
      if (!resourceGroupIds.every((id) => system.has(id)))
        for (const id of permissionGroupIds) expect(scopes.get(id)).toBe('com.cloudflare.api.account.zone')
})

test('an empty company works', async () => {
  const { get, account } = await startRest({
    seed: { userGroups: 0, members: 0, permissionGroups: 0, resourceGroups: 0 },
  })
  expect((await get(`${account}/iam/user_groups`)).result).toEqual([])
  expect((await get(`${account}/members`)).result).toEqual([])
  expect((await get(`${account}/iam/permission_groups`)).result).toEqual([])
  expect((await get(`${account}/iam/resource_groups`)).result).toBeNull()
})

test('10,000 user groups start fast and page fast', async () => {
  const startedMs = performance.now()
  const { get, account } = await startRest({ seed: { userGroups: 10_000, members: 2_000 } })
  const { result } = await get<Row[]>(`${account}/iam/user_groups?per_page=500&page=20`)
  expect(performance.now() - startedMs).toBeLessThan(10_000)
  expect(result).toHaveLength(500)
})

test('a larger company has the smaller one in it', () => {
  const small = accountOf({ userGroups: 20 }).userGroups
  expect(accountOf({ userGroups: 60 }).userGroups.slice(0, 20)).toEqual(small)
})

test('the landmarks are what they say', async () => {
  const sandbox = await startSandbox()
  await sandbox.close()
  const [company, labs] = createSeed({}).accounts
  const { landmarks } = sandbox
  const group = (id: string | undefined) => company?.userGroups.find((candidate) => candidate.id === id)
  expect(group(landmarks.allStaffUserGroup)?.name).toBe('All Staff')
  expect(group(landmarks.emptyUserGroup)?.members.size).toBe(0)
  expect(group(landmarks.denyPolicyUserGroup)?.policies.map(({ access }) => access)).toEqual([
    'deny',
    'allow',
  ])
  expect(labs?.account.id).toBe(landmarks.otherAccount)
  expect(labs?.members.some(({ id }) => id === landmarks.otherAccountMember)).toBe(true)
})
