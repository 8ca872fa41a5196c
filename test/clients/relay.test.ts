import { readFile } from 'node:fs/promises'
import type { Environment } from 'relay-runtime'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { readManifest } from '../../src/plugins/read-manifest.ts'
import { callsOf, readAll, type WireMember, type WireUserGroup } from '../schema/support/rest.ts'
import type { GatewayOptions } from '../support/gateway.ts'
import { serveGateway } from '../support/serve-gateway.ts'
import { createPageProject, type PageProject, type ProjectPlan, sharePageProject } from './page-project.ts'
import { createRelayClient, type RelayClient } from './relay-client.ts'

// The first test that asks waits for compilers.
vi.setConfig({ testTimeout: 60_000 })

const small = { sandbox: { seed: { userGroups: 12, members: 40 } } } as const
const plan: ProjectPlan = { headings: ['Relay'], compile: ['relay-compiler'] }
const projectOf = sharePageProject(plan)

const namedNode = z.object({ id: z.string(), name: z.string() })
const memberNode = z.object({ id: z.string(), email: z.string() })
const listShape = z.object({
  userGroups: z.object({ __id: z.string(), edges: z.array(z.object({ node: namedNode })) }),
})
const detailShape = z.object({
  name: z.string(),
  policies: z.array(z.object({ access: z.string() })),
  members: z.object({ __id: z.string(), edges: z.array(z.object({ node: memberNode })) }).nullable(),
})

test('relay-compiler compiles what the page shows, and tsc takes what it generates', async () => {
  const { project } = await startRelay(small)
  expect(await project.run('relay-compiler', '--validate')).not.toMatch(/error|warn/i)
  expect(await project.run('tsc', '--project', '.')).toBe('')
})

test('relay-compiler takes the schema of the repository as it stands', async () => {
  const { project } = await startRelay(small)
  await project.write('own.graphql', await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8'))
  const config = JSON.parse(await readFile(project.path('relay.config.json'), 'utf8'))
  await project.write('own.config.json', JSON.stringify({ ...config, schema: './own.graphql' }))
  expect(await project.run('relay-compiler', '--validate', 'own.config.json')).not.toMatch(/error|warn/i)
})

test('a list pages forward from its start, for one REST call a page', async () => {
  const { gateway, client } = await startRelay(small)
  const names = await namesOf(gateway)
  const { account } = await client.query('UserGroupsQuery', { account: gateway.sandbox.accountTag, first: 5 })
  expect(listNames(client, account)).toEqual(names.slice(0, 5))
  await client.loadMore('UserGroups_account', account, 'forward', 4)
  expect(listNames(client, account)).toEqual(names.slice(0, 9))
  await client.loadMore('UserGroups_account', account, 'forward', 4)
  expect(listNames(client, account)).toEqual(names)
  expect(client.readFragment('UserGroups_account', account)).toMatchObject({
    userGroups: { pageInfo: { hasNextPage: false } },
  })
  expect(callsOf(gateway)).toHaveLength(3)
})

test('a list pages back from its end, for one REST call a page', async () => {
  const { gateway, client } = await startRelay(small)
  const names = await namesOf(gateway)
  const { account } = await client.query('UserGroupsQuery', { account: gateway.sandbox.accountTag, last: 5 })
  expect(listNames(client, account)).toEqual(names.slice(-5))
  await client.loadMore('UserGroups_account', account, 'backward', 4)
  expect(listNames(client, account)).toEqual(names.slice(-9))
  await client.loadMore('UserGroups_account', account, 'backward', 4)
  expect(listNames(client, account)).toEqual(names)
  expect(client.readFragment('UserGroups_account', account)).toMatchObject({
    userGroups: { pageInfo: { hasPreviousPage: false } },
  })
  expect(callsOf(gateway)).toHaveLength(3)
})

test('a fragment is fetched again by the id of its object, and its own list pages on', async () => {
  const { gateway, client } = await startRelay(small)
  const { allStaffUserGroup = '' } = gateway.sandbox.landmarks
  const path = `/iam/user_groups/${allStaffUserGroup}`
  const emails = (await readAll<WireMember>(gateway, `${path}/members`)).map(({ email }) => email)
  const { account } = await client.query('UserGroupsQuery', {
    account: gateway.sandbox.accountTag,
    first: 12,
  })
  const id = idOf(client, account, 'All Staff')
  const owner = await client.refetch('UserGroups_userGroup', id)
  expect(emailsOf(client, owner)).toEqual(emails.slice(0, 10))
  await client.loadMore('UserGroups_userGroup', owner, 'forward', 5)
  expect(emailsOf(client, owner)).toEqual(emails.slice(0, 15))
  expect(emails.length).toBeGreaterThan(15)
  const [, ...calls] = callsOf(gateway)
  expect(calls.map((call) => call.replace(/\?.*/, ''))).toEqual([
    `GET A${path}`,
    `GET A${path}/members`,
    `GET A${path}`,
    `GET A${path}/members`,
  ])
})

test('what is created is appended, and a later page that brings it does not repeat it', async () => {
  const { gateway, client } = await startRelay(small)
  const accountId = gateway.sandbox.accountTag
  const names = await namesOf(gateway)
  const { account } = await client.query('UserGroupsQuery', { account: accountId, first: 10 })
  const connections = [listOf(client, account).__id]
  const input = { accountId, name: 'Zone Keepers' }
  await client.mutate('UserGroupMutationsCreateMutation', { input, connections })
  expect(listNames(client, account)).toEqual([...names.slice(0, 10), 'Zone Keepers'])
  await client.loadMore('UserGroups_account', account, 'forward', 10)
  expect(listNames(client, account).toSorted()).toEqual([...names, 'Zone Keepers'].toSorted())
  // Relay says in development that a refused creation has no node to append.
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => complaint.mockRestore())
  const refused = await client.mutate('UserGroupMutationsCreateMutation', { input, connections })
  expect(refused).toMatchObject({ createUserGroup: { userGroup: null, userErrors: [{ code: 'CONFLICT' }] } })
  expect(listNames(client, account)).toHaveLength(names.length + 1)
  expect(callsOf(gateway).filter((call) => call.startsWith('POST'))).toEqual([
    'POST A/iam/user_groups',
    'POST A/iam/user_groups',
  ])
})

