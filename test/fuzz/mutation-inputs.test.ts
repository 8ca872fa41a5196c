import fc, { type Arbitrary } from 'fast-check'
import { type GraphQLInputType, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql'
import { expect, test } from 'vitest'
import { buildSchema } from '../../src/schema/schema.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { startSaneGateway } from './sane-gateway.ts'
import { anyId, strangeText } from './strange-values.ts'

const mutations = Object.values(buildSchema().getMutationType()?.getFields() ?? {}).flatMap(
  ({ name, args }) =>
    args.map(({ type }) => ({
      type,
      document: `mutation ($v: ${type}) { ${name}(input: $v) { clientMutationId userErrors { code field message } } }`,
    })),
)

test('no input is too strange for a mutation to refuse it', async () => {
  const { askQuery, gateway } = await startSaneGateway()
  const id = anyId(Object.values(gateway.sandbox.landmarks).filter((tag) => tag !== undefined))
  const cases = mutations.map(({ document, type }) =>
    fc.tuple(
      fc.constant(document),
      fc.oneof({ weight: 9, arbitrary: inputOf(type, id) }, { weight: 1, arbitrary: fc.jsonValue() }),
    ),
  )
  const codes = new Set<string>()
  expect(mutations).toHaveLength(13)
  await fc.assert(
    fc.asyncProperty(fc.oneof(...cases), async ([document, v]) => {
      for (const code of await askQuery(document, { v })) codes.add(code)
    }),
    propertyRuns(4_000),
  )
  expect([...codes]).toEqual(expect.arrayContaining(['none', 'BAD_USER_INPUT']))
}, 60_000)

test('inputs may be nested without end', async () => {
  const { ask } = await startSaneGateway()
  const headers = { 'content-type': 'application/json', authorization: 'Bearer somebody' }
  const nests = [
    ['[', ']'],
    ['{"id":', '}'],
    ['{"scope":', '}'],
  ] as const
  for (const { document } of mutations) {
    for (const [open, close] of nests) {
      for (const depth of [100, 5_000, 50_000]) {
        const value = `${open.repeat(depth)}1${close.repeat(depth)}`
        const body = `{"query": ${JSON.stringify(document)}, "variables": {"v": ${value}}}`
        await ask({ method: 'POST', headers, body })
      }
    }
  }
}, 60_000)

/** Values of a type, most of them with strange texts in the right places. */
function inputOf(type: GraphQLInputType, id: Arbitrary<string>): Arbitrary<unknown> {
  if (isNonNullType(type)) return inputOf(type.ofType, id)
  if (isListType(type)) return fc.array(inputOf(type.ofType, id), { maxLength: 4 })
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields())
    const record = Object.fromEntries(fields.map((field) => [field.name, inputOf(field.type, id)]))
    const requiredKeys = fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name)
    return fc.record(record, { requiredKeys })
  }
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name))
  if (type.name === 'ID') return id
  if (type.name === 'Boolean') return fc.boolean()
  if (type.name === 'DateTime') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  return fc.oneof(strangeText, fc.constant(`${'x'.repeat(91)}@example.com`), fc.domain())
}
