import { expect, test } from 'vitest'
import { readExample, readExampleNames, readExampleVariables } from './support/examples.ts'
import { type Gateway, startGateway } from './support/gateway.ts'

type Sandbox = Gateway['sandbox']
type Variables = Readonly<Record<string, unknown>>

type Entry = {
  readonly name: string
  readonly document: string
  readonly variables: (gateway: Gateway) => Variables | Promise<Variables>
  /** What the design promises of it. */
  readonly promised?: number
  readonly userGroups?: number
}

/** Fewer rows to a page than the documentation says, which the gateway has to find out. */
const pageCaps = { accounts: 20, members: 20, permission_groups: 20, user_groups: 15, user_group_members: 15 }

const inAccount = (fields: string) => `query ($account: ID!) { account(id: $account) { ${fields} } }`
const theAccount = ({ sandbox }: Gateway) => ({ account: sandbox.accountTag })
const promise = (promised: number, fields: string, userGroups?: number): Entry => ({
  name: fields,
  document: inAccount(fields),
  variables: theAccount,
  promised,
  ...(userGroups === undefined ? {} : { userGroups }),
})

const policies = 'policies { access permissionGroups { name } resourceGroups { name } }'
const promises: readonly Entry[] = [
  promise(1, `userGroups(first: 50) { nodes { name ${policies} } }`),
  promise(1, `userGroups(first: 500) { nodes { name ${policies} } }`),
  promise(2, 'permissionGroups(first: 100) { nodes { name } }'),
  promise(21, 'userGroups(first: 20) { nodes { members(first: 20) { nodes { email } } } }'),
  {
    name: 'two aliases of one user group',
    document:
      'query ($group: ID!) { a: node(id: $group) { ...Group } b: node(id: $group) { ...Group } } fragment Group on UserGroup { name }',
    variables: ({ sandbox }) => ({ group: idOf('ug', sandbox, sandbox.landmarks.allStaffUserGroup) }),
    promised: 1,
  },
  {
    name: '`nodes` that names one user group twice',
    document: 'query ($group: ID!) { nodes(ids: [$group, $group]) { ... on UserGroup { name } } }',
    variables: ({ sandbox }) => ({ group: idOf('ug', sandbox, sandbox.landmarks.allStaffUserGroup) }),
    promised: 1,
  },
  {
    name: '`nodes` of 100 permission group ids, 130 in the account',
    document: 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on PermissionGroup { name } } }',
    variables: async (gateway) => ({ ids: (await idsIn(gateway, 'permissionGroups')).slice(-100) }),
    promised: 3,
  },
  {
    name: '`_entities` of 30 user group references, 237 in the account',
    document: 'query ($keys: [_Any!]!) { _entities(representations: $keys) { ... on UserGroup { name } } }',
    variables: async (gateway) => {
      const ids = await idsIn(gateway, 'userGroups')
      return { keys: ids.slice(100, 130).map((id) => ({ __typename: 'UserGroup', id })) }
    },
    promised: 1,
    userGroups: 237,
  },
  promise(
    1,
    'a: resourceGroups(first: 5) { nodes { name } } b: resourceGroups(last: 5) { nodes { name } } c: resourceGroups { totalCount }',
  ),
  promise(0, 'id tag'),
]

const examples: readonly Entry[] = readExampleNames().map((name) => ({
  name: `examples/${name}`,
  document: readExample(name),
  variables: ({ sandbox }) => readExampleVariables(name, sandbox.accountTag),
}))

test.each(promises)('$name costs $promised, as the design promises', async (entry) => {
  const gateway = await startFor(entry)
  const { estimated, made } = await run(gateway, entry)
  expect({ estimated, made }).toEqual({ estimated: entry.promised, made: entry.promised })
})

test('the calls of every example and of every promise are those of the ledger', async () => {
  const lines = await Promise.all([...promises, ...examples].map(ledgerLine))
  await expect(`${[...heading, ...lines].join('\n')}\n`).toMatchFileSnapshot('ledger/rest-calls.md')
})

const heading = [
  '# REST calls',
  '',
  'What the promises of the design and the examples cost on the sandbox. `dry run` is the price beforehand, with a plus where only the',
  'upstream can tell the rest; `estimated` and `made` are what `extensions.restCalls` says in the answer. The last three columns are of a',
  `sandbox whose pages are smaller than documented (${Object.entries(pageCaps)
    .map(([list, cap]) => `${list} ${cap}`)
    .join(', ')}):`,
  'what is made while the gateway finds that out, and the price and the calls of the same operation after it has.',
  '',
  '`test/ledger.test.ts` fails when a number changes, in either direction. Where the change is meant, write the new ones with',
  '`npx vitest run test/ledger.test.ts --update`, and look at every difference before you commit it.',
  '',
  '| operation | dry run | estimated | made | small pages: made | again: dry run | made |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
]

async function ledgerLine(entry: Entry): Promise<string> {
  const gateway = await startFor(entry)
  const capped = await startFor(entry, pageCaps)
  const usual = await run(gateway, entry)
  const first = await run(capped, entry)
  capped.sandbox.reset()
  const again = await run(capped, entry)
  const cells = [entry.name, usual.dryRun, usual.estimated, usual.made, first.made, again.dryRun, again.made]
  return `| ${cells.join(' | ')} |`
}

function startFor({ userGroups }: Entry, caps = {}): Promise<Gateway> {
  return startGateway({ sandbox: { seed: { userGroups }, pageCaps: caps } })
}

type RestCalls = { readonly estimated: number; readonly made: number; readonly atLeast?: boolean }

async function run(gateway: Gateway, { document, variables }: Entry) {
  const values = await variables(gateway)
  gateway.sandbox.clearRequests()
  const dryRun = await gateway.query(document, values, { 'x-dry-run': 'true' })
  const answer = await gateway.query(document, values)
  expect(answer.errors).toBeUndefined()
  const price = dryRun.extensions?.restCalls as RestCalls
  const bill = answer.extensions?.restCalls as RestCalls
  expect(gateway.requests()).toHaveLength(bill.made)
  return { ...bill, dryRun: `${price.estimated}${price.atLeast === true ? '+' : ''}` }
}

function idOf(prefix: string, { accountTag }: Sandbox, tag: string | undefined): string {
  return `${prefix}_${accountTag}${tag}`
}

/** Read with credentials of their own, so that nothing is learnt for those that the ledger is about. */
async function idsIn(
  { query, sandbox }: Gateway,
  list: 'permissionGroups' | 'userGroups',
): Promise<readonly string[]> {
  const { data } = await query<{
    readonly account: Readonly<Record<string, { readonly nodes: readonly { readonly id: string }[] }>>
  }>(
    inAccount(`${list}(first: 500) { nodes { id } }`),
    { account: sandbox.accountTag },
    { authorization: 'Bearer token-of-another' },
  )
  return data.account[list]?.nodes.map(({ id }) => id) ?? []
}
