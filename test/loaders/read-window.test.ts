import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type RowWindow, readWindow } from '../../src/loaders/read-window.ts'
import { encodeCursor } from '../../src/paging/cursor.ts'
import { parseWindow } from '../../src/paging/window.ts'
import { planWindow } from '../../src/paging/window-plan.ts'
import {
  asDocumented,
  everything,
  fewestPages,
  keyOf,
  keys,
  openList,
  places,
  type Upstream,
  upstreamOf,
  upstreams,
} from './list-upstream.ts'
import {
  anyWindow,
  cursorsOf,
  listHash,
  read,
  runs,
  shown,
  sides,
  sizes,
  slice,
  windowBetween,
} from './windows.ts'

test('a window is the slice of the list, whatever the pages are', async () => {
  await fc.assert(
    fc.asyncProperty(upstreams, ...anyWindow, async (upstream, size, from, after, before) => {
      const { window, indexes } = await windowBetween(upstream, { size, from }, { after, before })
      const read = await readWindow(openList(upstream), window, everything)
      expect(shown(read)).toEqual(slice(upstream.rows, { size, from }, indexes))
      const { length } = upstream.rows
      expect(upstream.tells === 'nothing' ? [null, length] : [length]).toContain(read.totalCount)
    }),
    runs,
  )
})

test('a window of a filtered list is the slice of the rows that match, whether the filter is heeded or not', async () => {
  const filters = fc.record({ every: fc.integer({ min: 1, max: 9 }), isHeeded: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      upstreams.filter(({ tells, cap, sizes }) => tells !== 'total' || cap >= sizes.max),
      filters,
      ...anyWindow,
      async (plain, { every, isHeeded }, size, from, after, before) => {
        const matches = (row: string) => Number.parseInt(row, 16) % every === 0
        const upstream = { ...plain, filter: { matches, isHeeded }, calls: [] }
        const { window, indexes } = await windowBetween(upstream, { size, from }, { after, before })
        const read = await readWindow(openList(upstream), window, everything)
        expect(shown(read)).toEqual(slice(upstream.rows.filter(matches), { size, from }, indexes))
        expect(read.totalCount).toBeNull()
      },
    ),
    runs,
  )
})

test('a window takes the fewest calls that its pages allow, as planned, and no more than going page by page', async () => {
  await fc.assert(
    fc.asyncProperty(
      upstreams.map(asDocumented),
      sizes,
      sides,
      places,
      async (upstream, size, from, place) => {
        const forwards = place && { ...place, backwards: false }
        const cursor = from === 'start' ? { after: forwards } : { before: forwards }
        const { window, indexes } = await windowBetween(upstream, { size, from }, cursor)
        const list = openList(upstream)
        const plan = planWindow(window, list.traits, everything)
        await readWindow(list, window, everything)
        const { calls, sizes, tells, reversible, rows } = upstream
        const doubt = isDoubtful(upstream) ? 1 : 0
        expect(list.unplannedCalls).toBe(Math.max(0, calls.length - plan.calls))
        if (!plan.openEnded) expect(list.unplannedCalls).toBeLessThanOrEqual(doubt)

        // Rows are counted from where the reader starts. Without a total, one more has to tell whether there are others.
        const isFromEnd = from === 'end' && indexes.before === undefined
        const probe = tells === 'nothing' && (from === 'start' || isFromEnd) ? 1 : 0
        const end =
          indexes.before === undefined ? (indexes.after ?? -1) + 1 + size + probe : indexes.before + 1
        const isWalk = isFromEnd && !reversible
        const isToTheEnd = isWalk || (end > rows.length && tells === 'nothing')
        const pageByPage = isToTheEnd
          ? Math.floor(rows.length / sizes.max) + 1
          : Math.max(1, Math.ceil(Math.min(end, rows.length) / sizes.max))
        expect(calls.length).toBeLessThanOrEqual(pageByPage + doubt)

        if (tells === 'nothing' || isWalk) return
        const start = from === 'end' && !isFromEnd ? Math.max(0, end - 1 - size) : (indexes.after ?? 0)
        if (end <= rows.length) expect(calls).toHaveLength(Math.max(1, fewestPages([[start, end]], sizes)))
        if (isFromEnd) return
        // Where the length is known beforehand, from a smallest page, no call goes beyond it.
        const known = openList(upstream)
        await readWindow(known, window, { rows: false, more: false, totalCount: true })
        calls.length = 0
        await readWindow(known, window, everything)
        const missing = [Math.max(start, sizes.min), Math.min(end, rows.length)] as const
        expect(calls).toHaveLength(fewestPages([missing], sizes))
      },
    ),
    runs,
  )
})

