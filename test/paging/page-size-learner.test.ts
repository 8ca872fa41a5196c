import { expect, test } from 'vitest'
import { type PageReport, PageSizeLearner } from '../../src/paging/page-size-learner.ts'

const documented = { min: 5, max: 50, default: 20 }

function learnerWith(learnt?: number) {
  let max = learnt
  const kept = {
    get: () => max,
    set: (perPage: number) => {
      max = perPage
    },
  }
  return { ...kept, learner: new PageSizeLearner(documented, kept) }
}

function page(page: number, perPage: number, report: Partial<PageReport>): PageReport {
  return { asked: { page, perPage }, count: perPage, told: undefined, total: undefined, ...report }
}

test('a full page is as large as asked for, and so is a short one at the end of the list', () => {
  const { learner } = learnerWith()
  expect(learner.sizeOf(page(1, 30, {}))).toBe(30)
  expect(learner.sizeOf(page(3, 30, { count: 10, total: 70 }))).toBe(30)
  expect(learner.sizeOf(page(1, 30, { count: 0 }))).toBe(30)
  expect(learner.sizeOf(page(1, 30, { count: 7 }))).toBe(30)
})

test('a page is as large as it is told to be, unless its total says otherwise', () => {
  const { learner } = learnerWith()
  expect(learner.sizeOf(page(2, 50, { count: 25, told: 25, total: 130 }))).toBe(25)
  expect(learner.sizeOf(page(2, 50, { count: 3, told: 25 }))).toBe(25)
  expect(learner.sizeOf(page(1, 50, { count: 25, told: 50, total: 130 }))).toBeUndefined()
})

test('more rows than asked for are the size that comes unasked', () => {
  const { learner } = learnerWith()
  expect(learner.sizeOf(page(1, 5, { count: 20 }))).toBe(20)
  expect(learner.sizeOf(page(2, 5, { count: 11 }))).toBe(20)
  expect(learner.sizeOf(page(1, 5, { count: 11, total: 40 }))).toBe(11)
})

test('fewer rows than the total has left are left open, and so are as many as come unasked where nothing is told', () => {
  const { learner } = learnerWith()
  expect(learner.sizeOf(page(2, 40, { count: 25, total: 130 }))).toBeUndefined()
  expect(learner.sizeOf(page(1, 50, { count: 20 }))).toBeUndefined()
})

test('what was once given in full is heeded', () => {
  const { learner } = learnerWith()
  learner.note(page(1, 40, {}), 40)
  expect(learner.sizeOf(page(2, 40, { count: 20 }))).toBe(40)
  expect(learner.sizeOf(page(2, 50, { count: 20 }))).toBe(50)
  expect(learner.sizeOf(page(2, 30, { count: 20, total: 130 }))).toBe(30)
  expect(learnerWith(50).learner.sizeOf(page(1, 50, { count: 20 }))).toBe(50)
})

test('a smaller size is planned with at once, and kept when the list is seen to go on behind it', () => {
  const { learner, get } = learnerWith()
  learner.note(page(1, 50, { count: 25, total: 130 }), 25)
  expect([learner.sizes().max, learner.changes(), get()]).toEqual([25, 1, undefined])
  learner.note(page(2, 25, { total: 130 }), 25)
  expect([learner.sizes().max, learner.changes(), get()]).toEqual([25, 1, 25])
})

test('a smaller size that the upstream tells of is kept at once where its total goes on', () => {
  const { learner, get } = learnerWith()
  learner.note(page(1, 50, { count: 25, told: 25, total: 130 }), 25)
  expect(get()).toBe(25)
  const last = learnerWith()
  last.learner.note(page(1, 50, { count: 25, told: 25, total: 25 }), 25)
  expect(last.get()).toBeUndefined()
})

test('an upstream that does not listen to sizes is asked for the one that it gives', () => {
  const { learner } = learnerWith()
  learner.note(page(1, 50, { count: 20 }), 20)
  expect(learner.sizes()).toMatchObject({ min: 20, max: 20 })
  expect(learner.usualSizeOf({ page: 3, perPage: 7 })).toBe(20)
})

test('behind a full page of the size that comes unasked, a short one of another size is left open', () => {
  const { learner } = learnerWith()
  learner.note(page(1, 20, {}), 20)
  expect(learner.sizeOf(page(5, 5, { count: 0 }))).toBeUndefined()
  expect(learner.sizeOf(page(2, 20, { count: 3 }))).toBe(20)
  learner.note(page(1, 30, {}), 30)
  expect(learner.sizeOf(page(5, 5, { count: 0 }))).toBe(5)
})

test('sizes that keep changing are not followed for ever', () => {
  const { learner } = learnerWith()
  for (let size = 49; size > 20; size -= 1) learner.note(page(1, 50, { count: size, told: size }), size)
  expect(learner.changes()).toBe(8)
})
