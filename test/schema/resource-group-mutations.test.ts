import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { callsOf, readAll, readOne, type WireGroup, type WireScope, writesOf } from './support/rest.ts'

type WireResourceGroup = { readonly id: string; readonly name?: string; readonly scope: WireScope }

const unknown = 'f'.repeat(32)

const create = `mutation ($input: CreateResourceGroupInput!) {
  createResourceGroup(input: $input) {
    clientMutationId
    resourceGroup { id tag name editable scope { key objects { key } } }
    userErrors { code message field upstreamCode }
  }
}`
const update = create
  .replaceAll('CreateResourceGroup', 'UpdateResourceGroup')
  .replace('createResourceGroup', 'updateResourceGroup')
const remove = `mutation ($input: DeleteResourceGroupInput!) {
  deleteResourceGroup(input: $input) { clientMutationId deletedResourceGroupId userErrors { code message field upstreamCode } }
}`

test('a new resource group is answered as the upstream made it, for one call', async () => {
  const gateway = await startGateway()
  const { accountTag } = gateway.sandbox
  const scope = scopeOf(gateway, 'zone.1', 'zone.2')
  const { data, errors, extensions } = await gateway.query<Created>(create, {
    input: {
      clientMutationId: 'm-1',
      accountId: encodeGlobalId('Account', accountTag, accountTag),
      name: 'Zonen für Łódź',
      scope,
    },
  })
  expect(errors).toBeUndefined()
  const { resourceGroup } = data.createResourceGroup
  expect(data.createResourceGroup).toEqual({
    clientMutationId: 'm-1',
    resourceGroup: {
      id: encodeGlobalId('ResourceGroup', accountTag, resourceGroup?.tag ?? ''),
      tag: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'Zonen für Łódź',
      editable: true,
      scope: [scope],
    },
    userErrors: [],
  })
  expect(writesOf(gateway)).toEqual([['POST A/iam/resource_groups', { name: 'Zonen für Łódź', scope }]])
  expect(callsOf(gateway)).toHaveLength(1)
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
  expect(await readOne(gateway, `/iam/resource_groups/${resourceGroup?.tag}`)).toMatchObject({ scope })
})

test('all that can be seen to be wrong is told at once, each at its place, and nothing is sent', async () => {
  const gateway = await startGateway()
  const inputs = [
    [
      { accountId: 'x/y', name: '', scope: { key: ' ', objects: [] } },
      ['accountId', 'name', 'scope.key', 'scope.objects'],
    ],
    [
      {
        accountId: unknown,
        name: 'Fine',
        scope: { key: 'k', objects: [{ key: 'k' }, { key: '' }, { key: '\n' }] },
      },
      ['scope.objects.1.key', 'scope.objects.2.key'],
    ],
  ] as const
  for (const [input, fields] of inputs) {
    const { data } = await gateway.query<Created>(create, { input })
    expect(data.createResourceGroup.resourceGroup).toBeNull()
    expect(data.createResourceGroup.userErrors).toMatchObject(
      fields.map((field) => ({ code: 'INVALID', field: field.split('.'), upstreamCode: null })),
    )
    for (const [index, { message }] of data.createResourceGroup.userErrors.entries()) {
      expect(message).toMatch(new RegExp(`^${fields[index]} must `))
    }
  }
  expect(gateway.requests()).toEqual([])
})

test('a scope of another account is refused by the upstream, at its key', async () => {
  const gateway = await startGateway()
  const { accountTag, landmarks } = gateway.sandbox
  const key = `com.cloudflare.api.account.${landmarks.otherAccount}`
  const { data } = await gateway.query<Created>(create, {
    input: { accountId: accountTag, name: 'Theirs', scope: { key, objects: [{ key: '*' }] } },
  })
  expect(data.createResourceGroup).toMatchObject({
    resourceGroup: null,
    userErrors: [{ code: 'INVALID', field: ['scope', 'key'], upstreamCode: 400 }],
  })
})

test('names are not unique: a second group of a name is another group', async () => {
  const gateway = await startGateway()
  const input = { accountId: gateway.sandbox.accountTag, name: 'Twin', scope: scopeOf(gateway, 'zone.1') }
  const first = await gateway.query<Created>(create, { input })
  const second = await gateway.query<Created>(create, { input })
  expect(second.data.createResourceGroup.userErrors).toEqual([])
  expect(second.data.createResourceGroup.resourceGroup?.tag).not.toBe(
    first.data.createResourceGroup.resourceGroup?.tag,
  )
})

