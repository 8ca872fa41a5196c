import { readFile } from 'node:fs/promises'
import type { DocumentNode } from 'graphql'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { readManifest } from '../../src/plugins/read-manifest.ts'
import { callsOf, readAll, type WireUserGroup } from '../schema/support/rest.ts'
import { serveGateway } from '../support/serve-gateway.ts'
import { type PageProject, sharePageProject } from './page-project.ts'

// The first test that asks waits for compilers.
vi.setConfig({ testTimeout: 60_000 })

const projectOf = sharePageProject({
  headings: ['GraphQL Code Generator'],
  compile: ['graphql-codegen', '--config', 'codegen.ts'],
})
const small = { sandbox: { seed: { userGroups: 12, members: 40 } } } as const
const headers = { authorization: 'Bearer token-of-a-test' }

test('the strictest tsc takes what is generated, and refuses what the schema does not have', async () => {
  const { url } = await serveGateway(small)
  const project = await projectOf(url)
  await project.write('src/right.ts', readOf({ first: '20', field: 'name', as: 'string | undefined' }))
  expect(await project.run('tsc', '--project', '.')).toBe('')

  await project.write('src/right.ts', '')
  const mistakes = [
    [{ first: "'20'", field: 'name', as: 'unknown' }, "'string' is not assignable to type 'number'"],
    [{ first: '20', field: 'nickname', as: 'unknown' }, "Property 'nickname' does not exist"],
    [{ first: '20', field: 'name', as: 'string' }, "'string | undefined' is not assignable to type 'string'"],
    [
      { first: '20', field: 'modifiedOn', as: 'Date' },
      "'string | undefined' is not assignable to type 'Date'",
    ],
  ] as const
  for (const [index, [mistake]] of mistakes.entries()) {
    await project.write(`src/mistake-${index}.ts`, readOf(mistake))
  }
  const complaints = await project.run('tsc', '--project', '.').catch(({ stdout }) => stdout)
  for (const [index, [, complaint]] of mistakes.entries()) {
    expect(complaints).toMatch(new RegExp(`src/mistake-${index}\\.ts.*${complaint.replace('|', '\\|')}`))
  }
})

test("the repository's own schema generates the same types for the same documents", async () => {
  const { url } = await serveGateway(small)
  const project = await projectOf(url)
  const codegen = await readFile(project.path('codegen.ts'), 'utf8')
  await project.write('own.graphql', await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8'))
  await project.write(
    'own.ts',
    codegen.replace('./schema.graphql', './own.graphql').replace('./src/gql/', './own-gql/'),
  )
  await project.run('graphql-codegen', '--config', 'own.ts')
  const types = await readFile(project.path('own-gql/graphql.ts'), 'utf8')
  expect(types).toContain('UserGroupsQuery')
  expect(types).toBe(await readFile(project.path('src/gql/graphql.ts'), 'utf8'))
})

test('the typed documents page, create, rename and delete', async () => {
  const { gateway, url } = await serveGateway(small)
  const { execute, operations } = await importModules(await projectOf(url))
  const names = (await readAll<WireUserGroup>(gateway, '/iam/user_groups')).map(({ name }) => name)
  const account = gateway.sandbox.accountTag

  const first = await execute(url, headers, operations.UserGroups, { account, first: 5 })
  expect(first).toMatchObject({ extensions: { restCalls: { made: 1 } } })
  const { edges, pageInfo } = listIn(first)
  expect(edges.map(({ node }) => node.name)).toEqual(names.slice(0, 5))
  const second = await execute(url, headers, operations.UserGroups, {
    account,
    first: 5,
    after: pageInfo.endCursor,
  })
  expect(listIn(second).edges.map(({ node }) => node.name)).toEqual(names.slice(5, 10))
  const back = await execute(url, headers, operations.UserGroups, {
    account,
    first: null,
    last: 3,
    before: listIn(second).pageInfo.startCursor,
  })
  expect(listIn(back).edges.map(({ node }) => node.name)).toEqual(names.slice(2, 5))

  const id = edges[0]?.node.id
  const update = { input: { id, name: 'Renamed' } }
  expect(await execute(url, headers, operations.UpdateUserGroup, update)).toMatchObject({
    data: { updateUserGroup: { userGroup: { id, name: 'Renamed' }, userErrors: [] } },
  })
  const creation = { input: { accountId: account, name: 'Renamed' } }
  expect(await execute(url, headers, operations.CreateUserGroup, creation)).toMatchObject({
    data: { createUserGroup: { userGroup: null, userErrors: [{ code: 'CONFLICT', field: ['name'] }] } },
  })
  expect(await execute(url, headers, operations.DeleteUserGroup, { input: { id } })).toMatchObject({
    data: { deleteUserGroup: { deletedUserGroupId: id, userErrors: [] } },
  })
  expect(callsOf(gateway).map((call) => call.split(' ', 1)[0])).toEqual([
    'GET',
    'GET',
    'GET',
    'GET',
    'PUT',
    'POST',
    'DELETE',
  ])
})

test('the generated manifest is one that the gateway reads, with the hashes of the generated documents', async () => {
  const { url } = await serveGateway(small)
  const project = await projectOf(url)
  const { operations } = await importModules(project)
  const manifestPath = project.path('src/gql/persisted-documents.json')
  expect(Object.keys(JSON.parse(await readFile(manifestPath, 'utf8')))).toHaveLength(4)
  const manifest = await readManifest(manifestPath)
  const strict = await serveGateway({ ...small, manifest, config: { persistedOperationsOnly: true } })
  const response = await fetch(strict.url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({
      extensions: {
        persistedQuery: { version: 1, sha256Hash: operations.UserGroups.__meta__?.hash },
      },
      variables: { account: strict.gateway.sandbox.accountTag, first: 5 },
    }),
  })
  expect(listIn(await response.json()).edges).toHaveLength(5)
})

type GeneratedDocument = DocumentNode & { readonly __meta__?: { readonly hash: string } }
type OperationName = 'UserGroups' | 'CreateUserGroup' | 'UpdateUserGroup' | 'DeleteUserGroup'
type OperationsModule = Readonly<Record<OperationName, GeneratedDocument>>
type ExecuteModule = {
  readonly execute: (
    url: string,
    headers: Readonly<Record<string, string>>,
    document: DocumentNode,
    variables: Readonly<Record<string, unknown>>,
  ) => Promise<unknown>
}

async function importModules(project: PageProject) {
  const operations: OperationsModule = await import(project.path('src/operations.ts'))
  const { execute }: ExecuteModule = await import(project.path('src/execute.ts'))
  return { operations, execute }
}

const listShape = z.object({
  data: z.object({
    account: z.object({
      userGroups: z.object({
        edges: z.array(z.object({ node: z.object({ id: z.string(), name: z.string() }) })),
        pageInfo: z.object({ startCursor: z.string(), endCursor: z.string() }),
      }),
    }),
  }),
})

function listIn(answer: unknown) {
  return listShape.parse(answer).data.account.userGroups
}

/** A module that asks for a page, and takes a field of its first row as a type. */
function readOf({
  first,
  field,
  as,
}: {
  readonly first: string
  readonly field: string
  readonly as: string
}): string {
  return `
    import { execute } from './execute'
    import { readFragment } from './gql'
    import { UserGroupRow, UserGroups } from './operations'

    const { data } = await execute('', {}, UserGroups, { account: '', first: ${first} })
    const row = readFragment(UserGroupRow, data?.account?.userGroups?.edges[0]?.node)
    export const value: ${as} = row?.${field}
  `
}
