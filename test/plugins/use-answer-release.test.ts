import type { ExecutionResult } from 'graphql'
import { createSchema, createYoga, type Plugin } from 'graphql-yoga'
import { expect, onTestFinished, test } from 'vitest'
import { useAnswerRelease } from '../../src/plugins/use-answer-release.ts'

const typeDefs = /* GraphQL */ `
  type Query { groups(count: Int!): [Group!]!, failing: Group, name: String }
  type Group { name: String!, members: [Member!]! }
  type Member { email: String! }
`

/** Answers a query, and tells what is left of its result afterwards. */
async function answer(query: string) {
  let result: ExecutionResult | undefined
  const watching: Plugin = {
    onExecute: () => ({
      onExecuteDone(done) {
        if ('data' in done.result) result = done.result
      },
    }),
  }
  const members = async () => [{ email: 'ann@example.com' }, { email: 'bob@example.com' }]
  const yoga = createYoga({
    schema: createSchema({
      typeDefs,
      resolvers: {
        Query: {
          groups: async (_root, { count }) =>
            Array.from({ length: count }, (_, index) => ({ name: `Group ${index}`, members })),
          failing: () => Promise.reject(new Error('no')),
          name: () => 'Acme',
        },
      },
    }),
    plugins: [watching, useAnswerRelease()],
    logging: false,
  })
  onTestFinished(() => void yoga.dispose())
  const response = await yoga.fetch('http://yoga.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return { told: await response.json(), left: result?.data }
}

test('an answer is told whole, and its data taken apart', async () => {
  const { told, left } = await answer('{ name groups(count: 2) { name members { email } } }')
  const members = [{ email: 'ann@example.com' }, { email: 'bob@example.com' }]
  const groups = [0, 1].map((index) => ({ name: `Group ${index}`, members }))
  expect(told).toEqual({ data: { name: 'Acme', groups } })
  expect(left).toEqual({ name: 'Acme', groups: null })
})

test('a large one is told whole, too', async () => {
  const { told, left } = await answer('{ groups(count: 1000) { members { email } } }')
  expect(told).toMatchObject({ data: { groups: { length: 1_000 } } })
  expect(JSON.stringify(told).match(/bob@/g)).toHaveLength(1_000)
  expect(left).toEqual({ groups: null })
})

test('one with errors, and one without data, are left to who reads them', async () => {
  const partial = await answer('{ name failing { name } }')
  expect(partial.told).toMatchObject({
    data: { name: 'Acme', failing: null },
    errors: [{ path: ['failing'] }],
  })
  const refused = await answer('{ unknown }')
  expect(refused).toMatchObject({ told: { errors: [{}] }, left: undefined })
})
