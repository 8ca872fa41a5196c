import { expect, test } from 'vitest'
import { encodeGlobalId, type NodeType } from '../../src/schema/global-id.ts'
import { callsOf, readAll } from '../schema/support/rest.ts'
import { type Gateway, type GatewayOptions, startGateway } from '../support/gateway.ts'

const names =
  'on PermissionGroup { name } ... on ResourceGroup { name } ... on UserGroup { title: name } ... on Member { email }'
const unknown = 'f'.repeat(32)

test('up to three records are fetched one by one, more are looked for in the list', async () => {
  const gateway = await startGateway()
  const tags = await tagsOf(gateway, '/iam/user_groups')
  await load(gateway, 'UserGroup', tags.slice(0, 3))
  expect(callsOf(gateway).toSorted()).toEqual(
    tags
      .slice(0, 3)
      .map((tag) => `GET A/iam/user_groups/${tag}`)
      .toSorted(),
  )
  gateway.sandbox.clearRequests()
  await load(gateway, 'UserGroup', tags.slice(0, 4))
  expect(callsOf(gateway)).toEqual(['GET A/iam/user_groups?page=1&per_page=500'])
})

test('where the rest of the list is more calls than the rest of the records, those are fetched one by one', async () => {
  const gateway = await startGateway({ sandbox: { seed: { members: 1000 } } })
  const tags = await tagsOf(gateway, '/members?order=user.email')
  const wanted = [...tags.slice(0, 3), ...tags.slice(-3)]
  const { extensions } = await load(gateway, 'Member', wanted)
  expect(callsOf(gateway).toSorted()).toEqual(
    [
      'GET A/members?order=user.email&page=1&per_page=50',
      ...wanted.slice(3).map((tag) => `GET A/members/${tag}`),
    ].toSorted(),
  )
  expect(extensions).toMatchObject({ restCalls: { estimated: 4, made: 4 } })
})

test('where the rest of the list is fewer calls, it is read to its end', async () => {
  const gateway = await startGateway()
  const tags = (await tagsOf(gateway, '/members?order=user.email')).slice(-40)
  const { extensions } = await load(gateway, 'Member', tags)
  expect(callsOf(gateway)).toHaveLength(6)
  expect(extensions).toMatchObject({ restCalls: { estimated: 6, made: 6 } })
})

test('a list that does not tell its length is read on while it pays', async () => {
  const gateway = await startGateway({ sandbox: { seed: { permissionGroups: 400 } } })
  const tags = await tagsOf(gateway, '/iam/permission_groups')
  // Two on the first page, one on the second, one far behind.
  const wanted = [tags[0], tags[1], tags[60], tags[390]].map((tag) => tag ?? '')
  const { extensions } = await load(gateway, 'PermissionGroup', wanted)
  expect(callsOf(gateway)).toEqual([
    'GET A/iam/permission_groups?page=1&per_page=50',
    'GET A/iam/permission_groups?page=2&per_page=50',
    `GET A/iam/permission_groups/${tags[390]}`,
  ])
  expect(extensions).toMatchObject({ restCalls: { estimated: 3, made: 3 } })
})

test('a length that is known already spares a look that would not pay', async () => {
  const gateway = await startGateway({ sandbox: { seed: { members: 1000 } } })
  const tags = await tagsOf(gateway, '/members?order=user.email')
  const group = gateway.sandbox.landmarks.allStaffUserGroup ?? ''
  const { data } = await gateway.query(
    `query ($account: ID!, $group: ID!) {
      account(id: $account) {
        members(first: 1) { totalCount nodes { email } }
        userGroup(id: $group) { members(last: 4) { nodes { tag user { email } } } }
      }
    }`,
    { account: gateway.sandbox.accountTag, group },
  )
  expect(data).toMatchObject({ account: { members: { totalCount: 1000 } } })
  expect(tags).toHaveLength(1000)
  expect(
    callsOf(gateway)
      .map((call) => call.replace(/[0-9a-f]{32}/g, 'T'))
      .toSorted(),
  ).toEqual([
    'GET A/iam/user_groups/T/members?direction=desc&page=1&per_page=4',
    ...Array(4).fill('GET A/members/T'),
    'GET A/members?order=user.email&page=1&per_page=5',
  ])
})

test('what is not in a list that was read whole does not exist: no further call', async () => {
  const gateway = await startGateway()
  for (const [type, path] of [
    ['UserGroup', '/iam/user_groups'],
    ['ResourceGroup', '/iam/resource_groups'],
  ] as const) {
    const tags = [...(await tagsOf(gateway, path)).slice(0, 4), unknown]
    const { data, errors } = await load(gateway, type, tags)
    expect(errors).toBeUndefined()
    expect(data.nodes.map((node) => node === null)).toEqual([false, false, false, false, true])
    expect(callsOf(gateway)).toHaveLength(1)
  }
})

test('two of a kind that lists itself in one answer are that answer, one alone is itself', async () => {
  const gateway = await startGateway()
  const tags = await tagsOf(gateway, '/iam/resource_groups')
  await load(gateway, 'ResourceGroup', tags.slice(0, 1))
  await load(gateway, 'ResourceGroup', tags.slice(0, 2))
  expect(callsOf(gateway)).toEqual([`GET A/iam/resource_groups/${tags[0]}`, 'GET A/iam/resource_groups'])
})

