import { expect, test } from 'vitest'
import { known, type Row, startRest, type WireUserGroup } from './support/rest.ts'

type Scope = { readonly key: string; readonly objects: readonly { readonly key: string }[] }
type WireResourceGroup = Row & { readonly scope: Scope; readonly meta: unknown }

async function startWithGroup() {
  const rest = await startRest()
  const path = `${rest.account}/iam/resource_groups`
  const scope: Scope = {
    key: `com.cloudflare.api.account.${rest.sandbox.accountTag}`,
    objects: [{ key: 'com.cloudflare.api.account.zone.23f8d65290b24279ba6f44721b3eaad5' }],
  }
  const created = await rest.call<WireResourceGroup>('POST', path, { body: { name: 'Shops', scope } })
  return { ...rest, path, scope, created }
}

test('a new resource group is there at once, under an id of its own', async () => {
  const { created, get, path, scope } = await startWithGroup()
  expect(created.status).toBe(200)
  expect(created.result).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    name: 'Shops',
    meta: { editable: 'true' },
    scope,
  })
  expect((await get(`${path}/${created.result.id}`)).result).toEqual(created.result)
  expect((await get(`${path}?name=Shops`)).result).toEqual([created.result])
})

test('names need not be unique', async () => {
  const { call, path, scope, created } = await startWithGroup()
  const twin = await call<Row>('POST', path, { body: { name: 'Shops', scope } })
  expect(twin.status).toBe(200)
  expect(twin.result.id).not.toBe(created.result.id)
})

test('PUT loses what it leaves out', async () => {
  const { call, get, path, created, scope } = await startWithGroup()
  const one = `${path}/${created.result.id}`
  const renamed = await call<WireResourceGroup>('PUT', one, { body: { name: 'Stores' } })
  expect(renamed.result).toMatchObject({ name: 'Stores', scope: { key: '', objects: [] } })
  const rescoped = await call<WireResourceGroup>('PUT', one, { body: { scope } })
  expect(rescoped.result).toMatchObject({ name: '', scope })
  const both = await call<WireResourceGroup>('PUT', one, { body: { name: 'Stores', scope } })
  expect((await get(one)).result).toEqual(both.result)
  expect(both.result).toEqual({ ...created.result, name: 'Stores' })
})

test('PUT keeps what it leaves out where the quirk is off', async () => {
  const { call, control, path, created } = await startWithGroup()
  await control('PATCH', '/quirks', { dropOmittedOnPut: false })
  const renamed = await call('PUT', `${path}/${created.result.id}`, { body: { name: 'Stores' } })
  expect(renamed.result).toEqual({ ...created.result, name: 'Stores' })
})

test('DELETE answers the id, and the group is gone', async () => {
  const { call, get, path, created } = await startWithGroup()
  const one = `${path}/${created.result.id}`
  expect((await call('DELETE', one)).result).toEqual({ id: created.result.id })
  expect((await get(one)).status).toBe(404)
  expect((await call('DELETE', one)).status).toBe(404)
})

test.each(['PUT', 'DELETE'])('a group that Cloudflare keeps refuses %s', async (method) => {
  const { call, get, path, sandbox } = await startWithGroup()
  const one = `${path}/${known(sandbox.landmarks.systemResourceGroup)}`
  const before = await get(one)
  const { status, errors } = await call(method, one, method === 'PUT' ? { body: { name: 'Mine' } } : {})
  expect(status).toBe(422)
  expect(errors[0]?.message).toContain('non-editable')
  expect((await get(one)).result).toEqual(before.result)
})

test('a group that a policy names cannot be deleted', async () => {
  const { call, get, account, path } = await startWithGroup()
  const groups = await get<WireUserGroup[]>(`${account}/iam/user_groups`)
  const used = groups.result
    .flatMap(({ policies }) => policies.flatMap(({ resource_groups }) => resource_groups))
    .find(({ name }) => name === 'Production Zones')
  const { status } = await call('DELETE', `${path}/${known(used?.id)}`)
  expect(status).toBe(400)
  expect((await get(`${path}/${known(used?.id)}`)).status).toBe(200)
})

test.each([
  [{ scope: { key: 'com.cloudflare.api.account.zone.x', objects: [{ key: '*' }] } }, '/name'],
  [{ name: '', scope: { key: 'com.cloudflare.api.account.zone.x', objects: [{ key: '*' }] } }, '/name'],
  [
    { name: 'x'.repeat(256), scope: { key: 'com.cloudflare.api.account.zone.x', objects: [{ key: '*' }] } },
    '/name',
  ],
  [{ name: 'x' }, '/scope'],
  [{ name: 'x', scope: { key: '', objects: [{ key: '*' }] } }, '/scope/key'],
  [{ name: 'x', scope: { key: 'com.cloudflare.api.account.zone.x', objects: [] } }, '/scope/objects'],
  [
    { name: 'x', scope: { key: 'com.cloudflare.api.account.zone.x', objects: [{ key: '' }] } },
    '/scope/objects/0/key',
  ],
  [
    { name: 'x', scope: { key: `com.cloudflare.api.account.${'a'.repeat(32)}`, objects: [{ key: '*' }] } },
    '/scope/key',
  ],
  [{ name: 'x', scope: { key: 'elsewhere', objects: [{ key: '*' }] } }, '/scope/key'],
])('a mistaken body is refused with a pointer to the mistake (%#)', async (body, pointer) => {
  const { call, path } = await startWithGroup()
  const { status, errors } = await call('POST', path, { body })
  expect({ status, pointers: errors.map(({ source }) => source?.pointer) }).toEqual({
    status: 400,
    pointers: [pointer],
  })
})

test('one seeded group is nameless, as an inline scope makes it', async () => {
  const { get, path } = await startWithGroup()
  const { result } = await get<WireResourceGroup[]>(path)
  const nameless = result.filter(({ name }) => name === undefined)
  expect(nameless.map((group) => Object.keys(group))).toEqual([['id', 'scope']])
})
