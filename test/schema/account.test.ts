import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { startGateway } from '../support/gateway.ts'
import { callsOf } from './support/rest.ts'

const unknown = 'f'.repeat(32)

test('an account is known by its tag or its global id, and its identity costs no call', async () => {
  const gateway = await startGateway()
  const { accountTag } = gateway.sandbox
  const { data, extensions } = await gateway.query(
    `query ($tag: ID!, $id: ID!, $shouted: ID!) {
      byTag: account(id: $tag) { id tag __typename }
      byId: account(id: $id) { id tag }
      shouted: account(id: $shouted) { id tag }
    }`,
    {
      tag: accountTag,
      id: encodeGlobalId('Account', accountTag, accountTag),
      shouted: accountTag.toUpperCase(),
    },
  )
  const identity = { id: encodeGlobalId('Account', accountTag, accountTag), tag: accountTag }
  expect(data).toEqual({ byTag: { ...identity, __typename: 'Account' }, byId: identity, shouted: identity })
  expect(extensions).toEqual({ restCalls: { estimated: 0, made: 0, limit: 200 } })
  expect(callsOf(gateway)).toEqual([])
})

test('what an account is costs one call, however often it is asked', async () => {
  const gateway = await startGateway()
  const { data, extensions } = await gateway.query(
    `query ($id: ID!) {
      a: account(id: $id) { name type createdOn }
      b: account(id: $id) { name userGroups(first: 1) { nodes { account { name type } } } }
    }`,
    { id: gateway.sandbox.accountTag },
  )
  expect(data).toEqual({
    a: { name: 'Quayline Freight', type: 'ENTERPRISE', createdOn: '2019-05-20T07:12:44.000Z' },
    b: {
      name: 'Quayline Freight',
      userGroups: { nodes: [{ account: { name: 'Quayline Freight', type: 'ENTERPRISE' } }] },
    },
  })
  expect(callsOf(gateway)).toEqual(['GET A', 'GET A/iam/user_groups?page=1&per_page=1'])
  expect(extensions).toEqual({ restCalls: { estimated: 2, made: 2, limit: 200 } })
})

test.each([
  ['an empty text', ''],
  ['a path', '../user/tokens'],
  ['a tag with a slash', `${'a'.repeat(30)}/b`],
  ['a tag with a dot', `${'a'.repeat(31)}.`],
  ['a tag that is too short', 'a'.repeat(31)],
  ['a tag that is too long', 'a'.repeat(33)],
  ['no hexadecimal digits', 'g'.repeat(32)],
  ['unicode', '東京オペレーション'],
  ['a long text', 'x'.repeat(10_000)],
])('%s is no id of an account: refused by name, without a call', async (_, id) => {
  const gateway = await startGateway()
  const { data, errors } = await gateway.query('query ($id: ID!) { account(id: $id) { name } }', { id })
  expect(data).toEqual({ account: null })
  expect(errors).toMatchObject([
    {
      message: 'id must be the id of an Account, or its tag of 32 hexadecimal characters',
      path: ['account'],
      extensions: { code: 'BAD_USER_INPUT', argument: 'id' },
    },
  ])
  expect(callsOf(gateway)).toEqual([])
})

test('the id of something else is refused', async () => {
  const gateway = await startGateway()
  const id = encodeGlobalId('UserGroup', gateway.sandbox.accountTag, unknown)
  const { errors } = await gateway.query('query ($id: ID!) { account(id: $id) { name } }', { id })
  expect(errors).toMatchObject([{ message: 'id must be the id of an Account, not of a UserGroup' }])
  expect(callsOf(gateway)).toEqual([])
})

test('an account that does not exist is null without an error', async () => {
  const gateway = await startGateway()
  const { data, errors } = await gateway.query(
    'query ($id: ID!) { account(id: $id) { name userGroups { nodes { name } } } }',
    { id: unknown },
  )
  expect({ data, errors }).toEqual({ data: { account: null }, errors: undefined })
  expect(gateway.requests()).toEqual([`GET /accounts/${unknown}`])
})

test('an account that cannot be read costs its own fields, and what hangs under it stands', async () => {
  const gateway = await startGateway()
  gateway.sandbox.setFaults([
    { path: `/accounts/${gateway.sandbox.accountTag}`, respond: [403], repeat: true },
  ])
  const { data, errors } = await gateway.query(
    'query ($id: ID!) { account(id: $id) { name createdOn userGroups(first: 1) { nodes { name } } } }',
    { id: gateway.sandbox.accountTag },
  )
  expect(data).toEqual({
    account: {
      name: null,
      createdOn: null,
      userGroups: { nodes: [{ name: 'Acquisition Integration 2027' }] },
    },
  })
  expect(errors).toMatchObject([
    { path: ['account', 'name'], extensions: { code: 'FORBIDDEN' } },
    { path: ['account', 'createdOn'], extensions: { code: 'FORBIDDEN' } },
  ])
  expect(callsOf(gateway)).toEqual(['GET A', 'GET A/iam/user_groups?page=1&per_page=1'])
})