// As many rows as an unasked page has, fewer than asked for, and not a word on it: one call more tells whether that was all.
function isDoubtful({ calls, tells, sizes }: Upstream): boolean {
  return tells === 'nothing' && calls.some(({ perPage, count }) => count === sizes.default && count < perPage)
}

test('what is not asked for is not read, and what is asked for is the same', async () => {
  const needs = fc.record({ rows: fc.boolean(), more: fc.boolean(), totalCount: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      upstreams.map(asDocumented),
      ...anyWindow,
      needs,
      async (upstream, size, from, after, before, needs) => {
        const { window } = await windowBetween(upstream, { size, from }, { after, before })
        const { calls } = upstream
        const whole = await readWindow(openList(upstream), window, everything)
        const wholeCalls = calls.length
        calls.length = 0
        const list = openList(upstream)
        const part = await readWindow(list, window, needs)
        expect(calls.length).toBeLessThanOrEqual(wholeCalls + (isDoubtful(upstream) ? 1 : 0))
        if (!isDoubtful(upstream) && !planWindow(window, list.traits, needs).openEnded)
          expect(list.unplannedCalls).toBe(0)
        const isAhead = ({ hasNextPage, hasPreviousPage }: RowWindow<string>) =>
          from === 'start' ? hasNextPage : hasPreviousPage
        if (needs.rows) expect(shown(part).rows).toEqual(shown(whole).rows)
        if (needs.more) expect(isAhead(part)).toBe(isAhead(whole))
        if (needs.totalCount && upstream.tells !== 'nothing') expect(part.totalCount).toBe(whole.totalCount)
      },
    ),
    runs,
  )
})

const userGroups = { min: 1, max: 500, default: 100 }

test('any window of a long sorted list is one call', async () => {
  const upstream = upstreamOf({ rows: keys(10_000), sizes: userGroups, reversible: true })
  const near = (await cursorsOf(upstream, 29))(28)
  const far = encodeCursor(listHash, (await read(upstream, { last: 1 })).cursorAt(0))
  upstream.calls.length = 0
  expect((await read(upstream, { first: 20, after: near })).rows[0]).toBe(keyOf(29))
  expect((await read(upstream, { last: 20 })).rows[0]).toBe(keyOf(9_980))
  expect((await read(upstream, { last: 20, before: far })).rows[0]).toBe(keyOf(9_979))
  expect((await read(upstream, { last: 20, before: near })).rows[0]).toBe(keyOf(8))
  expect(upstream.calls).toHaveLength(4)
})

test('the end of an unsorted list is two calls where its length is told, and a walk elsewhere', async () => {
  const permissionGroups = { rows: keys(430), sizes: { min: 5, max: 50, default: 20 } }
  for (const [tells, calls] of [
    ['total', 2],
    ['nothing', 9],
  ] as const) {
    const upstream = upstreamOf({ ...permissionGroups, tells })
    const list = openList(upstream)
    const { rows } = await readWindow(list, parseWindow({ last: 20 }, listHash), everything)
    expect(rows).toEqual(upstream.rows.slice(-20))
    expect(upstream.calls).toHaveLength(calls)
    expect(list.unplannedCalls).toBe(calls - 1)
  }
})

test('a filter that is seen to be ignored is made up for with the largest pages', async () => {
  const filter = { matches: (row: string) => Number.parseInt(row, 16) % 100 === 99, isHeeded: false }
  const upstream = upstreamOf({ rows: keys(1_990), sizes: userGroups, filter })
  const list = openList(upstream)
  const { rows, hasNextPage } = await readWindow(list, parseWindow({ first: 20 }, listHash), everything)
  expect([rows.length, hasNextPage]).toEqual([19, false])
  expect(upstream.calls).toHaveLength(5)
  expect(list.unplannedCalls).toBe(4)
})

test('what a caller does not allow beyond the plan is not called', async () => {
  const upstream = upstreamOf({ rows: keys(430), tells: 'nothing' })
  const list = {
    ...openList(upstream),
    beforeWalk: () => {
      throw new Error('too dear')
    },
  }
  await expect(readWindow(list, parseWindow({ last: 20 }, listHash), everything)).rejects.toThrow('too dear')
  expect(upstream.calls).toHaveLength(1)
})
