import { expect, test } from 'vitest'
import { readWindow } from '../../src/loaders/read-window.ts'
import { createWholeList } from '../../src/loaders/whole-list.ts'
import { encodeCursor, neighbourMark } from '../../src/paging/cursor.ts'
import { type ConnectionArguments, parseWindow } from '../../src/paging/window.ts'

const traits = { sizes: undefined, tellsLength: true, reversible: false }
const needs = { rows: true, more: true, totalCount: true }

function read(rows: readonly string[], args: ConnectionArguments, matches?: (row: string) => boolean) {
  const forward = createWholeList(rows, (row) => row)
  const list = {
    traits,
    forward,
    reverse: undefined,
    matches,
    beforeWalk: () => expect.fail('nothing is called'),
  }
  return readWindow(list, parseWindow(args, 0), needs)
}

const letters = [...'abcdefghij']

test('rows that are all in hand are cut to the window', async () => {
  const first = await read(letters, { first: 3 })
  expect(first.rows.join('')).toBe('abc')
  expect(first).toMatchObject({ hasNextPage: true, hasPreviousPage: false, totalCount: 10 })
  const last = await read(letters, { last: 3 })
  expect(last.rows.join('')).toBe('hij')
  expect(last).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
})

test('a cursor finds its place when other rows have come and gone', async () => {
  const after = encodeCursor(0, (await read(letters, { first: 4 })).cursorAt(3))
  const show = async (rows: string) => (await read([...rows], { first: 2, after })).rows.join('')
  expect(await show('abcdefghij')).toBe('ef')
  expect(await show('xyabcdefghij')).toBe('ef')
  expect(await show('cdefghij')).toBe('ef')
  expect(await show('xyabcefghij')).toBe('ef')
  expect(await show('efghij')).toBe('ef')
})

test('a row that repeats counts once', async () => {
  const window = await read(['a', 'b', 'a', 'c'], { first: 10 })
  expect(window.rows).toEqual(['a', 'b', 'c'])
  expect(window.totalCount).toBe(3)
})

test('a filter that was not applied is applied, and nothing is said of the length', async () => {
  const window = await read(letters, { first: 2 }, (row) => 'aei'.includes(row))
  expect(window.rows).toEqual(['a', 'e'])
  expect(window).toMatchObject({ hasNextPage: true, totalCount: null })
})

test('an empty list has no rows and no pages', async () => {
  const window = await read([], { first: 5 })
  expect(window).toMatchObject({
    rows: [],
    hasNextPage: false,
    hasPreviousPage: false,
    totalCount: 0,
  })
  expect(() => window.cursorAt(0)).toThrow(RangeError)
  expect(createWholeList([], String).maxPage()).toBe(1)
})

test('rows are found by their marks', () => {
  const list = createWholeList(letters, (row) => row)
  const mark = list.markOf(list.at(4) ?? expect.fail('no row'))
  expect([list.offsetOfMark(mark), list.offsetOfNeighbour(neighbourMark(mark))]).toEqual([4, 4])
  expect(list.offsetOfMark('f'.repeat(32))).toBeUndefined()
})
