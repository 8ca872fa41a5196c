import { expect, test } from 'vitest'
import { type QuirkName, quirkNames, quirkTable } from '../../src/sandbox/quirks.ts'
import { first, known, type Row, startRest, type WireUserGroup } from './support/rest.ts'

/** A sandbox with one quirk switched away from its default. */
const startOtherwise = (name: QuirkName) => startRest({ quirks: { [name]: !quirkTable[name].on } })

test('nullLists: resource groups and members of a user group, and no other list', async () => {
  const usual = await startRest()
  const empty = (tag: string | undefined) => `/iam/user_groups/${known(tag)}/members`
  const paths = [
    ['/iam/resource_groups?name=none', null],
    [empty(usual.sandbox.landmarks.emptyUserGroup), null],
    [`${empty(usual.sandbox.landmarks.allStaffUserGroup)}?fuzzyEmail=nobody`, null],
    [`${empty(usual.sandbox.landmarks.allStaffUserGroup)}?page=99`, null],
    ['/iam/user_groups?name=none', []],
    ['/iam/permission_groups?name=none', []],
    ['/members?page=99', []],
  ] as const
  const off = await startOtherwise('nullLists')
  const everywhere = await startOtherwise('nullListsEverywhere')
  for (const [path, result] of paths) {
    expect({ path, result: (await usual.get(usual.account + path)).result }).toEqual({ path, result })
    expect((await off.get(off.account + path)).result).toEqual([])
    expect((await everywhere.get(everywhere.account + path)).result).toBeNull()
  }
})

test('missingResultInfo: permission groups and members of a user group', async () => {
  const usual = await startRest()
  const members = `/iam/user_groups/${known(usual.sandbox.landmarks.allStaffUserGroup)}/members`
  const off = await startOtherwise('missingResultInfo')
  for (const path of ['/iam/permission_groups', members]) {
    expect(await usual.get(usual.account + path)).not.toHaveProperty('result_info')
    const { result_info } = await off.get(off.account + path)
    expect(result_info).toMatchObject({ page: 1, count: expect.any(Number), total_count: expect.any(Number) })
  }
})

test('totalCountIgnoresFilters: what total_count means under a filter', async () => {
  const usual = await startRest()
  const off = await startOtherwise('totalCountIgnoresFilters')
  const path = '/iam/user_groups?fuzzyName=developers&per_page=3'
  expect((await usual.get(usual.account + path)).result_info).toMatchObject({ count: 3, total_count: 40 })
  expect((await off.get(off.account + path)).result_info).toMatchObject({ count: 3, total_count: 4 })
})

test('totalPages: result_info tells the number of pages', async () => {
  const { get, account } = await startOtherwise('totalPages')
  expect((await get(`${account}/members`)).result_info).toMatchObject({ total_count: 300, total_pages: 15 })
})

test('looseNameFilter: the filter by name lets more through', async () => {
  const { get, account } = await startOtherwise('looseNameFilter')
  const { result } = await get<Row[]>(`${account}/iam/user_groups?name=Finance`)
  expect(result.map(({ name }) => name)).toEqual(['Finance'])
  expect((await get<Row[]>(`${account}/iam/user_groups?name=billing`)).result).toHaveLength(1)
})

test('metaIsStringMap and unlistedFields: the shape of a permission group', async () => {
  const shape = async (quirk?: QuirkName) => {
    const { get, account } = quirk === undefined ? await startRest() : await startOtherwise(quirk)
    return first((await get<object[]>(`${account}/iam/permission_groups?label=load_balancer`)).result)
  }
  const listed = { id: expect.any(String), name: 'Load Balancer' }
  const meta = {
    description: 'Full access to Load Balancer on the whole account.',
    editable: 'false',
    label: 'load_balancer',
    scopes: 'com.cloudflare.api.account',
  }
  const unlisted = { status: 'V', created_on: expect.any(String), modified_on: expect.any(String) }
  expect(await shape()).toEqual({ ...listed, meta, ...unlisted })
  expect(await shape('metaIsStringMap')).toEqual({
    ...listed,
    meta: { key: 'label', value: 'load_balancer' },
    ...unlisted,
  })
  expect(await shape('unlistedFields')).toEqual({ ...listed, meta })
})

test('scopeAsObject: off, a scope is a list, inside policies too', async () => {
  const { get, account, sandbox } = await startOtherwise('scopeAsObject')
  const system = known(sandbox.landmarks.systemResourceGroup)
  const { result } = await get<{ scope: unknown }>(`${account}/iam/resource_groups/${system}`)
  expect(result.scope).toEqual([
    { key: `com.cloudflare.api.account.${sandbox.accountTag}`, objects: [{ key: '*' }] },
  ])
  const groups = await get<WireUserGroup[]>(`${account}/iam/user_groups`)
  const scopes = groups.result.flatMap(({ policies }) =>
    policies.flatMap(({ resource_groups }) => resource_groups.map(({ scope }) => scope)),
  )
  expect(scopes.length).toBeGreaterThan(40)
  expect(scopes.every(Array.isArray)).toBe(true)
})

test('policyOrderShuffled: the same policies in changing order, in the same changes each time', async () => {
  const read = async () => {
    const { get, account, sandbox } = await startOtherwise('policyOrderShuffled')
    const path = `${account}/iam/user_groups/${known(sandbox.landmarks.allStaffUserGroup)}`
    const orders: string[] = []
    for (let round = 0; round < 6; round += 1) {
      const { policies } = (await get<WireUserGroup>(path)).result
      orders.push(policies.map(({ id }) => id).join())
    }
    return orders
  }
  const orders = await read()
  expect(new Set(orders).size).toBeGreaterThan(2)
  expect(new Set(orders.map((order) => order.split(',').toSorted().join())).size).toBe(1)
  expect(await read()).toEqual(orders)
})

