import { expect, test } from 'vitest'
import { decodeGlobalId, encodeGlobalId, type NodeType, nodeTypes } from '../../src/schema/global-id.ts'
import { startGateway } from '../support/gateway.ts'
import { callsOf } from './support/rest.ts'

const account = '0123456789abcdef0123456789abcdef'
const tag = 'fedcba9876543210fedcba9876543210'

/** The fields that give one object of an account by its id. */
const fields = [
  ['permissionGroup', 'PermissionGroup', 'a PermissionGroup'],
  ['resourceGroup', 'ResourceGroup', 'a ResourceGroup'],
  ['userGroup', 'UserGroup', 'a UserGroup'],
  ['member', 'Member', 'a Member'],
  ['ssoConnector', 'SSOConnector', 'an SSOConnector'],
] as const

/** What comes close to an identifier of 32 hexadecimal characters, and is none. */
const noTags = [
  '',
  ' ',
  '.',
  '..',
  `${tag.slice(2)}..`,
  `${tag.slice(1)}/`,
  `../${tag.slice(3)}`,
  `${tag.slice(1)}%`,
  `${tag.slice(3)}%2f`,
  `${tag.slice(1)}é`,
  `${tag}\n`,
  tag.slice(1),
  `${tag}0`,
  'x'.repeat(10_000),
]

test.each(nodeTypes)('an id of %s is read back as it was written', (type) => {
  const own = type === 'Account' ? account : tag
  expect(decodeGlobalId(encodeGlobalId(type, account, own))).toEqual({ type, accountTag: account, tag: own })
})

test('no two objects share an id', () => {
  const ids = nodeTypes.flatMap((type) => [
    encodeGlobalId(type, account, tag),
    encodeGlobalId(type, tag, account),
  ])
  expect(new Set(ids).size).toBe(2 * nodeTypes.length)
})

test.each(noTags)('%j is no global id', (text) => {
  expect(decodeGlobalId(text)).toBeUndefined()
  expect(decodeGlobalId(`ug_${account}${text}`)).toBeUndefined()
})

test.each(['xx', 'UG', '__proto__', 'ac'])(
  'a prefix that is not of a type with two tags is refused: %s',
  (prefix) => {
    expect(decodeGlobalId(`${prefix}_${account}${tag}`)).toBeUndefined()
  },
)

test.each(fields)('%s takes the global id and the bare tag, in any case', async (field, type) => {
  const gateway = await startGateway()
  const { accountTag } = gateway.sandbox
  const id = encodeGlobalId(type, accountTag, tag)
  const { data } = await gateway.query(
    `query ($account: ID!, $id: ID!, $tag: ID!, $shouted: ID!) {
      account(id: $account) {
        byId: ${field}(id: $id) { id }
        byTag: ${field}(id: $tag) { id }
        shouted: ${field}(id: $shouted) { id tag }
      }
    }`,
    { account: accountTag, id, tag, shouted: tag.toUpperCase() },
  )
  expect(data).toEqual({ account: { byId: { id }, byTag: { id }, shouted: { id, tag } } })
  expect(callsOf(gateway)).toEqual([])
})

test.each(fields)(
  '%s refuses ids of elsewhere and what is none, without a call',
  async (field, type, name) => {
    const gateway = await startGateway()
    const { accountTag } = gateway.sandbox
    const otherType: NodeType = type === 'Member' ? 'UserGroup' : 'Member'
    const refusals = [
      [encodeGlobalId(type, account, tag), `id must be an id of account ${accountTag}`],
      [encodeGlobalId(otherType, accountTag, tag), `id must be the id of ${name}, not of a ${otherType}`],
      [encodeGlobalId('Account', accountTag, accountTag), `id must be the id of ${name}, not of an Account`],
      ...noTags.map(
        (text) => [text, `id must be the id of ${name}, or its tag of 32 hexadecimal characters`] as const,
      ),
    ] as const
    for (const [id, message] of refusals) {
      const { data, errors, extensions } = await gateway.query(
        `query ($account: ID!, $id: ID!) { account(id: $account) { ${field}(id: $id) { __typename account { name } } } }`,
        { account: accountTag, id },
      )
      expect(data).toEqual({ account: { [field]: null } })
      expect(errors).toMatchObject([
        { message, path: ['account', field], extensions: { code: 'BAD_USER_INPUT', argument: 'id' } },
      ])
      expect(extensions).toEqual({ restCalls: { estimated: 0, made: 0, limit: 200 } })
    }
    expect(callsOf(gateway)).toEqual([])
  },
)
