import fc from 'fast-check'
import { expect, test } from 'vitest'
import { propertyRuns } from '../support/property-runs.ts'
import { startSaneGateway } from './sane-gateway.ts'
import { strangeText } from './strange-values.ts'

const lists = ['permissionGroups', 'resourceGroups', 'userGroups', 'members', 'ssoConnectors'] as const

test('no cursor but one that was given is taken back, and no window is too odd', async () => {
  const { askQuery, gateway } = await startSaneGateway()
  const { query, sandbox } = gateway
  const account = sandbox.accountTag
  const given: string[] = []
  for (const list of lists) {
    type Page = { account: Record<string, { edges: { cursor: string }[] }> }
    const { data } = await query<Page>(
      `{ account(id: "${account}") { ${list}(first: 3) { edges { cursor } } } }`,
    )
    given.push(...(data.account[list]?.edges.map(({ cursor }) => cursor) ?? []))
  }
  const cursor = fc.oneof(fc.constantFrom(...given), damagedCursor(given), randomBytes, strangeText)
  const odd = [0, 1, 500, 501, 2 ** 31, -(2 ** 31), 1.5, '1', null]
  const size = fc.oneof(fc.integer({ min: -2, max: 510 }), fc.constantFrom(...odd))
  const window = fc.record({ first: size, last: size, after: cursor, before: cursor }, { requiredKeys: [] })
  const codes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...lists), window, async (list, variables) => {
      const document = `query ($account: ID!, $first: Int, $last: Int, $after: String, $before: String) {
        account(id: $account) { ${list}(first: $first, last: $last, after: $after, before: $before) {
          totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } }
        } }
      }`
      for (const code of await askQuery(document, { account, ...variables })) codes.add(code)
    }),
    propertyRuns(4_000),
  )
  expect([...codes]).toEqual(expect.arrayContaining(['none', 'BAD_USER_INPUT']))
}, 60_000)

const randomBytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array).toString('base64url'))

function damagedCursor(given: readonly string[]) {
  const damage = fc.tuple(fc.constantFrom(...given), fc.nat({ max: 60 }), fc.nat({ max: 255 }))
  return damage.map(([cursor, at, byte]) => {
    const bytes = Buffer.from(cursor, 'base64url')
    bytes[at % bytes.length] = byte
    return bytes.toString('base64url')
  })
}
