import { expect, test } from 'vitest'
import { createBill, type TagLoad } from '../../src/cost/bill.ts'

const load: TagLoad = {
  list: 'Member/a1',
  lists: 1,
  path: 'nodes',
  listing: 'paged',
  tags: [],
  isLater: false,
}

function priceOf(...loads: readonly Partial<TagLoad>[]) {
  const bill = createBill()
  for (const one of loads) bill.addTags({ ...load, ...one })
  const { calls, atLeast } = bill.total()
  return { calls, atLeast }
}

test('nothing asked costs nothing', () => {
  expect(createBill().total()).toEqual({ calls: 0, atLeast: false, fields: [] })
})

test('equal calls are made once; of two prices for them the higher counts', () => {
  const bill = createBill()
  bill.addCalls('list', 'a', 2)
  bill.addCalls('list', 'b', 3)
  bill.addCalls('list', 'c', 1)
  expect(bill.total()).toEqual({ calls: 3, atLeast: false, fields: [{ path: 'b', calls: 3 }] })
})

test('fields are told by path, dearest first, without those that cost nothing', () => {
  const bill = createBill()
  bill.addCalls('one', 'cheap', 1)
  bill.addCalls('two', 'dear', 4)
  bill.addCalls('three', 'dear', 5)
  bill.addCalls('four', 'free', 0)
  expect(bill.total().fields).toEqual([
    { path: 'dear', calls: 9 },
    { path: 'cheap', calls: 1 },
  ])
})

test('endlessly many calls are left to the upstream to tell', () => {
  const bill = createBill()
  bill.addCalls('list', 'a', Number.POSITIVE_INFINITY)
  bill.addCalls('other', 'b', 1)
  expect(bill.total()).toEqual({ calls: 1, atLeast: true, fields: [{ path: 'b', calls: 1 }] })
})

test('an unknown marks the price', () => {
  const bill = createBill()
  bill.addUnknown()
  expect(bill.total()).toEqual({ calls: 0, atLeast: true, fields: [] })
})

test('up to three tags of a paged kind cost a call each, more cost a look at the list and what that tells', () => {
  expect(priceOf({ tags: ['1', '2', '3'] })).toEqual({ calls: 3, atLeast: false })
  expect(priceOf({ tags: ['1', '2', '3', '4'] })).toEqual({ calls: 1, atLeast: true })
})

test('tags of a kind that is listed whole cost one call', () => {
  expect(priceOf({ listing: 'whole', tags: ['1'] })).toEqual({ calls: 1, atLeast: false })
  expect(priceOf({ listing: 'whole', tags: ['1', '2', '3', '4'] })).toEqual({ calls: 1, atLeast: false })
})

test('tags of a kind that is never listed cost a call each', () => {
  expect(priceOf({ listing: 'never', tags: ['1', '2', '3', '4', '5'] })).toEqual({ calls: 5, atLeast: false })
})

test('a tag that several fields ask for counts once', () => {
  expect(priceOf({ tags: ['1', '2'] }, { tags: ['2'], path: 'other' })).toEqual({ calls: 2, atLeast: false })
})

test('tags of two lists are apart', () => {
  expect(priceOf({ tags: ['1', '2'] }, { list: 'Member/a2', tags: ['1', '2'] })).toEqual({
    calls: 4,
    atLeast: false,
  })
})

test('a tag that is asked for later comes alone, unless it was asked for before', () => {
  expect(priceOf({ tags: ['1'] }, { tags: ['1', '2'], isLater: true })).toEqual({ calls: 2, atLeast: false })
})

test('many at once and one later are a look at the list and a call', () => {
  expect(priceOf({ tags: ['1', '2', '3', '4'] }, { tags: ['5'], isLater: true })).toEqual({
    calls: 2,
    atLeast: true,
  })
})

test('a known tag may be asked for in each of several accounts', () => {
  expect(priceOf({ lists: 20, tags: ['1'], isLater: true })).toEqual({ calls: 20, atLeast: false })
})

test('few rows cost a call each at most, many a look at the list and what that tells', () => {
  expect(priceOf({ tags: { key: 'rows', atMost: 2 } })).toEqual({ calls: 2, atLeast: false })
  expect(priceOf({ tags: { key: 'rows', atMost: 40 } })).toEqual({ calls: 1, atLeast: true })
  expect(priceOf({ tags: { key: 'rows', atMost: Number.POSITIVE_INFINITY } })).toEqual({
    calls: 1,
    atLeast: true,
  })
})

test('the same rows count once, others are added', () => {
  const rows = { key: 'rows', atMost: 2 }
  expect(priceOf({ tags: rows }, { tags: rows })).toEqual({ calls: 2, atLeast: false })
  expect(priceOf({ tags: rows }, { tags: { key: 'others', atMost: 2 } })).toEqual({ calls: 4, atLeast: true })
})
