import { createHash } from 'node:crypto'
import { ApolloClient, gql, HttpLink, InMemoryCache, type TypedDocumentNode } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { relayStylePagination } from '@apollo/client/utilities'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { callsOf, readAll, type WireUserGroup } from '../schema/support/rest.ts'
import type { Gateway } from '../support/gateway.ts'
import { serveGateway } from '../support/serve-gateway.ts'
import { sharePageProject } from './page-project.ts'
import { userGroupsIn, type Variables, watchUserGroups } from './watched-user-groups.ts'

// The first test that asks waits for compilers.
vi.setConfig({ testTimeout: 60_000 })

const projectOf = sharePageProject({
  headings: ['GraphQL Code Generator', 'Apollo Client'],
  compile: ['graphql-codegen', '--config', 'codegen.ts'],
})
const caches = ['the cache of the page', 'a cache with relayStylePagination alone'] as const
const headers = { authorization: 'Bearer token-of-a-test' }

test('tsc takes what the page shows', async () => {
  const { project } = await startApollo('the cache of the page')
  expect(await project.run('tsc', '--project', '.')).toBe('')
})

test.each(caches)('%s joins pages forward, one REST call a page', async (cache) => {
  const { gateway, client, watch } = await startApollo(cache)
  const names = await namesOf(gateway)
  const list = await watch({ first: 5 })
  expect(list.names()).toEqual(names.slice(0, 5))
  await list.fetchMore({ first: 4, after: list.pageInfo().endCursor })
  expect(await list.shown()).toEqual(names.slice(0, 9))
  await list.fetchMore({ first: 4, after: list.pageInfo().endCursor })
  expect(await list.shown()).toEqual(names)
  expect(list.pageInfo()).toMatchObject({ hasPreviousPage: false, hasNextPage: false })
  expect(callsOf(gateway)).toHaveLength(3)

  const entries = z.record(z.string(), z.record(z.string(), z.unknown())).parse(client.cache.extract())
  const keys = Object.keys(entries)
  expect(keys.filter((key) => key.startsWith('UserGroup:'))).toHaveLength(names.length)
  const [account = '', ...others] = keys.filter((key) => key.startsWith('Account:'))
  expect(others).toEqual([])
  const lists = Object.keys(entries[account] ?? {}).filter((field) => field.startsWith('userGroups'))
  expect(lists).toHaveLength(1)
})

test.each(caches)('%s joins pages back from the end, and both ways from the middle', async (cache) => {
  const { gateway, watch, restart } = await startApollo(cache)
  const names = await namesOf(gateway)
  const list = await watch({ last: 5 })
  expect(list.names()).toEqual(names.slice(-5))
  await list.fetchMore({ last: 4, before: list.pageInfo().startCursor })
  expect(await list.shown()).toEqual(names.slice(-9))

  const { watch: watchAnew } = restart()
  const middle = await watchAnew({ last: 3, before: list.pageInfo().startCursor })
  expect(middle.names()).toEqual(names.slice(0, 3))
  await middle.fetchMore({ last: null, before: null, first: 2, after: middle.pageInfo().endCursor })
  expect(await middle.shown()).toEqual(names.slice(0, 5))
  const { watch: watchOnceMore } = restart()
  const inner = await watchOnceMore({ first: 3, after: middle.pageInfo().endCursor })
  await inner.fetchMore({ first: null, after: null, last: 2, before: inner.pageInfo().startCursor })
  expect(await inner.shown()).toEqual(names.slice(3, 8))
  expect(callsOf(gateway)).toHaveLength(6)
})

test.each(caches)(
  '%s shows a new name wherever the object is shown, and asks nothing for it',
  async (cache) => {
    const { gateway, client, watch, operations } = await startApollo(cache)
    const list = await watch({ first: 12 })
    const [row] = list.rows()
    const detail = gql`query ($id: ID!) { node(id: $id) { id ... on UserGroup { name modifiedOn } } }`
    const before = await client.query({ query: detail, variables: { id: row?.id } })
    gateway.sandbox.clearRequests()
    const input = { id: row?.id, name: 'Renamed' }
    await client.mutate({ mutation: operations.UpdateUserGroup, variables: { input } })
    expect(list.names()[0]).toBe('Renamed')
    const after = client.readQuery({ query: detail, variables: { id: row?.id } })
    expect(before.data).toMatchObject({ node: { name: row?.name } })
    expect(after).toMatchObject({ node: { name: 'Renamed' } })
    expect(callsOf(gateway).map(methodOf)).toEqual(['GET', 'PUT'])
  },
)

test.each(caches)(
  '%s lets go of what is deleted, and of nothing where the deletion is refused',
  async (cache) => {
    const { gateway, client, watch, changes } = await startApollo(cache)
    const names = await namesOf(gateway)
    const list = await watch({ first: 12 })
    const [row] = list.rows()
    await changes.deleteUserGroup(client, row?.id ?? '')
    expect(list.names()).toEqual(names.slice(1))
    expect(Object.keys(client.cache.extract() ?? {})).not.toContain(`UserGroup:${row?.id}`)
    const again = await changes.deleteUserGroup(client, row?.id ?? '')
    expect(again.data).toMatchObject({
      deleteUserGroup: { deletedUserGroupId: null, userErrors: [{ code: 'NOT_FOUND' }] },
    })
    expect(list.names()).toEqual(names.slice(1))
    expect(callsOf(gateway).map(methodOf)).toEqual(['GET', 'DELETE', 'DELETE'])
  },
)