test('accounts are never listed in place of being fetched', async () => {
  const gateway = await startGateway()
  const { accountTag, landmarks } = gateway.sandbox
  const tags = [accountTag, landmarks.otherAccount, unknown, 'e'.repeat(32), 'd'.repeat(32)]
  const { data } = await gateway.query<{ readonly nodes: readonly unknown[] }>(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Account { name } } }',
    { ids: tags.map((tag) => encodeGlobalId('Account', tag, tag)) },
  )
  expect(data.nodes).toEqual([{ name: 'Quayline Freight' }, { name: 'Quayline Labs' }, null, null, null])
  expect(gateway.requests().toSorted()).toEqual(tags.map((tag) => `GET /accounts/${tag}`).toSorted())
})

test('records of different accounts are not looked for in one list', async () => {
  const gateway = await startGateway()
  const { accountTag, landmarks, url } = gateway.sandbox
  const response = await fetch(`${url}/accounts/${landmarks.otherAccount}/iam/user_groups`)
  const { result } = await response.json()
  const others: readonly string[] = result.map(({ id }: { readonly id: string }) => id)
  const own = (await tagsOf(gateway, '/iam/user_groups')).slice(0, 2)
  const ids = [
    ...own.map((tag) => encodeGlobalId('UserGroup', accountTag, tag)),
    ...others.slice(0, 2).map((tag) => encodeGlobalId('UserGroup', landmarks.otherAccount, tag)),
  ]
  const { data } = await gateway.query(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on UserGroup { tag name } } }',
    {
      ids,
    },
  )
  expect(data).toMatchObject({ nodes: [...own, ...others.slice(0, 2)].map((tag) => ({ tag })) })
  expect(gateway.requests()).toHaveLength(4)
})

test('one that fails is an error at its place, the others are answered', async () => {
  const gateway = await withoutRetries()
  const tags = (await tagsOf(gateway, '/iam/user_groups')).slice(0, 3)
  gateway.sandbox.setFaults([{ path: `*/iam/user_groups/${tags[1]}`, respond: [500] }])
  const { data, errors } = await load(gateway, 'UserGroup', tags)
  expect(data.nodes.map((node) => node === null)).toEqual([false, true, false])
  expect(errors).toMatchObject([{ path: ['nodes', 1], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }])
})

test('where a later page fails, what earlier pages held is answered', async () => {
  const gateway = await withoutRetries()
  const tags = (await tagsOf(gateway, '/members?order=user.email')).slice(0, 100)
  gateway.sandbox.setFaults([{ path: '*/members?*page=2*', respond: [500], repeat: true }])
  const { data, errors } = await load(gateway, 'Member', tags)
  expect(data.nodes.slice(0, 50).every((node) => node !== null)).toBe(true)
  expect(data.nodes.slice(50, 100)).toContain(null)
  expect(errors?.length).toBe(data.nodes.filter((node) => node === null).length)
})

test('where the list cannot be read at all, each is told so', async () => {
  const gateway = await withoutRetries()
  const tags = (await tagsOf(gateway, '/iam/user_groups')).slice(0, 5)
  gateway.sandbox.setFaults([{ path: '*/iam/user_groups', respond: [403] }])
  const { data, errors } = await load(gateway, 'UserGroup', tags)
  expect(data.nodes).toEqual([null, null, null, null, null])
  expect(errors).toHaveLength(5)
  expect(callsOf(gateway)).toHaveLength(1)
})

test('what only the first page could tell is priced then, and refused before it is sent', async () => {
  const gateway = await startGateway({ config: { maxRestCalls: 3 } })
  const tags = (await tagsOf(gateway, '/members?order=user.email')).slice(-40)
  const { data, errors, extensions } = await load(gateway, 'Member', tags)
  expect(data.nodes).toEqual(Array(40).fill(null))
  expect(errors?.[0]).toMatchObject({ extensions: { code: 'COST_LIMIT_EXCEEDED', estimated: 6, limit: 3 } })
  expect(callsOf(gateway)).toEqual(['GET A/members?order=user.email&page=1&per_page=50'])
  expect(extensions).toMatchObject({ restCalls: { estimated: 1, made: 1 } })
})

test('pages that turn out smaller than documented are heeded', async () => {
  const gateway = await startGateway({ sandbox: { pageCaps: { members: 20 } } })
  const tags = (await tagsOf(await startGateway(), '/members?order=user.email')).slice(10, 70)
  const { data, errors } = await load(gateway, 'Member', tags)
  expect(errors).toBeUndefined()
  expect(data.nodes).not.toContain(null)
  expect(callsOf(gateway).length).toBeLessThanOrEqual(16)
})

function withoutRetries(options: GatewayOptions = {}): Promise<Gateway> {
  return startGateway({ ...options, config: { restRetries: 0 } })
}

async function tagsOf(gateway: Gateway, path: string): Promise<readonly string[]> {
  return (await readAll<{ readonly id: string }>(gateway, path)).map(({ id }) => id)
}

function load(gateway: Gateway, type: NodeType, tags: readonly string[]) {
  return gateway.query<{ readonly nodes: readonly unknown[] }>(
    `query ($ids: [ID!]!) { nodes(ids: $ids) { ... ${names} } }`,
    { ids: tags.map((tag) => encodeGlobalId(type, gateway.sandbox.accountTag, tag)) },
  )
}
