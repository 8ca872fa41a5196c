import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'

test('a document is refused the second time as it was the first', async () => {
  const { query } = await startGateway()
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const [first, second] = [
      await query('{ unknown }', {}, { accept }),
      await query('{ unknown }', {}, { accept }),
    ]
    expect(first.errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
    expect(second.errors).toEqual(first.errors)
    expect([first.status, second.status]).toEqual(accept === 'application/json' ? [200, 200] : [400, 400])
  }
})

test('a document that was valid stays so, also where its operations are asked for by name', async () => {
  const { query } = await startGateway()
  for (let time = 0; time < 3; time += 1)
    expect((await query('query A { __typename }')).data).toEqual({ __typename: 'Query' })
})
