import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readWindow } from '../../src/loaders/read-window.ts'
import { type Cursor, decodeCursor, encodeCursor, neighbourMark } from '../../src/paging/cursor.ts'
import type { PageSizes } from '../../src/paging/page-plan.ts'
import { parseWindow, type Window } from '../../src/paging/window.ts'
import { planWindow } from '../../src/paging/window-plan.ts'
import { everything, keyOf, keys, openList, type Upstream, upstreamOf, upstreams } from './list-upstream.ts'
import { type Bounds, cursorsOf, listHash, read, runs, shown, slice } from './windows.ts'

const userGroups = { min: 1, max: 500, default: 100 }

type Edit = { readonly at: number; readonly kind: 'insert' | 'delete' | 'delete at cursor' }

const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    kind: fc.constantFrom<Edit['kind']>('insert', 'delete', 'delete at cursor'),
  }),
  { maxLength: 4 },
)

test.each(['start', 'end'] as const)(
  'a walk from the %s meets every row that stays, once and in order, while others come and go',
  async (from) => {
    const steps = fc.array(fc.record({ size: fc.integer({ min: 1, max: 40 }), changes: edits }), {
      minLength: 1,
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(
        upstreams.filter(({ fixed }) => fixed === undefined),
        steps,
        async (given, steps) => {
          const upstream: Upstream = { ...given, calls: [] }
          const learnt = new Map<string, number>()
          const met: string[] = []
          let cursor: string | undefined
          for (let page = 0; ; page += 1) {
            const { size, changes } = steps[page % steps.length] ?? { size: 1, changes: [] }
            const place = cursor === undefined ? undefined : decodeCursor(cursor, listHash, 'cursor')
            // The list stands still at last, so that the walk has an end.
            const isMoved = place !== undefined && page < 12 && edit(upstream, changes, { place, size, from })
            const { read, unplannedCalls } = await readPage(upstream, learnt, { size, from, cursor })
            expect(unplannedCalls).toBeLessThanOrEqual(isMoved ? 1 : 0)
            const index = place === undefined ? -1 : upstream.rows.indexOf(place.mark)
            if (index >= 0) {
              const indexes = from === 'start' ? { after: index } : { before: index }
              expect(shown(read)).toEqual(slice(upstream.rows, { size, from }, indexes))
            }
            met.push(...(from === 'start' ? read.rows : read.rows.toReversed()))
            const goesOn = from === 'start' ? read.hasNextPage : read.hasPreviousPage
            if (read.rows.length === 0 || !goesOn) break
            cursor = encodeCursor(listHash, read.cursorAt(from === 'start' ? read.rows.length - 1 : 0))
          }
          const stayed = given.rows.filter((row) => upstream.rows.includes(row))
          const order = from === 'start' ? stayed : stayed.toReversed()
          expect(met.filter((row) => stayed.includes(row))).toEqual(order)
        },
      ),
      runs,
    )
  },
)

/** One page of a walk, and the calls beyond its plan where those are promised: with the documented page sizes, once they were seen. */
async function readPage(
  upstream: Upstream,
  learnt: Map<string, number>,
  { size, from, cursor }: Bounds & { readonly cursor: string | undefined },
) {
  const isUnseen = upstream.tells !== 'sizes and total' && learnt.size === 0
  const args = from === 'start' ? { first: size, after: cursor } : { last: size, before: cursor }
  const window = parseWindow(args, listHash)
  const list = openList(upstream, learnt)
  const read = await readWindow(list, window, everything)
  const { openEnded } = planWindow(window, list.traits, everything)
  const isPromised = upstream.cap >= upstream.sizes.max && !openEnded
  return { read, unplannedCalls: isPromised ? list.unplannedCalls - (isUnseen ? 1 : 0) : 0 }
}

type Walker = { readonly place: Cursor; readonly size: number; readonly from: Window['from'] }

// Changes the list where the cursor remembers enough to tell its place afterwards. True where something moved up to the cursor.
function edit(upstream: Upstream, changes: readonly Edit[], { place, size, from }: Walker): boolean {
  const turn = (rows: readonly string[]) => (place.fromEnd ? rows.toReversed() : rows)
  const before = turn(upstream.rows)
  const after = [...before]
  for (const { at, kind } of changes) {
    if (kind === 'insert') after.splice(Math.floor(at * (after.length + 1)), 0, freshKey())
    else if (kind === 'delete') after.splice(Math.floor(at * after.length), 1)
    else after.splice(Math.max(0, place.offset - Math.floor(at * 3)), 1)
  }
  const isAscending = (from === 'start') !== place.fromEnd
  const { cap, sizes } = upstream
  const reach = findingReach(place.offset, size, isAscending, {
    ...sizes,
    min: Math.min(sizes.min, cap),
    max: cap,
  })
  if (distanceOf(place, after, isAscending) > reach) return false
  upstream.rows = turn(after)
  const upToCursor = (rows: readonly string[]) => rows.slice(0, place.offset + 1).join()
  return upToCursor(before) !== upToCursor(after)
}

let freshKeys = 1_000_000

function freshKey(): string {
  freshKeys += 1
  return keyOf(freshKeys)
}

// How far the nearest row that the cursor remembers, of those that the reader has passed, has gone.
function distanceOf(cursor: Cursor, rows: readonly string[], isAscending: boolean): number {
  const passed = isAscending ? cursor.before : cursor.after
  const now = [
    rows.indexOf(cursor.mark),
    ...passed.map((hash) => rows.findIndex((row) => neighbourMark(row) === hash)),
  ]
  const nearest = now.findIndex((index) => index >= 0)
  const distance = (now[nearest] ?? Number.POSITIVE_INFINITY) - cursor.offset
  return Math.max(Math.abs(distance), Math.abs(distance + (isAscending ? nearest : -nearest)))
}

// How far rows may shift so that one page more shows the cursor's row and the rest of its window, whichever way they went.
function findingReach(offset: number, size: number, isAscending: boolean, { min, max }: PageSizes): number {
  const fitsOnePage = (from: number, to: number) => {
    const [first, last] = [Math.max(0, from), Math.max(0, from, to - 1)]
    for (let perPage = min; perPage <= max; perPage += 1) {
      if (Math.floor(first / perPage) === Math.floor(last / perPage)) return true
    }
    return false
  }
  for (let shift = 1; ; shift += 1) {
    const isInHand = shift <= size
    const [low, high] = isAscending
      ? [offset - shift, isInHand ? offset : offset + size + shift + 2]
      : [isInHand ? offset + 1 : offset - size - shift - 1, offset + shift + 1]
    const [from, to] = isAscending
      ? [offset + size + 1, offset + size + shift + 2]
      : [offset - size - shift - 1, offset - size]
    if (!fitsOnePage(low, high) || !fitsOnePage(from, to)) return shift - 1
  }
}

test("where the cursor's row alone was moved, the walk goes on from its old neighbours", async () => {
  const upstream = upstreamOf({ rows: keys(100), sizes: userGroups })
  const after = (await cursorsOf(upstream, 30))(20)
  upstream.rows = [...keys(20), ...keys(40).slice(21), keyOf(20), ...keys(100).slice(40)]
  expect(shown(await read(upstream, { first: 5, after })).rows).toEqual(keys(26).slice(21))
})

test('a row that came between the cursor and the next row is shown', async () => {
  const upstream = upstreamOf({ rows: keys(100), sizes: userGroups })
  const after = (await cursorsOf(upstream, 30))(20)
  upstream.rows = [...keys(21).slice(1), keyOf(500), ...keys(100).slice(21)]
  expect(shown(await read(upstream, { first: 2, after })).rows).toEqual([keyOf(500), keyOf(21)])
})

test('a walk by single rows goes on when the last four of them are deleted', async () => {
  const upstream = upstreamOf({ rows: keys(100), sizes: userGroups })
  let after: string | null = null
  for (let count = 0; count < 40; count += 1) {
    const { cursorAt } = await read(upstream, { first: 1, after })
    after = encodeCursor(listHash, cursorAt(0))
  }
  upstream.rows = [...keys(36).slice(3), ...keys(100).slice(40)]
  expect(shown(await read(upstream, { first: 2, after })).rows).toEqual([keyOf(40), keyOf(41)])
})

test('near the end, a row is found again however many went before it', async () => {
  const upstream = upstreamOf({ rows: keys(600) })
  const cursorAt = await cursorsOf(upstream, 500)
  upstream.rows = keys(500).slice(60)
  expect(shown(await read(upstream, { first: 2, after: cursorAt(497) })).rows).toEqual([
    keyOf(498),
    keyOf(499),
  ])
})

test('where nothing of a cursor is left and the list ends before it, its last rows come before the cursor', async () => {
  const upstream = upstreamOf({ rows: keys(300), tells: 'nothing' })
  const cursor = (await cursorsOf(upstream))(250)
  upstream.rows = keys(30)
  const last = shown(await read(upstream, { last: 5, before: cursor }))
  expect(last).toEqual({ rows: keys(30).slice(25), hasNextPage: false, hasPreviousPage: true })
  expect(shown(await read(upstream, { first: 5, after: cursor }))).toMatchObject({
    rows: [],
    hasNextPage: false,
  })
})
