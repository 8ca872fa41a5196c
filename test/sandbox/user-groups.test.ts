import { expect, test } from 'vitest'
import type { SandboxOptions } from '../../src/sandbox/server.ts'
import { first, known, type Row, startRest, type WirePolicy, type WireUserGroup } from './support/rest.ts'

const unknown = '0123456789abcdef0123456789abcdef'

/** A user group with one policy, and that policy as it is written. */
async function startWithGroup(options?: SandboxOptions) {
  const rest = await startRest(options)
  const path = `${rest.account}/iam/user_groups`
  const permission = first(
    (await rest.get<Row[]>(`${rest.account}/iam/permission_groups?label=billing`)).result,
  )
  const resource = known(rest.sandbox.landmarks.systemResourceGroup)
  const policy = {
    access: 'allow',
    permission_groups: [{ id: permission.id }],
    resource_groups: [{ id: resource }],
  }
  const body = { name: 'Treasury', policies: [policy] }
  const created = await rest.call<WireUserGroup>('POST', path, { body })
  return { ...rest, path, one: `${path}/${created.result.id}`, policy, created }
}

test('a new user group is there at once, with its policies whole and nobody in it', async () => {
  const { created, get, path, one, policy } = await startWithGroup()
  expect(created.status).toBe(200)
  expect(created.result).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    name: 'Treasury',
    policies: [
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        access: 'allow',
        permission_groups: [{ ...policy.permission_groups[0], name: 'Billing', meta: { label: 'billing' } }],
        resource_groups: [{ ...policy.resource_groups[0], meta: { editable: 'false' } }],
      },
    ],
  })
  expect(created.result.modified_on).toBe(created.result.created_on)
  expect((await get(one)).result).toEqual(created.result)
  expect((await get(`${path}?name=Treasury`)).result).toEqual([created.result])
  expect((await get(`${one}/members`)).result).toBeNull()
})

test('policies may be left out or empty on creation', async () => {
  const { call, path } = await startWithGroup()
  expect((await call<WireUserGroup>('POST', path, { body: { name: 'A' } })).result.policies).toEqual([])
  const empty = await call<WireUserGroup>('POST', path, { body: { name: 'B', policies: [] } })
  expect(empty.result.policies).toEqual([])
})

test('an update gives every policy a fresh id and a later modified_on, even while the clock stands still', async () => {
  const { call, path, one, policy, created } = await startWithGroup({ now: () => Date.UTC(2027, 0, 1) })
  const answers = [created.result]
  for (const name of ['Treasury 2', 'Treasury 3', 'Treasury 3'])
    answers.push((await call<WireUserGroup>('PUT', one, { body: { name, policies: [policy] } })).result)
  expect(new Set(answers.map(({ policies }) => first(policies).id)).size).toBe(4)
  expect(new Set(answers.map(({ created_on }) => created_on)).size).toBe(1)
  expect(answers.map(({ modified_on }) => modified_on)).toEqual([
    '2027-01-01T00:00:00.0000Z',
    '2027-01-01T00:00:00.0010Z',
    '2027-01-01T00:00:00.0020Z',
    '2027-01-01T00:00:00.0030Z',
  ])
  expect((await call<WireUserGroup[]>('GET', `${path}?name=Treasury%203`)).result).toEqual(answers.slice(-1))
})

test('PUT loses what it leaves out', async () => {
  const { call, get, one, policy } = await startWithGroup()
  const renamed = await call<WireUserGroup>('PUT', one, { body: { name: 'Finance Treasury' } })
  expect(renamed.result).toMatchObject({ name: 'Finance Treasury', policies: [] })
  const refilled = await call<WireUserGroup>('PUT', one, { body: { policies: [policy] } })
  expect(refilled.result.name).toBe('')
  expect(refilled.result.policies).toHaveLength(1)
  expect((await get(one)).result).toEqual(refilled.result)
})

test('PUT keeps what it leaves out where the quirk is off, still with fresh policy ids', async () => {
  const { call, control, one, created } = await startWithGroup()
  await control('PATCH', '/quirks', { dropOmittedOnPut: false })
  const { result } = await call<WireUserGroup>('PUT', one, { body: { name: 'Treasury 2' } })
  expect(result.policies.map(strip)).toEqual(created.result.policies.map(strip))
  expect(first(result.policies).id).not.toBe(first(created.result.policies).id)
})

test('policy ids are refused on PUT, and nothing is changed', async () => {
  const { call, get, one, policy, created } = await startWithGroup()
  const body = { name: 'Treasury', policies: [{ ...policy, id: first(created.result.policies).id }] }
  const { status, errors } = await call('PUT', one, { body })
  expect({ status, errors }).toEqual({
    status: 400,
    errors: [{ code: 400, message: 'Cannot re-use policy IDs', source: { pointer: '/policies/0/id' } }],
  })
  expect((await get(one)).result).toEqual(created.result)
})

