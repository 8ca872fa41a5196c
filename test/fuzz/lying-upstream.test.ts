import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'

const everything = /* GraphQL */ `
  fragment Groups on Policy { tag access permissionGroups { id name label description meta { key value } }
    resourceGroups { id name editable meta { key value } scope { key objects { key } } } }
  query ($account: ID!, $member: ID!) {
    accounts(first: 5) { totalCount nodes { id name type createdOn } }
    account(id: $account) {
      name type createdOn
      permissionGroups(first: 3) { totalCount pageInfo { hasNextPage endCursor } nodes { name label description meta { key value } } }
      resourceGroups(first: 3) { totalCount edges { cursor node { name editable meta { key value } scope { key objects { key } } } } }
      userGroups(first: 3) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage }
        edges { cursor node { name createdOn modifiedOn policies { ...Groups } members(first: 2) { totalCount edges { addedOn node { email status } } } } }
      }
      member(id: $member) { email status user { tag email firstName lastName } roles { tag name description } policies { ...Groups }
        grants { totalCount nodes { policy { access } userGroup { name } } } userGroups { nodes { name } } }
      members(last: 3) { totalCount nodes { email status user { email } roles { name } policies { ...Groups } } }
      ssoConnectors { nodes { emailDomain enabled useFedrampLanguage createdOn updatedOn verification { code status } } }
    }
  }
`

/** Endpoints that the query reads, as patterns of faults, and where to see a true answer of each. */
const endpoints = [
  ['/accounts', '/accounts'],
  ['/accounts/A', '/accounts/A'],
  ['/accounts/A/iam/permission_groups', '/accounts/A/iam/permission_groups?per_page=5'],
  ['/accounts/A/iam/resource_groups', '/accounts/A/iam/resource_groups'],
  ['/accounts/A/iam/user_groups', '/accounts/A/iam/user_groups?per_page=3'],
  ['/accounts/A/iam/user_groups/*/members', '/accounts/A/iam/user_groups/G/members'],
  ['/accounts/A/iam/user_groups/*/members/*', '/accounts/A/iam/user_groups/G/members/M'],
  ['/accounts/A/members', '/accounts/A/members?per_page=5'],
  ['/accounts/A/members/*', '/accounts/A/members/M'],
  ['/accounts/A/sso_connectors', '/accounts/A/sso_connectors'],
] as const

test('whatever the upstream says, the gateway has no error of its own to report', async () => {
  const { sandbox, query } = await startGateway({
    sandbox: {
      seed: { userGroups: 4, members: 8, permissionGroups: 6, resourceGroups: 4 },
      rateLimit: { calls: 1_000_000, windowSeconds: 300 },
    },
  })
  const account = sandbox.accountTag
  const group = sandbox.landmarks.allStaffUserGroup ?? ''
  const read = async (path: string) => (await fetch(`${sandbox.url}${path}`)).json()
  const [member] = (await read(`/accounts/${account}/iam/user_groups/${group}/members`)).result
  const fill = (path: string) =>
    path.replaceAll('A', account).replaceAll('G', group).replaceAll('M', member.id)
  const truth = new Map<string, unknown>()
  for (const [pattern, path] of endpoints) truth.set(fill(pattern), await read(fill(path)))
  const seen = new Map<string, number>()

  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...truth.keys()), fc.nat(), oddValue, async (path, place, value) => {
      const answer = truth.get(path)
      const places = placesIn(answer)
      const at = places[place % places.length] ?? []
      sandbox.setFaults([{ path, respond: [{ body: changed(answer, at, value) }], repeat: true }])
      runs += 1
      const caller = { authorization: `Bearer caller-${runs}` }
      const { status, data, errors = [] } = await query(everything, { account, member: member.id }, caller)
      for (const error of errors) if (error.extensions.code === 'INTERNAL_SERVER_ERROR') {
        const k = path.replaceAll(/[0-9a-f]{32}/g, 'X') + ' ' + at.map((p) => typeof p === 'number' ? 'n' : p).join('.') + ' := ' + typeof value.value + ' @ ' + error.path?.map((p) => typeof p === 'number' ? 'n' : p).join('.')
        seen.set(k, (seen.get(k) ?? 0) + 1)
      }
      if (status !== 200) seen.set('status ' + status, 1)
    }),
    { numRuns: 3_000 },
  )
  console.log([...seen].sort().map(([k, n]) => `${n} ${k}`).join('\n'))
}, 60_000)

const oddValue = fc.oneof(
  fc.constant({ value: undefined }),
  fc.jsonValue({ maxDepth: 1 }).map((value) => ({ value })),
  fc.constantFrom('', 'x', null, 0, -1, 1.5, 1e300, true, [], {}, [null], [[]], '2020-13-45', 'constructor', '__proto__').map((value) => ({ value })),
)

type Place = readonly (string | number)[]

/** The places of all values in a JSON value. */
function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [[]]
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value)
  return [[], ...entries.flatMap(([key, one]) => placesIn(one).map((place) => [key, ...place]))]
}

/** The value with another one at a place; undefined takes away what was there. */
function changed(value: unknown, [key, ...below]: Place, odd: { readonly value: unknown }): unknown {
  if (key === undefined) return odd.value ?? null
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => {
      if (index !== key) return [one]
      return below.length === 0 && odd.value === undefined ? [] : [changed(one, below, odd)]
    })
  }
  const entries = Object.entries(Object(value)).flatMap(([name, one]): [string, unknown][] => {
    if (name !== key) return [[name, one]]
    return below.length === 0 && odd.value === undefined ? [] : [[name, changed(one, below, odd)]]
  })
  return Object.fromEntries(entries)
}
