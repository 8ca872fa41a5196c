import { buildSchema } from 'graphql'
import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'

/** Its field tells whether compiled code asked for it. */
function schemaThatTells() {
  const schema = buildSchema('type Query { isCompiled(n: Int): Boolean, number(text: String!): Int }')
  const fields = schema.getQueryType()?.getFields()
  if (fields?.isCompiled === undefined) throw new Error('no field isCompiled')
  fields.isCompiled.resolve = () => new Error().stack?.includes('graphql-jit') === true
  if (fields.number !== undefined) fields.number.resolve = (_source, { text }) => text
  return schema
}

test('a query is compiled when it comes again, for everybody and with any variables', async () => {
  const { query } = await startGateway({ schema: schemaThatTells() })
  const document = 'query ($n: Int) { isCompiled(n: $n) }'
  expect((await query(document, { n: 1 })).data).toEqual({ isCompiled: false })
  expect((await query(document, { n: 2 })).data).toEqual({ isCompiled: true })
  expect((await query(document, undefined, { authorization: 'Bearer another-token' })).data).toEqual({
    isCompiled: true,
  })
})

test('what cannot be compiled is executed in the usual way, however often it comes', async () => {
  const { query } = await startGateway({ schema: schemaThatTells() })
  const conditional = 'query ($yes: Boolean!) { isCompiled @include(if: $yes) }'
  const several = 'query A { isCompiled } query B { __typename }'
  const large = `{ isCompiled } # ${'x'.repeat(70_000)}`
  for (let i = 0; i < 3; i += 1) {
    expect((await query(conditional, { yes: true })).data).toEqual({ isCompiled: false })
    expect((await query(conditional, { yes: false })).data).toEqual({})
    expect((await query(several)).errors).toHaveLength(1)
    expect((await query(large)).data).toEqual({ isCompiled: false })
  }
})

test('errors of compiled code look as all others do: code, path and place', async () => {
  const { query } = await startGateway()
  const document = `query ($id: ID!) {
    account(id: "${'a'.repeat(32)}") {
      tag
      wrong: userGroup(id: $id) { name }
    }
  }`
  const first = await query(document, { id: 'no id' })
  const second = await query(document, { id: 'no id' })
  expect(first.errors).toMatchObject([
    {
      path: ['account', 'wrong'],
      locations: [{ line: 4, column: 7 }],
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ])
  expect(second.errors).toEqual(first.errors)
  expect(second.data).toEqual(first.data)
  const refused = await query(document, {})
  expect([refused.status, refused.errors]).toMatchObject([
    400,
    [{ message: expect.stringContaining('Variable "$id" of required type "ID!" was not provided') }],
  ])
})

test('a leaf that is not of its type is refused in the words of graphql-js, and its query not compiled any more', async () => {
  const { query } = await startGateway({ schema: schemaThatTells() })
  const document = 'query ($text: String!) { isCompiled number(text: $text) }'
  expect((await query(document, { text: '1' })).data).toEqual({ isCompiled: false, number: 1 })
  expect((await query(document, { text: '2' })).data).toEqual({ isCompiled: true, number: 2 })
  const wrong = await query(document, { text: 'one' })
  expect(wrong.data).toEqual({ isCompiled: false, number: null })
  expect(wrong.errors).toMatchObject([{ path: ['number'], locations: [{ line: 1, column: 37 }] }])
  expect((await query(document, { text: '3' })).data).toEqual({ isCompiled: false, number: 3 })
})

test('a status that nobody knows costs compiled code no REST call and no second word of what is missing', async () => {
  const lines: Record<string, unknown>[] = []
  const gateway = await startGateway({
    sandbox: { seed: { userGroups: 3, members: 9 } },
    config: { restRetries: 0 },
    log: (line) => lines.push(line),
  })
  const { sandbox, query } = gateway
  const { data } = await query<{
    readonly account: { readonly userGroups: { readonly nodes: readonly { readonly tag: string }[] } }
  }>('query ($account: ID!) { account(id: $account) { userGroups { nodes { tag } } } }', {
    account: sandbox.accountTag,
  })
  const [broken, odd] = data.account.userGroups.nodes
  const member = 'f'.repeat(32)
  sandbox.setFaults([
    { path: `*/user_groups/${broken?.tag}/members`, respond: [500], repeat: true },
    {
      path: `*/user_groups/${odd?.tag}/members`,
      respond: [
        { body: { success: true, result: [{ id: member, email: 'a@b.example', status: 'asleep' }] } },
      ],
      repeat: true,
    },
    {
      path: `*/members/${member}`,
      respond: [
        { body: { success: true, result: { id: member, email: 'a@b.example', status: 'accepted' } } },
      ],
      repeat: true,
    },
  ])
  const document = `query ($account: ID!, $member: ID!) {
    account(id: $account) {
      member(id: $member) {
        email
        userGroups(allowIncomplete: true) { nodes { tag members { nodes { email status } } } }
      }
    }
  }`
  const ask = async () => {
    sandbox.clearRequests()
    lines.length = 0
    const answer = await query(document, { account: sandbox.accountTag, member })
    expect(answer.errors).toBeUndefined()
    return {
      data: answer.data,
      extensions: answer.extensions,
      calls: gateway.requests().toSorted(),
      words: lines.filter(({ enum: name }) => name === 'MemberStatus').length,
    }
  }
  const first = await ask()
  expect(first.data).toEqual({
    account: {
      member: {
        email: 'a@b.example',
        userGroups: {
          nodes: [{ tag: odd?.tag, members: { nodes: [{ email: 'a@b.example', status: null }] } }],
        },
      },
    },
  })
  expect(first.extensions?.incomplete).toHaveLength(1)
  expect(first.calls).toHaveLength(5)
  expect(first.words).toBe(1)
  expect(await ask()).toEqual(first)
  expect(await ask()).toEqual(first)
})
