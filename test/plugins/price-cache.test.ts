import { parse } from 'graphql'
import { expect, test, vi } from 'vitest'
import { createPriceCache } from '../../src/plugins/price-cache.ts'
import { buildSchema } from '../../src/schema/schema.ts'

const schema = buildSchema()
const document = parse(/* GraphQL */ `
  query Groups($account: ID!, $first: Int!) {
    account(id: $account) { userGroups(first: $first) { nodes { name } } }
  }
  query Accounts { accounts(first: 1) { nodes { name } } }
`)
const account = 'a'.repeat(32)

function setUp() {
  const caps = new Map<string, number>()
  const get = vi.fn((kind: string) => caps.get(kind))
  const priceOf = createPriceCache()
  const price = (first: number, operationName = 'Groups') =>
    priceOf({ schema, document, operationName, variables: { account, first }, pageCaps: { get } })
  return { caps, get, price }
}

test('an operation is priced once with the same variables', () => {
  const { price } = setUp()
  const first = price(400)
  expect(first.calls).toBe(1)
  expect(price(400)).toBe(first)
})

test('other variables and another operation have prices of their own', () => {
  const { price } = setUp()
  const groups = price(400)
  expect(price(300)).not.toBe(groups)
  expect(price(400, 'Accounts').fields).toEqual([{ path: 'accounts', calls: 1 }])
  expect(price(400)).toBe(groups)
})

test('a price ends with the page sizes that it was computed with', () => {
  const { caps, price } = setUp()
  expect(price(400).calls).toBe(1)
  caps.set('user_groups', 100)
  expect(price(400).calls).toBe(4)
  caps.set('members', 10)
  expect(price(400)).toBe(price(400))
  caps.delete('user_groups')
  expect(price(400).calls).toBe(1)
})

test('no more than a few are kept for a document', () => {
  const { price } = setUp()
  const first = price(1)
  for (let rows = 2; rows <= 40; rows += 1) price(rows)
  expect(price(1)).not.toBe(first)
  expect(price(1)).toEqual(first)
})
