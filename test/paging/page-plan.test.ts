import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type PageSizes,
  pageEnd,
  pageOffset,
  planAround,
  planPages,
  planRanges,
  type RowRange,
} from '../../src/paging/page-plan.ts'
import { propertyRuns } from '../support/property-runs.ts'

const userGroups = { min: 1, max: 500, default: 100 }
const permissionGroups = { min: 5, max: 50, default: 20 }

test('a window that straddles the default pages is one page of another size', () => {
  expect(planPages({ offset: 29, limit: 20 }, userGroups)).toHaveLength(1)
  expect(planPages({ offset: 29, limit: 20 }, permissionGroups)).toHaveLength(1)
})

test('a first window asks for no more rows than it needs', () => {
  expect(planPages({ offset: 0, limit: 20 }, userGroups)).toEqual([{ page: 1, perPage: 20 }])
  expect(planPages({ offset: 0, limit: 1 }, permissionGroups)).toEqual([{ page: 1, perPage: 5 }])
  expect(planPages({ offset: 0, limit: 100 }, permissionGroups)).toEqual([
    { page: 1, perPage: 50 },
    { page: 2, perPage: 50 },
  ])
})

test('an empty window needs no page', () => {
  expect(planPages({ offset: 7, limit: 0 }, userGroups)).toEqual([])
})

const sizes = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 21 }))
  .map(([min, more]): PageSizes => ({ min, max: min + more, default: min }))
const range = fc.record({ offset: fc.integer({ min: 0, max: 120 }), limit: fc.integer({ min: 1, max: 90 }) })

test('the pages hold the whole range and are as few as brute force can find', () => {
  fc.assert(
    fc.property(range, sizes, (wanted, allowed) => {
      const pages = planPages(wanted, allowed)
      const held = new Set(
        pages.flatMap((page) => Array.from({ length: page.perPage }, (_, i) => pageOffset(page) + i)),
      )
      for (let row = wanted.offset; row < wanted.offset + wanted.limit; row += 1)
        expect(held.has(row)).toBe(true)
      for (const page of pages) {
        expect(page.perPage).toBeGreaterThanOrEqual(allowed.min)
        expect(page.perPage).toBeLessThanOrEqual(allowed.max)
      }
      expect(pages.length).toBe(fewestPages(wanted, allowed))
    }),
    propertyRuns(3_000),
  )
})

// Dynamic programming over every page of every size: the number of pages that reach from each row to the end.
function fewestPages(wanted: RowRange, allowed: PageSizes): number {
  const end = wanted.offset + wanted.limit
  const fewest = new Map<number, number>()
  for (let row = end - 1; row >= wanted.offset; row -= 1) {
    let best = Number.POSITIVE_INFINITY
    for (let perPage = allowed.min; perPage <= allowed.max; perPage += 1) {
      const reach = (Math.floor(row / perPage) + 1) * perPage
      best = Math.min(best, 1 + (reach >= end ? 0 : (fewest.get(reach) ?? Number.POSITIVE_INFINITY)))
    }
    fewest.set(row, best)
  }
  return fewest.get(wanted.offset) ?? 0
}

test('the page around a row holds it, and shows at least a quarter page on both sides or reaches the start', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), (offset) => {
      const page = planAround(offset, permissionGroups)
      const start = pageOffset(page)
      expect(start).toBeLessThanOrEqual(offset)
      expect(start + page.perPage).toBeGreaterThan(offset)
      if (start > 0) expect(offset - start).toBeGreaterThanOrEqual(12)
      if (offset >= 50) expect(start + page.perPage - 1 - offset).toBeGreaterThanOrEqual(12)
    }),
    propertyRuns(2_000),
  )
})

test('the page around a row goes as far as it can where rows on one side were read already', () => {
  const below = planAround(1_000, permissionGroups, { below: 0, above: 100 })
  expect(1_000 - pageOffset(below)).toBeGreaterThanOrEqual(25)
  expect(pageEnd(below)).toBeGreaterThanOrEqual(1_000)
  const above = planAround(1_000, permissionGroups, { below: 100, above: 0 })
  expect(pageEnd(above) - 1_000).toBeGreaterThanOrEqual(25)
  expect(pageOffset(above)).toBeLessThanOrEqual(1_001)
})

test('near the start, the page around a row begins with the list and goes far beyond the row', () => {
  expect(planAround(3, permissionGroups)).toEqual({ page: 1, perPage: 50 })
})

test('ranges share pages where that saves one', () => {
  const ranges = (...pairs: readonly (readonly [number, number])[]) =>
    planRanges(
      pairs.map(([offset, limit]) => ({ offset, limit })),
      permissionGroups,
    )
  expect(ranges([0, 10], [30, 15])).toEqual([{ page: 1, perPage: 45 }])
  expect(ranges([0, 30], [40, 20], [70, 30])).toHaveLength(2)
  expect(ranges([0, 10], [200, 10])).toEqual([
    { page: 1, perPage: 10 },
    { page: 21, perPage: 10 },
  ])
})
