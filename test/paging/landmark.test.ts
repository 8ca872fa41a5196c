import { expect, test } from 'vitest'
import { type Cursor, neighbourMark, rowMark } from '../../src/paging/cursor.ts'
import { findLandmark, type RowFinder } from '../../src/paging/landmark.ts'

const marks = (letters: string) => [...letters].map((letter) => rowMark(letter))

/** A cursor at `e` of `abcdefghi`. */
const cursor: Cursor = {
  offset: 4,
  fromEnd: false,
  mark: rowMark('e'),
  before: marks('dcba').map(neighbourMark),
  after: marks('fghi').map(neighbourMark),
}

function rowsOf(letters: string): RowFinder {
  const found = (index: number) => (index < 0 ? undefined : index)
  return {
    offsetOfMark: (mark) => found(marks(letters).indexOf(mark)),
    offsetOfNeighbour: (hash) => found(marks(letters).map(neighbourMark).indexOf(hash)),
  }
}

test("the cursor's own row is gone by wherever it went with the others", () => {
  expect(findLandmark(cursor, rowsOf('abcdefghi'), 1)).toEqual({ place: 0, offset: 4 })
  expect(findLandmark(cursor, rowsOf('xxabcdxefghi'), 1)).toEqual({ place: 0, offset: 7 })
  expect(findLandmark(cursor, rowsOf('e'), -1)).toEqual({ place: 0, offset: 0 })
  expect(findLandmark(cursor, rowsOf('ed'), 1)).toEqual({ place: 0, offset: 0 })
})

test('where it is gone, the nearest row that was passed is gone by, else the nearest ahead', () => {
  expect(findLandmark(cursor, rowsOf('abcdfghi'), 1)).toEqual({ place: -1, offset: 3 })
  expect(findLandmark(cursor, rowsOf('abcdfghi'), -1)).toEqual({ place: 1, offset: 4 })
  expect(findLandmark(cursor, rowsOf('xabhi'), 1)).toEqual({ place: -3, offset: 2 })
  expect(findLandmark(cursor, rowsOf('xxhi'), 1)).toEqual({ place: 3, offset: 2 })
  expect(findLandmark(cursor, rowsOf('xxhi'), 1, 2)).toBeUndefined()
  expect(findLandmark(cursor, rowsOf('xyz'), 1)).toBeUndefined()
})

test('a row that moved alone is not gone by', () => {
  expect(findLandmark(cursor, rowsOf('abcdfghixxe'), 1)).toEqual({ place: -1, offset: 3 })
  expect(findLandmark(cursor, rowsOf('eabcdfghi'), 1)).toEqual({ place: -1, offset: 4 })
  expect(findLandmark(cursor, rowsOf('abcfghid'), 1)).toEqual({ place: -2, offset: 2 })
})