test('what is renamed has its new name wherever it is shown; what is deleted is gone, and stays gone', async () => {
  const { gateway, client } = await startRelay(small)
  const names = await namesOf(gateway)
  const { account } = await client.query('UserGroupsQuery', {
    account: gateway.sandbox.accountTag,
    first: 12,
  })
  const [first = ''] = names
  const id = idOf(client, account, first)
  const owner = await client.refetch('UserGroups_userGroup', id)
  gateway.sandbox.clearRequests()

  await client.mutate('UserGroupMutationsRenameMutation', { input: { id, name: 'Renamed' } })
  expect(listNames(client, account)).toEqual(['Renamed', ...names.slice(1)])
  expect(detailOf(client, owner)).toMatchObject({ name: 'Renamed' })

  const deletion = { input: { id }, connections: [listOf(client, account).__id] }
  await client.mutate('UserGroupMutationsDeleteMutation', deletion)
  expect(listNames(client, account)).toEqual(names.slice(1))
  expect(() => client.readFragment('UserGroups_userGroup', owner)).toThrow('The store lacks data')
  expect(await client.mutate('UserGroupMutationsDeleteMutation', deletion)).toMatchObject({
    deleteUserGroup: { deletedUserGroupId: null, userErrors: [{ code: 'NOT_FOUND' }] },
  })
  expect(listNames(client, account)).toEqual(names.slice(1))
  expect(callsOf(gateway).map((call) => call.split(' ', 1)[0])).toEqual(['GET', 'PUT', 'DELETE', 'DELETE'])
})

test('members are added to the list of a user group and removed from it, and nobody else goes', async () => {
  const { gateway, client } = await startRelay(small)
  const { emptyUserGroup = '', memberWithoutDsr } = gateway.sandbox.landmarks
  const people = (await readAll<WireMember>(gateway, '/members')).filter(({ id }) => id !== memberWithoutDsr)
  const memberIds = people.slice(0, 2).map(({ id }) => id)
  const [ada = '', ben = ''] = people.map(({ email }) => email)
  const { account } = await client.query('UserGroupsQuery', {
    account: gateway.sandbox.accountTag,
    first: 12,
  })
  const id = listOf(client, account).edges.find(({ node }) => node.id.endsWith(emptyUserGroup))?.node.id ?? ''
  const owner = await client.refetch('UserGroups_userGroup', id)
  gateway.sandbox.clearRequests()

  const connections = [detailOf(client, owner).members?.__id]
  await client.mutate('UserGroupMutationsAddMutation', { input: { userGroupId: id, memberIds }, connections })
  expect(emailsOf(client, owner).toSorted()).toEqual([ada, ben].toSorted())
  await client.mutate('UserGroupMutationsRemoveMutation', {
    input: { userGroupId: id, memberId: memberIds[0] },
    connections,
  })
  expect(emailsOf(client, owner)).toEqual([ben])
  const members = `A/iam/user_groups/${emptyUserGroup}/members`
  expect(callsOf(gateway)).toEqual([`POST ${members}`, `DELETE ${members}/${memberIds[0]}`])
})

