import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { throwingSchema } from '../support/throwing-schema.ts'

test('introspection is refused where it is off', async () => {
  const { query } = await startGateway({ schema: throwingSchema(), config: { introspection: false } })
  const { data, errors } = await query('{ __schema { types { name } } }')
  expect(data).toBeNull()
  expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }, {}])
  expect((await query('{ __type(name: "Query") { name } }')).errors).toHaveLength(1)
})

test('the name of a type stays readable where introspection is off', async () => {
  const { query } = await startGateway({ schema: throwingSchema(), config: { introspection: false } })
  expect((await query('{ __typename stands }')).data).toEqual({ __typename: 'Query', stands: 'still here' })
})

const nearMisses: [string, Record<string, unknown>][] = [
  ['{ stand }', {}],
  ['{ echo(texd: "") }', {}],
  ['{ paint(color: REED) }', {}],
  ['query ($c: Color) { paint(color: $c) }', { c: 'REED' }],
  ['query ($c: Colour) { stands }', {}],
]

test.each(nearMisses)(
  '%j gets no hint at what exists where introspection is off',
  async (document, variables) => {
    const open = await startGateway({ schema: throwingSchema() })
    expect(JSON.stringify(await open.query(document, variables))).toMatch(/Did you mean/)

    const hidden = await startGateway({ schema: throwingSchema(), config: { introspection: false } })
    for (const _ of ['first', 'from the cache of validation']) {
      const { data, errors } = await hidden.query(document, variables)
      expect(data).toBeNull()
      expect(JSON.stringify(errors)).not.toMatch(/Did you mean|stands|"text"|RED\b|"Color"/)
    }
  },
)