test('policy ids are kept on PUT where the quirk is off', async () => {
  const { call, control, one, policy, created } = await startWithGroup()
  await control('PATCH', '/quirks', { refusePolicyIds: false })
  const { id } = first(created.result.policies)
  const { result } = await call<WireUserGroup>('PUT', one, {
    body: { name: 'T', policies: [{ ...policy, id }] },
  })
  expect(first(result.policies).id).toBe(id)
})

test.each(['POST', 'PUT'] as const)('deny is refused on %s', async (method) => {
  const { call, control, path, one, policy } = await startWithGroup()
  const body = { name: 'Deniers', policies: [{ ...policy, access: 'deny' }] }
  const { status, errors } = await call(method, method === 'POST' ? path : one, { body })
  expect({ status, code: errors[0]?.code }).toEqual({ status: 400, code: 400 })
  expect(errors[0]?.message).toContain('Policy validation failed')
  await control('PATCH', '/quirks', { refuseDeny: false })
  expect((await call(method, method === 'POST' ? path : one, { body })).status).toBe(200)
})

test('ids that are not there are refused one by one', async () => {
  const { call, path, policy } = await startWithGroup()
  const policies = [
    policy,
    { access: 'allow', permission_groups: [{ id: unknown }], resource_groups: [{ id: unknown }] },
  ]
  const { status, errors } = await call('POST', path, { body: { name: 'Lost', policies } })
  expect(status).toBe(400)
  expect(errors.map(({ source }) => source?.pointer)).toEqual([
    '/policies/1/permission_groups/0/id',
    '/policies/1/resource_groups/0/id',
  ])
})

test('a name that is taken is refused with 400, for creation and for renaming', async () => {
  const { call, get, path, one } = await startWithGroup()
  const post = await call('POST', path, { body: { name: 'Treasury' } })
  expect({ status: post.status, code: post.errors[0]?.code }).toEqual({ status: 400, code: 400 })
  expect(post.errors[0]?.message).toContain('already in use')
  expect((await call('PUT', one, { body: { name: 'Finance' } })).status).toBe(400)
  expect((await call('PUT', one, { body: { name: 'Treasury' } })).status).toBe(200)
  expect((await get<Row[]>(`${path}?name=Treasury`)).result).toHaveLength(1)
})

test('a name may be taken twice where the quirk is off', async () => {
  const { call, control, path } = await startWithGroup()
  await control('PATCH', '/quirks', { uniqueUserGroupNames: false })
  expect((await call('POST', path, { body: { name: 'Treasury' } })).status).toBe(200)
})

test('an inline scope makes a nameless resource group, on creation alone', async () => {
  const { call, get, account, path, one, policy, sandbox } = await startWithGroup()
  const scope = { key: `com.cloudflare.api.account.${sandbox.accountTag}`, objects: [{ key: '*' }] }
  const policies = [{ ...policy, resource_groups: [{ scope }] }]
  const { result } = await call<WireUserGroup>('POST', path, { body: { name: 'Inline', policies } })
  const made = first(first(result.policies).resource_groups)
  expect(made).toEqual({ id: made.id, scope })
  expect((await get(`${account}/iam/resource_groups/${made.id}`)).result).toEqual(made)
  expect((await call('PUT', one, { body: { name: 'Inline 2', policies } })).status).toBe(400)
  const foreign = { key: `com.cloudflare.api.account.${unknown}`, objects: [{ key: '*' }] }
  const body = { name: 'Foreign', policies: [{ ...policy, resource_groups: [{ scope: foreign }] }] }
  const refused = await call('POST', path, { body })
  expect(refused.errors.map(({ source }) => source?.pointer)).toEqual([
    '/policies/0/resource_groups/0/scope/key',
  ])
})

test('a deleted user group is gone with its memberships, its members stay', async () => {
  const { call, get, account, one, created } = await startWithGroup()
  const member = first((await get<Row[]>(`${account}/members`)).result)
  await call('POST', `${one}/members`, { body: [{ id: member.id }] })
  expect((await call('DELETE', one)).result).toEqual({ id: created.result.id })
  expect((await get(one)).status).toBe(404)
  expect((await get(`${one}/members`)).status).toBe(404)
  expect((await call('DELETE', one)).status).toBe(404)
  expect((await get(`${account}/members/${member.id}`)).status).toBe(200)
})

test('unicode names come back as they were sent, and sort', async () => {
  const { call, get, path } = await startWithGroup()
  const name = 'Ünïcödé 組 👩‍🚀 ‮rtl'
  const { result } = await call<WireUserGroup>('POST', path, { body: { name } })
  expect(result.name).toBe(name)
  expect((await get<Row[]>(`${path}?name=${encodeURIComponent(name)}`)).result).toHaveLength(1)
})

function strip({ access, permission_groups, resource_groups }: WirePolicy) {
  return { access, permission_groups, resource_groups }
}
