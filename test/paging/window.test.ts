import { expect, test } from 'vitest'
import { encodeCursor, rowMark } from '../../src/paging/cursor.ts'
import { InvalidArgument } from '../../src/paging/invalid-argument.ts'
import { type ConnectionArguments, parseWindow } from '../../src/paging/window.ts'

const cursor = { offset: 3, fromEnd: false, mark: rowMark('row'), before: [1], after: [2] }
const text = encodeCursor(7, cursor)

test('a window is the first 20 rows unless told otherwise', () => {
  const plain = { size: 20, from: 'start', after: undefined, before: undefined }
  expect(parseWindow({}, 7)).toEqual(plain)
  expect(parseWindow({ first: null, last: null, after: null, before: null }, 7)).toEqual(plain)
})

test('first counts from the start, last from the end, and cursors bound both', () => {
  expect(parseWindow({ first: 0, after: text }, 7)).toEqual({
    size: 0,
    from: 'start',
    after: cursor,
    before: undefined,
  })
  expect(parseWindow({ last: 500, before: text }, 7)).toEqual({
    size: 500,
    from: 'end',
    after: undefined,
    before: cursor,
  })
  expect(parseWindow({ after: text, before: text }, 7)).toMatchObject({ size: 20, from: 'start' })
})

test.each([
  ['last', { first: 1, last: 1 }],
  ['first', { first: -1 }],
  ['first', { first: 501 }],
  ['last', { last: 501 }],
  ['after', { after: 'x' }],
  ['before', { before: encodeCursor(8, cursor) }],
] satisfies [string, ConnectionArguments][])('%s is to blame in %j', (argument, args) => {
  expect(() => parseWindow(args, 7)).toThrow(InvalidArgument)
  expect(() => parseWindow(args, 7)).toThrow(expect.objectContaining({ argument }))
})

test('where the list is not known yet, a cursor of any list is taken', () => {
  expect(parseWindow({ after: text }, undefined).after).toEqual(cursor)
})