test('renaming keeps the scope: it is read and written again', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const { data, extensions } = await gateway.query<Updated>(update, {
    input: { id: idOf(gateway, before), name: 'Renamed' },
  })
  expect(data.updateResourceGroup).toMatchObject({
    resourceGroup: { name: 'Renamed', scope: [before.scope] },
    userErrors: [],
  })
  expect(callsOf(gateway)).toEqual([
    `GET A/iam/resource_groups/${before.id}`,
    `PUT A/iam/resource_groups/${before.id}`,
  ])
  expect(writesOf(gateway)).toEqual([
    [`PUT A/iam/resource_groups/${before.id}`, { name: 'Renamed', scope: before.scope }],
  ])
  expect(extensions).toEqual({ restCalls: { estimated: 2, made: 2, limit: 200 } })
  expect(await readOne(gateway, `/iam/resource_groups/${before.id}`)).toMatchObject({
    name: 'Renamed',
    scope: before.scope,
  })
})

test('changing the scope keeps the name', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const scope = scopeOf(gateway, 'zone.9')
  const { data } = await gateway.query<Updated>(update, { input: { id: idOf(gateway, before), scope } })
  expect(data.updateResourceGroup).toMatchObject({ resourceGroup: { name: before.name, scope: [scope] } })
  expect(await readOne(gateway, `/iam/resource_groups/${before.id}`)).toMatchObject({
    name: before.name,
    scope,
  })
})

test('a group without a name has none to lose', async () => {
  const gateway = await startGateway()
  const nameless = (await readAll<WireResourceGroup>(gateway, '/iam/resource_groups')).at(-1)
  const scope = scopeOf(gateway, 'zone.9')
  const { data } = await gateway.query<Updated>(update, { input: { id: idOf(gateway, nameless), scope } })
  expect(data.updateResourceGroup).toMatchObject({ resourceGroup: { scope: [scope] }, userErrors: [] })
  expect(writesOf(gateway)).toEqual([[`PUT A/iam/resource_groups/${nameless?.id}`, { scope }]])
})

