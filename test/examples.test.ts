import { Kind, parse } from 'graphql'
import { expect, test } from 'vitest'
import { readExample, readExampleNames, readExampleVariables } from './support/examples.ts'
import { type Gateway, startGateway } from './support/gateway.ts'

const names = readExampleNames()

/** What an example says is null, by its path without list positions. */
const explainedNulls: Readonly<Record<string, readonly string[]>> = {
  '03-members-of-groups': [
    'account.userGroups.nodes.members.nodes.user.firstName',
    'account.userGroups.nodes.members.nodes.user.lastName',
  ],
  '05-what-may-a-member-do': ['account.member.grants.nodes.userGroup'],
  '12-what-it-costs': ['rateLimit'],
}

test('examples are numbered from 01 without gaps', () => {
  expect(names.map((name) => name.slice(0, 3))).toEqual(
    names.map((_, index) => `${String(index + 1).padStart(2, '0')}-`),
  )
})

test.each(names)('%s begins with what it teaches, and its one operation has the name of its file', (name) => {
  const text = readExample(name)
  const [heading = ''] = text.split('\n')
  expect(heading).toMatch(/^# [A-Z].+[.:]/)
  const operations = parse(text).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  const words = name.slice(3).split('-')
  const operationName = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  expect(operations).toMatchObject([{ name: { value: operationName } }])
})

test.each(names)('%s runs on the sandbox as it stands, and shows what it promises', async (name) => {
  const gateway = await startGateway()
  const { status, data, errors } = await runExample(gateway, name)
  expect({ status, errors }).toEqual({ status: 200, errors: undefined })
  const leaves = leavesOf(data)
  expect(leaves.length).toBeGreaterThan(0)
  const nulls = leaves.filter(({ value }) => value === null).map(({ path }) => path)
  expect([...new Set(nulls)]).toEqual(explainedNulls[name] ?? [])
  expect(leaves.filter(({ path }) => path.includes('userErrors'))).toEqual([])
})

test('the second run of a creation and of a deletion says what these examples say it does', async () => {
  const gateway = await startGateway()
  for (const [name, code] of [
    ['08-create-a-user-group', 'CONFLICT'],
    ['10-delete-a-user-group', 'NOT_FOUND'],
  ] as const) {
    await runExample(gateway, name)
    const { data } = await runExample(gateway, name)
    expect(Object.values(Object(data))).toMatchObject([{ userErrors: [{ code }] }])
  }
})

test('paging goes on behind the cursor that the example tells to pass', async () => {
  const gateway = await startGateway()
  const first = await runExample(gateway, '02-paging')
  const { pageInfo } = Object(first.data).account.userGroups
  const second = await runExample(gateway, '02-paging', { after: pageInfo.endCursor })
  const namesOf = ({ data }: typeof first) =>
    Object(data).account.userGroups.edges.map(
      ({ node }: { readonly node: { readonly name: string } }) => node.name,
    )
  expect(namesOf(second)).toHaveLength(8)
  expect(namesOf(second).filter((groupName: string) => namesOf(first).includes(groupName))).toEqual([])
})

/** Runs an example with the variables beside it, or with the sandbox's account where there are none. */
function runExample(gateway: Gateway, name: string, variables: Readonly<Record<string, unknown>> = {}) {
  return gateway.query(readExample(name), {
    ...readExampleVariables(name, gateway.sandbox.accountTag),
    ...variables,
  })
}

type Leaf = { readonly path: string; readonly value: unknown }

function leavesOf(value: unknown, path = ''): readonly Leaf[] {
  if (Array.isArray(value)) return value.flatMap((one) => leavesOf(one, path))
  if (typeof value !== 'object' || value === null) return [{ path, value }]
  return Object.entries(value).flatMap(([key, one]) => leavesOf(one, path === '' ? key : `${path}.${key}`))
}