test('a REST call that fails leaves the rest of the answer in the store', async () => {
  const { gateway, client } = await startRelay(small)
  const { account } = await client.query('UserGroupsQuery', {
    account: gateway.sandbox.accountTag,
    first: 12,
  })
  gateway.sandbox.setFaults([{ path: '*/members', respond: [403], repeat: true }])
  const owner = await client.refetch('UserGroups_userGroup', idOf(client, account, 'All Staff'))
  expect(detailOf(client, owner)).toEqual({
    name: 'All Staff',
    policies: expect.arrayContaining([{ access: 'ALLOW' }]),
    members: null,
  })
})

test('operations go by hash to a gateway that takes no others', async () => {
  const { url } = await serveGateway(small)
  const project = await createPageProject(plan, url)
  onTestFinished(project.remove)
  const config = JSON.parse(await readFile(project.path('relay.config.json'), 'utf8'))
  const persistConfig = { file: './persisted.json', algorithm: 'SHA256' }
  await project.write('relay.config.json', JSON.stringify({ ...config, persistConfig }))
  await project.write('persisted.json', '{}')
  await project.run('relay-compiler')
  const strict = await serveGateway({
    ...small,
    manifest: await readManifest(project.path('persisted.json')),
    config: { persistedOperationsOnly: true },
  })
  const client = await createClient(project, strict.url)
  const names = await namesOf(strict.gateway)
  const accountId = strict.gateway.sandbox.accountTag
  const { account } = await client.query('UserGroupsQuery', { account: accountId, first: 5 })
  await client.loadMore('UserGroups_account', account, 'forward', 5)
  expect(listNames(client, account)).toEqual(names.slice(0, 10))
  expect((await strict.gateway.query('{ __typename }')).errors).toMatchObject([
    { extensions: { code: 'PERSISTED_QUERY_ID_REQUIRED' } },
  ])
})

type Served = Awaited<ReturnType<typeof startRelay>>

/** A project that follows the page, compiled; and a client with a store of its own on a running gateway. */
async function startRelay(options: GatewayOptions) {
  const { gateway, url } = await serveGateway(options)
  const project = await projectOf(url)
  return { gateway, project, client: await createClient(project, url) }
}

async function createClient(project: PageProject, url: string): Promise<RelayClient> {
  const { createEnvironment }: EnvironmentModule = await import(project.path('src/environment.ts'))
  return createRelayClient(project, createEnvironment(url, { authorization: 'Bearer token-of-a-test' }))
}

type EnvironmentModule = {
  readonly createEnvironment: (url: string, headers: Readonly<Record<string, string>>) => Environment
}

async function namesOf(gateway: Served['gateway']): Promise<readonly string[]> {
  return (await readAll<WireUserGroup>(gateway, '/iam/user_groups')).map(({ name }) => name)
}

function listOf(client: RelayClient, account: unknown) {
  return listShape.parse(client.readFragment('UserGroups_account', account)).userGroups
}

function listNames(client: RelayClient, account: unknown): readonly string[] {
  return listOf(client, account).edges.map(({ node }) => node.name)
}

function idOf(client: RelayClient, account: unknown, name: string): string {
  return listOf(client, account).edges.find(({ node }) => node.name === name)?.node.id ?? ''
}

function detailOf(client: RelayClient, owner: unknown) {
  return detailShape.parse(client.readFragment('UserGroups_userGroup', owner))
}

function emailsOf(client: RelayClient, owner: unknown): readonly string[] {
  return detailOf(client, owner).members?.edges.map(({ node }) => node.email) ?? []
}
