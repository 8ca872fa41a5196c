import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cursor, decodeCursor, encodeCursor, listHash, rowMark } from '../../src/paging/cursor.ts'
import { InvalidArgument } from '../../src/paging/invalid-argument.ts'
import { propertyRuns } from '../support/property-runs.ts'

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const cursors: fc.Arbitrary<Cursor> = fc.record({
  offset: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  fromEnd: fc.boolean(),
  mark: fc.stringMatching(/^[0-9a-f]{32}$/),
  before: fc.array(uint32, { maxLength: 4 }),
  after: fc.array(uint32, { maxLength: 4 }),
})
const runs = propertyRuns(2_000)

test('a cursor comes back as it went', () => {
  fc.assert(
    fc.property(cursors, uint32, (cursor, hash) => {
      expect(decodeCursor(encodeCursor(hash, cursor), hash, 'after')).toEqual(cursor)
    }),
    runs,
  )
})

test('a cursor remembers the four nearest rows on each side', () => {
  const cursor = {
    offset: 7,
    fromEnd: false,
    mark: rowMark('row'),
    before: [1, 2, 3, 4, 5],
    after: [6, 7, 8, 9, 10],
  }
  expect(decodeCursor(encodeCursor(1, cursor), 1, 'after')).toMatchObject({
    before: [1, 2, 3, 4],
    after: [6, 7, 8, 9],
  })
})

test('a cursor of another list, filter or order is refused by the name of its argument', () => {
  const text = encodeCursor(listHash('user_groups'), {
    offset: 0,
    fromEnd: false,
    mark: rowMark('a'),
    before: [],
    after: [],
  })
  expect(() => decodeCursor(text, listHash('user_groups?name=x'), 'before')).toThrow(
    expect.objectContaining({
      name: 'InvalidArgument',
      argument: 'before',
      message: expect.stringContaining('another list'),
    }),
  )
  expect(decodeCursor(text, undefined, 'before')).toMatchObject({ offset: 0 })
})

test('a changed cursor is refused, or is another cursor in good form', () => {
  const change = fc.record({
    at: fc.nat({ max: 90 }),
    remove: fc.nat({ max: 3 }),
    insert: fc.string({ maxLength: 3 }),
  })
  fc.assert(
    fc.property(cursors, uint32, change, (cursor, hash, { at, remove, insert }) => {
      const text = encodeCursor(hash, cursor)
      const changed = text.slice(0, at) + insert + text.slice(at + remove)
      fc.pre(changed !== text)
      let decoded: Cursor
      try {
        decoded = decodeCursor(changed, hash, 'after')
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidArgument)
        return
      }
      // Every cursor has one text alone.
      expect(encodeCursor(hash, decoded)).toBe(changed)
    }),
    runs,
  )
})

test('a place that no list has is refused', () => {
  const cursor = { offset: 2 ** 31, fromEnd: false, mark: rowMark('row'), before: [], after: [] }
  expect(() => decodeCursor(encodeCursor(1, cursor), 1, 'after')).toThrow(InvalidArgument)
})

test('any other text is refused', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.base64String(), fc.constantFrom('', ' ', '0', 'YXJyYXk6MQ==')),
      (text) => {
        expect(() => decodeCursor(text, 1, 'after')).toThrow(InvalidArgument)
      },
    ),
    runs,
  )
})

test('a tag is its own mark, any other key a digest of the same form', () => {
  const tag = 'c4a7362d577a6c3019a474fd6f485821'
  expect(rowMark(tag)).toBe(tag)
  expect(rowMark('group:1')).toMatch(/^[0-9a-f]{32}$/)
  expect(rowMark('group:1')).not.toBe(rowMark('group:2'))
})