test('accounts lists what the credentials see, by name, with all that an account is', async () => {
  const gateway = await startGateway()
  const { accountTag, landmarks } = gateway.sandbox
  const { data, extensions } = await gateway.query(
    '{ accounts { totalCount nodes { id tag name type createdOn ssoConnectors(first: 1) { nodes { account { name } } } } } }',
  )
  const connector = (name: string) => ({ nodes: [{ account: { name } }] })
  expect(data).toEqual({
    accounts: {
      totalCount: 2,
      nodes: [
        {
          id: encodeGlobalId('Account', accountTag, accountTag),
          tag: accountTag,
          name: 'Quayline Freight',
          type: 'ENTERPRISE',
          createdOn: '2019-05-20T07:12:44.000Z',
          ssoConnectors: connector('Quayline Freight'),
        },
        {
          id: encodeGlobalId('Account', landmarks.otherAccount, landmarks.otherAccount),
          tag: landmarks.otherAccount,
          name: 'Quayline Labs',
          type: 'STANDARD',
          createdOn: '2024-11-02T15:03:10.000Z',
          ssoConnectors: connector('Quayline Labs'),
        },
      ],
    },
  })
  expect(callsOf(gateway).toSorted()).toEqual([
    `GET /accounts/${landmarks.otherAccount}/sso_connectors`,
    'GET /accounts?page=1&per_page=20',
    'GET A/sso_connectors',
  ])
  // How many accounts there are was not known beforehand: up to 20 were asked for.
  expect(extensions).toEqual({ restCalls: { estimated: 21, made: 3, limit: 200 } })
})

test('accounts are windowed and filtered by exact name', async () => {
  const gateway = await startGateway()
  const { data } = await gateway.query(`{
    first: accounts(first: 1) { nodes { name } pageInfo { hasNextPage endCursor } }
    last: accounts(last: 1) { nodes { name } pageInfo { hasPreviousPage } }
    named: accounts(filter: { name: "Quayline Labs" }) { nodes { name } totalCount pageInfo { hasNextPage } }
    none: accounts(filter: { name: "Quayline" }) { nodes { name } }
  }`)
  expect(data).toEqual({
    first: {
      nodes: [{ name: 'Quayline Freight' }],
      pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
    },
    last: { nodes: [{ name: 'Quayline Labs' }], pageInfo: { hasPreviousPage: true } },
    named: { nodes: [{ name: 'Quayline Labs' }], totalCount: null, pageInfo: { hasNextPage: false } },
    none: { nodes: [] },
  })
})

test('a token that an account owns may not list accounts: that field alone is null', async () => {
  const gateway = await startGateway({ headers: { authorization: 'Bearer cfat_token' } })
  const { data, errors } = await gateway.query(
    'query ($id: ID!) { accounts { nodes { name } } account(id: $id) { name } }',
    { id: gateway.sandbox.accountTag },
  )
  expect(data).toEqual({ accounts: null, account: { name: 'Quayline Freight' } })
  expect(errors).toMatchObject([
    {
      path: ['accounts'],
      extensions: { code: 'UPSTREAM_REFUSED', upstream: { status: 400, errors: [{ code: 1001 }] } },
    },
  ])
})

test('a type that this API does not know is null and logged, never an error', async () => {
  const lines: Record<string, unknown>[] = []
  const gateway = await startGateway({ log: (line) => lines.push(line) })
  const { accountTag } = gateway.sandbox
  const result = { id: accountTag, name: 'Quayline Freight', type: 'galactic', created_on: 'yesterday' }
  gateway.sandbox.setFaults([
    {
      path: `/accounts/${accountTag}`,
      respond: [{ status: 200, body: { success: true, errors: [], messages: [], result } }],
    },
  ])
  const { data, errors } = await gateway.query(
    'query ($id: ID!) { account(id: $id) { name type createdOn } }',
    { id: accountTag },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({ account: { name: 'Quayline Freight', type: null, createdOn: null } })
  expect(lines).toContainEqual(expect.objectContaining({ enum: 'AccountType', value: 'galactic' }))
})