test.each(caches)('%s has what is created in its place, for one REST call more', async (cache) => {
  const { gateway, client, watch, changes } = await startApollo(cache)
  const list = await watch({ first: 12 })
  const { accountTag } = gateway.sandbox
  await changes.createUserGroup(client, accountTag, 'Berth Planning')
  expect(callsOf(gateway).map(methodOf)).toEqual(['GET', 'POST', 'GET'])
  expect(list.names()).toEqual((await namesOf(gateway)).slice(0, 12))
  expect(list.names()).toContain('Berth Planning')
})

test.each(caches)('%s takes a new set of policies for the old one', async (cache) => {
  const { client, watch, operations, complaints } = await startApollo(cache)
  const list = await watch({ first: 12 })
  const [row] = list.rows()
  expect(row?.policies).not.toEqual([])
  const input = { id: row?.id, policies: [] }
  await client.mutate({ mutation: operations.UpdateUserGroup, variables: { input } })
  expect(list.rows()[0]?.policies).toEqual([])
  expect(complaints()).toHaveLength(cache === 'the cache of the page' ? 0 : 1)
})

test('a list that could not be read is null in the cache of the page, beside what could', async () => {
  const { gateway, client } = await startApollo('the cache of the page')
  const { accountTag: account, landmarks } = gateway.sandbox
  const query = gql`query ($account: ID!) {
    account(id: $account) {
      id
      userGroups(first: 2) { edges { node { id name members(first: 2) { edges { node { id email } } } } } }
    }
  }`
  const path = `*/user_groups/${landmarks.allStaffUserGroup}/members`
  gateway.sandbox.setFaults([{ path, respond: [403], repeat: true }])
  const ask = (fetchPolicy: 'cache-first' | 'network-only') =>
    client.query({ query, variables: { account }, fetchPolicy })
  const partial = {
    account: {
      userGroups: {
        edges: [{ node: { members: { edges: [] } } }, { node: { name: 'All Staff', members: null } }],
      },
    },
  }
  const first = await ask('cache-first')
  expect(first).toMatchObject({ data: partial, error: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } })
  expect((await ask('cache-first')).data).toMatchObject(partial)
  expect(callsOf(gateway)).toHaveLength(3)
  gateway.sandbox.setFaults([])
  expect((await ask('network-only')).data).toMatchObject({
    account: { userGroups: { edges: [{}, { node: { members: { edges: [{}, {}] } } }] } },
  })
})

test('documents go by hash with PersistedQueryLink, after the first time', async () => {
  const { gateway, url, operations } = await startApollo('the cache of the page')
  const bodies: unknown[] = []
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const recordingFetch: typeof fetch = (input, init) => {
    bodies.push(JSON.parse(String(init?.body)))
    return fetch(input, init)
  }
  const link = new PersistedQueryLink({ sha256 }).concat(
    new HttpLink({ uri: url, headers, fetch: recordingFetch }),
  )
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  onTestFinished(() => client.stop())
  for (const first of [5, 6]) {
    const variables = { account: gateway.sandbox.accountTag, first }
    const { data } = await client.query({ query: operations.UserGroups, variables })
    expect(userGroupsIn(data).edges).toHaveLength(first)
  }
  const text = expect.stringContaining('query UserGroups')
  expect(bodies).toEqual([
    expect.not.objectContaining({ query: text }),
    expect.objectContaining({ query: text }),
    expect.not.objectContaining({ query: text }),
  ])
})

type OperationName = 'UserGroups' | 'UpdateUserGroup'
type OperationsModule = Readonly<Record<OperationName, TypedDocumentNode>>
type ClientModule = {
  readonly createClient: (url: string, headers: Readonly<Record<string, string>>) => ApolloClient
}
type ChangesModule = {
  readonly createUserGroup: (client: ApolloClient, accountId: string, name: string) => Promise<Result>
  readonly deleteUserGroup: (client: ApolloClient, id: string) => Promise<Result>
}
type Result = { readonly data?: unknown }

/** A project that follows the page, compiled; and a client with a cache of its own on a running gateway. */
async function startApollo(cache: (typeof caches)[number]) {
  const complaint = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const failure = vi.spyOn(console, 'error').mockImplementation(() => {})
  const complaints = () => [...complaint.mock.calls, ...failure.mock.calls]
  onTestFinished(() => {
    const heard = complaints()
    complaint.mockRestore()
    failure.mockRestore()
    if (cache === 'the cache of the page') expect(heard, 'what Apollo Client complained about').toEqual([])
  })
  const { gateway, url } = await serveGateway({ sandbox: { seed: { userGroups: 12, members: 40 } } })
  const project = await projectOf(url)
  const { createClient }: ClientModule = await import(project.path('src/client.ts'))
  const operations: OperationsModule = await import(project.path('src/operations.ts'))
  const changes: ChangesModule = await import(project.path('src/changes.ts'))
  const restart = () => {
    const client = cache === 'the cache of the page' ? createClient(url, headers) : createPlainClient(url)
    onTestFinished(() => client.stop())
    return {
      client,
      watch: (variables: Variables) =>
        watchUserGroups(client, operations.UserGroups, { account: gateway.sandbox.accountTag, ...variables }),
    }
  }
  return { gateway, url, project, operations, changes, complaints, restart, ...restart() }
}

function createPlainClient(uri: string): ApolloClient {
  const typePolicies = { Account: { fields: { userGroups: relayStylePagination() } } }
  return new ApolloClient({
    link: new HttpLink({ uri, headers }),
    cache: new InMemoryCache({ typePolicies }),
  })
}

async function namesOf(gateway: Gateway): Promise<readonly string[]> {
  return (await readAll<WireUserGroup>(gateway, '/iam/user_groups')).map(({ name }) => name)
}

function methodOf(call: string): string {
  return call.replace(/ .*/, '')
}