test('an update that names everything needs no read', async () => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const change = { name: 'All new', scope: scopeOf(gateway, 'zone.3') }
  const { extensions } = await gateway.query<Updated>(update, {
    input: { id: idOf(gateway, before), ...change },
  })
  expect(writesOf(gateway)).toEqual([[`PUT A/iam/resource_groups/${before.id}`, change]])
  expect(callsOf(gateway)).toHaveLength(1)
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test.each([
  ['a list of one', (scope: WireScope) => [scope], []],
  ['a list of two', (scope: WireScope) => [scope, scope], ['CONFLICT']],
  ['an empty list', () => [], ['CONFLICT']],
  ['nothing', () => null, ['CONFLICT']],
  ['a scope without objects', ({ key }: WireScope) => ({ key }), ['CONFLICT']],
])('renaming a group whose scope comes as %s loses nothing', async (_, toScope, codes) => {
  const gateway = await startGateway()
  const before = await someGroup(gateway)
  const result = { ...before, scope: toScope(before.scope) }
  gateway.sandbox.setFaults([
    {
      method: 'GET',
      path: '*/resource_groups/*',
      respond: [{ status: 200, body: { success: true, result } }],
    },
  ])
  const { data } = await gateway.query<Updated>(update, {
    input: { id: idOf(gateway, before), name: 'Renamed' },
  })
  expect(data.updateResourceGroup.userErrors.map(({ code }) => code)).toEqual(codes)
  expect(writesOf(gateway).map(([, body]) => body)).toEqual(
    codes.length === 0 ? [{ name: 'Renamed', scope: before.scope }] : [],
  )
})

test('an update is refused that names nothing, an empty name, an empty scope', async () => {
  const gateway = await startGateway()
  const id = encodeGlobalId('ResourceGroup', gateway.sandbox.accountTag, unknown)
  for (const [change, fields] of [
    [{}, [null]],
    [{ name: null, scope: null }, [null]],
    [{ name: '', scope: { key: '', objects: [] } }, [['name'], ['scope', 'key'], ['scope', 'objects']]],
  ] as const) {
    const { data } = await gateway.query<Updated>(update, { input: { id, ...change } })
    expect(data.updateResourceGroup.userErrors.map(({ field }) => field)).toEqual(fields)
  }
  expect(callsOf(gateway)).toEqual([])
})

test('what does not exist is not found, by update and delete', async () => {
  const gateway = await startGateway()
  const id = encodeGlobalId('ResourceGroup', gateway.sandbox.accountTag, unknown)
  const notFound = [{ code: 'NOT_FOUND', field: ['id'] }]
  const scope = scopeOf(gateway, 'zone.1')
  expect((await gateway.query(update, { input: { id, name: 'X' } })).data).toMatchObject({
    updateResourceGroup: { resourceGroup: null, userErrors: notFound },
  })
  expect((await gateway.query(update, { input: { id, name: 'X', scope } })).data).toMatchObject({
    updateResourceGroup: { resourceGroup: null, userErrors: notFound },
  })
  expect((await gateway.query(remove, { input: { id } })).data).toMatchObject({
    deleteResourceGroup: { deletedResourceGroupId: null, userErrors: notFound },
  })
})

test('the group that Cloudflare keeps itself refuses to be changed or deleted', async () => {
  const gateway = await startGateway()
  const id = encodeGlobalId(
    'ResourceGroup',
    gateway.sandbox.accountTag,
    gateway.sandbox.landmarks.systemResourceGroup ?? '',
  )
  const deleted = await gateway.query(remove, { input: { id } })
  expect(deleted.errors).toBeUndefined()
  expect(deleted.data).toMatchObject({
    deleteResourceGroup: {
      deletedResourceGroupId: null,
      userErrors: [
        {
          code: 'INVALID',
          field: ['id'],
          message: expect.stringContaining('non-editable'),
          upstreamCode: 422,
        },
      ],
    },
  })
  const changed = await gateway.query(update, { input: { id, name: 'Mine' } })
  expect(changed.data).toMatchObject({
    updateResourceGroup: { resourceGroup: null, userErrors: [{ code: 'INVALID', upstreamCode: 422 }] },
  })
})

test('a deleted resource group is gone, and its id is told', async () => {
  const gateway = await startGateway()
  const scope = scopeOf(gateway, 'zone.1')
  const made = await gateway.query<Created>(create, {
    input: { accountId: gateway.sandbox.accountTag, name: 'Short-lived', scope },
  })
  const { id = '', tag = '' } = made.data.createResourceGroup.resourceGroup ?? {}
  gateway.sandbox.clearRequests()
  const { data } = await gateway.query(remove, { input: { id, clientMutationId: 'm-2' } })
  expect(data).toEqual({
    deleteResourceGroup: { clientMutationId: 'm-2', deletedResourceGroupId: id, userErrors: [] },
  })
  // No body, whatever the published contract says.
  expect(writesOf(gateway)).toEqual([[`DELETE A/iam/resource_groups/${tag}`, null]])
  const rows = await readAll<WireGroup>(gateway, '/iam/resource_groups')
  expect(rows.map((row) => row.id)).not.toContain(tag)
})

type UserErrors = readonly {
  readonly code: string
  readonly message: string
  readonly field: readonly string[] | null
}[]
type Payload = {
  readonly resourceGroup: { readonly id: string; readonly tag: string } | null
  readonly userErrors: UserErrors
}
type Created = { readonly createResourceGroup: Payload }
type Updated = { readonly updateResourceGroup: Payload }

function scopeOf(gateway: Gateway, ...objects: readonly string[]): WireScope {
  const key = `com.cloudflare.api.account.${gateway.sandbox.accountTag}`
  return { key, objects: objects.map((name) => ({ key: `com.cloudflare.api.account.${name}` })) }
}

async function someGroup(gateway: Gateway): Promise<WireResourceGroup> {
  const found = (await readAll<WireResourceGroup>(gateway, '/iam/resource_groups'))[3]
  if (found === undefined) throw new Error('the seed has no resource groups')
  return found
}

function idOf(gateway: Gateway, group: WireResourceGroup | undefined): string {
  return encodeGlobalId('ResourceGroup', gateway.sandbox.accountTag, group?.id ?? '')
}
