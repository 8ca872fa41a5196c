import fc from 'fast-check'
import { expect, test } from 'vitest'
import { propertyRuns } from '../support/property-runs.ts'
import { startSaneGateway } from './sane-gateway.ts'
import { anyId } from './strange-values.ts'

const one = [
  'query ($v: ID!) { account(id: $v) { name userGroups(first: 1) { nodes { name } } } }',
  'query ($v: ID!) { node(id: $v) { id __typename ... on UserGroup { name } ... on Member { email } } }',
  'query ($a: ID!, $v: ID!) { account(id: $a) { userGroup(id: $v) { name members(first: 1) { nodes { email } } } } }',
  'query ($a: ID!, $v: ID!) { account(id: $a) { member(id: $v) { email user { email } } } }',
  'query ($a: ID!, $v: ID!) { account(id: $a) { permissionGroup(id: $v) { name } resourceGroup(id: $v) { name } } }',
  'query ($a: ID!, $v: ID!) { account(id: $a) { ssoConnector(id: $v) { emailDomain } } }',
]
const nodes = 'query ($v: [ID!]!) { nodes(ids: $v) { id ... on PermissionGroup { name } } }'
const entities =
  'query ($v: [_Any!]!) { _entities(representations: $v) { ... on UserGroup { name } ... on Account { name } } }'

test('no id gets anywhere but to its own place', async () => {
  const { askQuery, gateway } = await startSaneGateway()
  const { accountTag, landmarks } = gateway.sandbox
  const id = anyId(Object.values(landmarks).filter((tag) => tag !== undefined))
  const representation = fc.record(
    {
      __typename: fc.constantFrom('Account', 'UserGroup', 'Member', 'PermissionGroup', 'Query', 'x'),
      id,
      tag: id,
      account: fc.oneof(fc.record({ tag: id }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  const representations = fc.array(fc.oneof(representation, fc.jsonValue({ maxDepth: 2 })), { maxLength: 6 })
  const asked = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...one), id) },
    { weight: 2, arbitrary: fc.tuple(fc.constant(nodes), fc.array(id, { maxLength: 6 })) },
    { weight: 2, arbitrary: fc.tuple(fc.constant(entities), representations) },
  )
  const codes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(asked, async ([document, v]) => {
      for (const code of await askQuery(document, { a: accountTag, v })) codes.add(code)
    }),
    propertyRuns(4_000),
  )
  expect([...codes]).toEqual(expect.arrayContaining(['none', 'BAD_USER_INPUT']))
}, 60_000)