test('thinMemberRows: a list row has no roles and policies, the detail has', async () => {
  const { get, account } = await startOtherwise('thinMemberRows')
  type Member = Row & { roles: unknown; policies: unknown }
  const row = first((await get<Member[]>(`${account}/members`)).result)
  expect(row).toMatchObject({ roles: null, policies: null })
  expect((await get<Member>(`${account}/members/${row.id}`)).result.roles).toHaveLength(1)
})

test('refuseScopeMismatch: what is for accounts cannot be granted on zones', async () => {
  const { call, get, account } = await startOtherwise('refuseScopeMismatch')
  const one = async (path: string) => ({ id: first((await get<Row[]>(`${account}/iam/${path}`)).result).id })
  const zones = await one('resource_groups?name=Production%20Zones')
  const create = async (name: string, label: string) => {
    const permission = await one(`permission_groups?label=${label}`)
    const policies = [{ access: 'allow', permission_groups: [permission], resource_groups: [zones] }]
    return call('POST', `${account}/iam/user_groups`, { body: { name, policies } })
  }
  expect((await create('Fits', 'domain_dns')).status).toBe(200)
  const { status, errors, result } = await create('Clashes', 'billing')
  expect({ status, code: errors[0]?.code, result }).toEqual({ status: 400, code: 1006, result: [] })
})

test('inlineScopes: off, a policy must name its resource groups', async () => {
  const { call, get, account } = await startOtherwise('inlineScopes')
  const permission = first((await get<Row[]>(`${account}/iam/permission_groups`)).result)
  const scope = { key: 'com.cloudflare.api.account.zone.x', objects: [{ key: '*' }] }
  const policies = [
    { access: 'allow', permission_groups: [{ id: permission.id }], resource_groups: [{ scope }] },
  ]
  const { status } = await call('POST', `${account}/iam/user_groups`, { body: { name: 'Inline', policies } })
  expect(status).toBe(400)
})

test('systemResourceGroupsKept: off, they can be changed', async () => {
  const { call, account, sandbox } = await startOtherwise('systemResourceGroupsKept')
  const path = `${account}/iam/resource_groups/${known(sandbox.landmarks.systemResourceGroup)}`
  const scope = { key: 'com.cloudflare.api.account.zone.x', objects: [{ key: '*' }] }
  expect((await call('PUT', path, { body: { name: 'Mine', scope } })).status).toBe(200)
})

test('deletedResultNull: DELETE answers null', async () => {
  const { call, get, account } = await startOtherwise('deletedResultNull')
  const { id } = first((await get<Row[]>(`${account}/iam/user_groups`)).result)
  const { status, text } = await call('DELETE', `${account}/iam/user_groups/${id}`)
  expect({ status, body: JSON.parse(text) }).toEqual({
    status: 200,
    body: { success: true, errors: [], messages: [], result: null },
  })
})

test('badPolicyGroup: one group cannot list its members, the others can', async () => {
  const { get, account, sandbox } = await startOtherwise('badPolicyGroup')
  const bad = known(sandbox.landmarks.denyPolicyUserGroup)
  const { status, errors } = await get(`${account}/iam/user_groups/${bad}/members`)
  expect({ status, code: errors[0]?.code }).toEqual({ status: 400, code: 400 })
  expect(errors[0]?.message).toContain('Policy validation failed')
  const groups = await get<Row[]>(`${account}/iam/user_groups`)
  const statuses = new Map<string, number>()
  for (const { id } of groups.result)
    statuses.set(id, (await get(`${account}/iam/user_groups/${id}/members`)).status)
  expect([...statuses].filter(([, code]) => code !== 200)).toEqual([[bad, 400]])
})

test('eventualConsistency: a new group is late, a deleted one lingers', async () => {
  const { call, get, account } = await startOtherwise('eventualConsistency')
  const path = `${account}/iam/user_groups`
  const { id } = (await call<Row>('POST', path, { body: { name: 'Late' } })).result
  const statusOf = async (below = '') => (await get(`${path}/${id}${below}`)).status
  expect(await statusOf()).toBe(200)
  expect([await statusOf('/members'), await statusOf('/members'), await statusOf('/members')]).toEqual([
    404, 404, 200,
  ])
  await call('DELETE', `${path}/${id}`)
  expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([200, 200, 404])
})

test('unroutableIs400: what is not there answers 400', async () => {
  const { get } = await startOtherwise('unroutableIs400')
  expect((await get('/nowhere')).status).toBe(400)
  expect((await get(`/accounts/${'a'.repeat(32)}`)).status).toBe(400)
})

test('filledMessages: success has a message', async () => {
  const { get, account } = await startOtherwise('filledMessages')
  expect((await get(account)).messages).toEqual([{ code: 10000, message: expect.any(String), type: null }])
})

test('every quirk says what it means, and a name that is none does not compile or pass', async () => {
  for (const name of quirkNames) expect(quirkTable[name].meaning.length).toBeGreaterThan(15)
  const { control } = await startRest()
  const { status, body } = await control('PATCH', '/quirks', { nullList: false })
  expect(status).toBe(400)
  expect(JSON.stringify(body)).toContain('nullList')
})
