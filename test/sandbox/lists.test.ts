import { expect, test } from 'vitest'
import {
  first,
  known,
  type Row,
  startRest,
  type WireGroupMember,
  type WireUserGroup,
} from './support/rest.ts'

test('user groups come by name, without regard to case, in both directions', async () => {
  const { get, account } = await startRest()
  const rising = await get<WireUserGroup[]>(`${account}/iam/user_groups`)
  const names = rising.result.map(({ name }) => name.toLowerCase())
  expect(names).toEqual(names.toSorted())
  const falling = await get<WireUserGroup[]>(`${account}/iam/user_groups?direction=desc`)
  expect(falling.result).toEqual(rising.result.toReversed())
})

test('user groups are filtered by exact name, by part of it, and by id', async () => {
  const { get, account } = await startRest()
  const names = async (query: string) =>
    (await get<WireUserGroup[]>(`${account}/iam/user_groups?${query}`)).result.map(({ name }) => name)
  expect(await names('name=Payments')).toEqual(['Payments'])
  expect(await names('name=payments')).toEqual([])
  expect(await names('fuzzyName=developers')).toEqual([
    'Booking Portal Developers',
    'Carrier API Developers',
    'Tracking Portal Developers',
    'Workers Developers',
  ])
  expect(await names(`fuzzyName=${encodeURIComponent('オペ')}`)).toEqual(['東京オペレーション'])
  const [group] = (await get<WireUserGroup[]>(`${account}/iam/user_groups?name=Finance`)).result
  expect(await names(`id=${group?.id}`)).toEqual(['Finance'])
  expect(await names(`id=${group?.id}&name=Payments`)).toEqual([])
})

test('permission groups keep the order of the catalogue and are filtered by name, label and id', async () => {
  const { get, account } = await startRest()
  const path = `${account}/iam/permission_groups`
  const all = await get<Row[]>(`${path}?per_page=50`)
  expect(all.result.slice(0, 2).map(({ name }) => name)).toEqual(['Administrator', 'Administrator Read Only'])
  const label = await get<Row[]>(`${path}?label=load_balancer`)
  expect(label.result.map(({ name }) => name)).toEqual(['Load Balancer'])
  const name = await get<Row[]>(`${path}?name=Load%20Balancer`)
  expect(name.result).toEqual(label.result)
  expect((await get<Row[]>(`${path}?id=${first(label.result).id}`)).result).toEqual(label.result)
  expect((await get(`${path}?label=nothing`)).result).toEqual([])
})

test('resource groups are one page, filtered by name, which is not unique, and id', async () => {
  const { get, account, sandbox } = await startRest()
  const path = `${account}/iam/resource_groups`
  const all = await get<Row[]>(`${path}?page=2&per_page=5`)
  expect(all.result).toHaveLength(25)
  expect(all.result_info).toBeUndefined()
  expect((await get<Row[]>(`${path}?name=Legacy%20Zones`)).result).toHaveLength(2)
  const system = await get<Row[]>(`${path}?id=${sandbox.landmarks.systemResourceGroup}`)
  expect(system.result.map(({ name }) => name)).toEqual([`com.cloudflare.api.account.${sandbox.accountTag}`])
})

test('account members are filtered by status and sorted by what order names', async () => {
  const { get, account } = await startRest()
  const path = `${account}/members?per_page=50`
  type Member = { status: string; email: string; user?: { last_name: string | null } }
  for (const [status, some] of [
    ['accepted', 50],
    ['pending', 27],
    ['rejected', 8],
  ] as const) {
    const { result } = await get<Member[]>(`${path}&status=${status}`)
    expect({ status, rows: result.length }).toEqual({ status, rows: some })
    expect(new Set(result.map((member) => member.status))).toEqual(new Set([status]))
  }
  const byEmail = (await get<Member[]>(`${path}&order=user.email&direction=desc`)).result
  const emails = byEmail.map(({ email }) => email)
  expect(emails).toEqual(emails.toSorted().toReversed())
  const byName = (await get<Member[]>(`${path}&order=user.last_name&page=4`)).result
  const lastNames = byName.map(({ user }) => user?.last_name?.toLowerCase() ?? '')
  expect(lastNames).toEqual(lastNames.toSorted())
  expect(new Set(lastNames).size).toBeGreaterThan(3)
})

test('members of a user group come by e-mail and are filtered by a part of it', async () => {
  const { get, account, sandbox } = await startRest()
  const path = `${account}/iam/user_groups/${known(sandbox.landmarks.allStaffUserGroup)}/members`
  const { result } = await get<WireGroupMember[]>(`${path}?per_page=500`)
  const emails = result.map(({ email }) => email)
  expect(emails).toEqual(emails.toSorted())
  expect(Object.keys(first(result))).toEqual(['id', 'email', 'status'])
  const falling = await get<WireGroupMember[]>(`${path}?per_page=500&direction=desc`)
  expect(falling.result).toEqual(result.toReversed())
  const northpier = await get<WireGroupMember[]>(`${path}?per_page=500&fuzzyEmail=NORTHPIER`)
  expect(northpier.result.length).toBeGreaterThan(5)
  expect(northpier.result).toEqual(result.filter(({ email }) => email.endsWith('@northpier.example')))
})

test.each([
  '/members?order=email',
  '/members?status=gone',
  '/members?direction=up',
  '/iam/user_groups?direction=up',
  '/iam/user_groups?id=short',
  '/iam/permission_groups?id=short',
  '/iam/resource_groups?id=zz',
])('a parameter with a word that is not its own is refused: %s', async (path) => {
  const { get, account } = await startRest()
  const { status, errors } = await get(`${account}${path}`)
  expect({ status, code: errors[0]?.code, chain: errors[0]?.error_chain?.[0]?.code }).toEqual({
    status: 400,
    code: 6008,
    chain: 11000,
  })
})

test('accounts are filtered by name and reversed', async () => {
  const { get } = await startRest()
  const reversed = await get<Row[]>('/accounts?direction=desc')
  expect(reversed.result.map(({ name }) => name)).toEqual(['Quayline Labs', 'Quayline Freight'])
  expect((await get<Row[]>('/accounts?name=Quayline%20Labs')).result).toHaveLength(1)
  expect((await get<Row[]>('/accounts?name=Quayline')).result).toEqual([])
})

test('a policy carries its permission groups and resource groups whole', async () => {
  const { get, account } = await startRest()
  const { result } = await get<WireUserGroup[]>(`${account}/iam/user_groups`)
  const policy = first(first(result).policies)
  const granted = first(policy.permission_groups)
  const alone = await get<Row & { meta: unknown }>(`${account}/iam/permission_groups/${granted.id}`)
  expect(granted).toEqual({ id: granted.id, name: alone.result.name, meta: alone.result.meta })
  const applied = first(policy.resource_groups)
  expect(applied).toEqual((await get(`${account}/iam/resource_groups/${applied.id}`)).result)
})
