import { buildSchema } from 'graphql'
import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'

/** Its field tells whether compiled code asked for it. */
function schemaThatTells() {
  const schema = buildSchema('type Query { isCompiled(n: Int): Boolean, fails: Int! }')
  const fields = schema.getQueryType()?.getFields()
  if (fields?.isCompiled === undefined) throw new Error('no field isCompiled')
  fields.isCompiled.resolve = () => new Error().stack?.includes('graphql-jit') === true
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
