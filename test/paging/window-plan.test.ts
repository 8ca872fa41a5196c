import { expect, test } from 'vitest'
import { type Cursor, rowMark } from '../../src/paging/cursor.ts'
import { planWindow, type WindowNeeds } from '../../src/paging/window-plan.ts'

const userGroups = { sizes: { min: 1, max: 500, default: 100 }, tellsLength: true, reversible: true }
const permissionGroups = { sizes: { min: 5, max: 50, default: 20 }, tellsLength: false, reversible: false }
const inHand = { sizes: undefined, tellsLength: true, reversible: false }

const rows: WindowNeeds = { rows: true, more: false, totalCount: false }
const rowsAndMore: WindowNeeds = { rows: true, more: true, totalCount: false }

const cursorAt = (offset: number, fromEnd = false): Cursor => ({
  offset,
  fromEnd,
  mark: rowMark('row'),
  before: [],
  after: [],
})
const first = (size: number, after?: Cursor, before?: Cursor) =>
  ({ size, from: 'start', after, before }) as const
const last = (size: number, before?: Cursor, after?: Cursor) =>
  ({ size, from: 'end', after, before }) as const

test('a window of user groups is one call, of any size and anywhere', () => {
  expect(planWindow(first(20), userGroups, rowsAndMore).calls).toBe(1)
  expect(planWindow(first(500), userGroups, rowsAndMore).calls).toBe(1)
  expect(planWindow(first(20, cursorAt(28)), userGroups, rowsAndMore).calls).toBe(1)
  expect(planWindow(last(20), userGroups, rowsAndMore)).toMatchObject({
    calls: 1,
    fromEnd: true,
    openEnded: false,
  })
  expect(planWindow(last(20, cursorAt(40)), userGroups, rowsAndMore)).toMatchObject({
    calls: 1,
    from: 20,
    to: 41,
  })
})

test('a hundred permission groups are two calls, and a third tells whether there are more', () => {
  expect(planWindow(first(100), permissionGroups, rows).calls).toBe(2)
  expect(planWindow(first(100), permissionGroups, rowsAndMore).calls).toBe(3)
})

test('a row more is only read where no total tells whether there are any', () => {
  expect(planWindow(first(20), userGroups, rowsAndMore)).toMatchObject({ from: 0, to: 20 })
  expect(planWindow(first(20), permissionGroups, rowsAndMore)).toMatchObject({ from: 0, to: 21, calls: 1 })
  expect(planWindow(first(20), permissionGroups, rows)).toMatchObject({ from: 0, to: 20, calls: 1 })
})

test("the cursor's own row is read along", () => {
  expect(planWindow(first(5, cursorAt(9)), userGroups, rows)).toMatchObject({ from: 9, to: 15 })
  expect(planWindow(last(5, cursorAt(9)), userGroups, rows)).toMatchObject({ from: 4, to: 10 })
})

test('backwards, a row more goes along where it may be needed and costs no call', () => {
  expect(planWindow(last(5, cursorAt(29)), permissionGroups, rowsAndMore)).toMatchObject({
    from: 23,
    to: 30,
    calls: 1,
  })
  expect(planWindow(last(49, cursorAt(99)), permissionGroups, rowsAndMore)).toMatchObject({
    from: 50,
    to: 100,
    calls: 1,
  })
})

test('the other cursor bounds what is read', () => {
  expect(planWindow(first(500, cursorAt(9), cursorAt(12)), userGroups, rows)).toMatchObject({
    from: 9,
    to: 13,
  })
  expect(planWindow(last(500, cursorAt(12), cursorAt(9)), userGroups, rows)).toMatchObject({
    from: 9,
    to: 13,
  })
  expect(planWindow(first(500, undefined, cursorAt(3)), permissionGroups, rows)).toMatchObject({
    to: 4,
    calls: 1,
  })
})

test('the end of a list that only goes forwards is looked for, at an unknown price', () => {
  expect(planWindow(last(20), permissionGroups, rows)).toMatchObject({
    calls: 1,
    openEnded: true,
    fromEnd: false,
  })
})

test('a cursor that counts from the end is followed in the reverse order', () => {
  const plan = planWindow(first(5, cursorAt(20, true)), userGroups, rows)
  expect(plan).toMatchObject({ fromEnd: true, ascending: false, from: 15, to: 21 })
  expect(planWindow(first(5, cursorAt(20, true)), permissionGroups, rows).fromEnd).toBe(false)
})

test('what is not asked for is not paid for', () => {
  const nothing = { rows: false, more: false, totalCount: false }
  expect(planWindow(first(500), permissionGroups, nothing).calls).toBe(0)
  expect(planWindow(first(500), permissionGroups, { ...nothing, totalCount: true }).calls).toBe(1)
  expect(planWindow(first(0), permissionGroups, rows).calls).toBe(0)
  expect(planWindow(first(0), userGroups, { ...rows, totalCount: true }).calls).toBe(1)
  expect(planWindow(first(0), userGroups, rowsAndMore).calls).toBe(1)
  const accounts = { ...permissionGroups, tellsLength: true }
  expect(planWindow(first(500), accounts, { ...nothing, more: true })).toMatchObject({ calls: 1, size: 0 })
})

test('rows that are in hand cost nothing', () => {
  for (const window of [first(500), last(500), first(5, cursorAt(3)), last(5, cursorAt(3))]) {
    expect(planWindow(window, inHand, { ...rowsAndMore, totalCount: true })).toMatchObject({
      calls: 0,
      openEnded: false,
    })
  }
})
