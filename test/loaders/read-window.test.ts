import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPagedList } from '../../src/loaders/paged-list.ts'
import { type RowWindow, readWindow } from '../../src/loaders/read-window.ts'
import { type Cursor, decodeCursor, encodeCursor, neighbourMark } from '../../src/paging/cursor.ts'
import type { PageSizes } from '../../src/paging/page-plan.ts'
import { type ConnectionArguments, parseWindow, type Window } from '../../src/paging/window.ts'
import { planWindow } from '../../src/paging/window-plan.ts'
import {
  asDocumented,
  everything,
  fewestPages,
  keyOf,
  keys,
  openList,
  type Place,
  places,
  type Upstream,
  upstreamOf,
  upstreams,
} from './list-upstream.ts'

const listHash = 7
const sizes = fc.integer({ min: 0, max: 60 })
const runs = { numRuns: Number(process.env.RUNS ?? 2_000) }

type Bounds = { readonly size: number; readonly from: Window['from'] }
type Cursors = { readonly after?: number | undefined; readonly before?: number | undefined }

/** A window between two rows by their index, with cursors as other requests were given them. */
async function windowBetween(
  upstream: Upstream,
  { size, from }: Bounds,
  { after, before }: { readonly after?: Place | undefined; readonly before?: Place | undefined },
): Promise<{ readonly window: Window; readonly indexes: Cursors }> {
  const rows = upstream.filter ? upstream.rows.filter(upstream.filter.matches) : upstream.rows
  const cursorAt = async (place: Place | undefined) => {
    if (place === undefined || rows.length === 0) return undefined
    const args = place.backwards ? { last: rows.length } : { first: rows.length }
    const read = await readWindow(openList(upstream), parseWindow(args, listHash), everything)
    const index = Math.floor(place.at * rows.length)
    const cursor = read.rows[index]?.cursor()
    return cursor && { index, text: encodeCursor(listHash, cursor) }
  }
  const [start, end] = [await cursorAt(after), await cursorAt(before)]
  upstream.calls.length = 0
  const args = { [from === 'start' ? 'first' : 'last']: size, after: start?.text, before: end?.text }
  return { window: parseWindow(args, listHash), indexes: { after: start?.index, before: end?.index } }
}

/** What a window has to show of these rows. */
function slice(
  rows: readonly string[],
  { size, from }: Bounds,
  { after = -1, before = rows.length }: Cursors,
) {
  const low = after + 1
  const start = from === 'start' ? low : Math.min(before, Math.max(low, before - size))
  const end = from === 'start' ? Math.max(low, Math.min(before, low + size)) : before
  return { rows: rows.slice(start, end), hasPreviousPage: start > 0, hasNextPage: end < rows.length }
}

function shown({ rows, hasPreviousPage, hasNextPage }: RowWindow<string>) {
  return { rows: rows.map(({ row }) => row), hasPreviousPage, hasNextPage }
}

const sides = fc.constantFrom<Window['from']>('start', 'end')
const anyWindow = [sizes, sides, places, places] as const

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
        expect(calls.length).toBeLessThanOrEqual(wholeCalls)
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
            const inReadingOrder = from === 'start' ? read.rows : read.rows.toReversed()
            met.push(...inReadingOrder.map(({ row }) => row))
            const last = inReadingOrder.at(-1)
            if (last === undefined || !(from === 'start' ? read.hasNextPage : read.hasPreviousPage)) break
            cursor = encodeCursor(listHash, last.cursor())
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

test('an upstream that repeats its first page for every other has the rows of that page', async () => {
  await fc.assert(
    fc.asyncProperty(upstreams, sizes, async (plain, size) => {
      const upstream: Upstream = { ...plain, repeatsFirstPage: true, calls: [] }
      const read = await readWindow(openList(upstream), parseWindow({ first: size }, listHash), everything)
      const rows = read.rows.map(({ row }) => row)
      expect(rows).toEqual(upstream.rows.slice(0, rows.length))
      if (rows.length < size) expect(read.hasNextPage).toBe(false)
      const pageSize = Math.max(1, ...upstream.calls.map(({ count }) => count))
      expect(upstream.calls.length).toBeLessThanOrEqual(Math.ceil((size + 1) / pageSize) + 1)
    }),
    runs,
  )
})

test('rows that a total counts and no page gives are not waited for', async () => {
  await fc.assert(
    fc.asyncProperty(
      upstreams.map(asDocumented),
      fc.integer({ min: 1, max: 200 }),
      ...anyWindow,
      async (plain, phantoms, size, from, after, before) => {
        const upstream: Upstream = { ...plain, phantoms, reversible: false, calls: [] }
        const { window, indexes } = await windowBetween(upstream, { size, from }, { after, before })
        const read = await readWindow(openList(upstream), window, everything)
        const { rows, hasPreviousPage } = slice(upstream.rows, { size, from }, indexes)
        expect(shown(read)).toMatchObject({ rows, hasPreviousPage })
      },
    ),
    runs,
  )
})

test('a forged cursor shows rows of the list in their order, or none', async () => {
  const neighbours = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 4 })
  const forgeries = fc.record({
    offset: fc.oneof(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
    fromEnd: fc.boolean(),
    mark: fc.oneof(fc.constantFrom(...keys(9)), fc.constant('f'.repeat(32))),
    before: neighbours,
    after: neighbours,
  })
  await fc.assert(
    fc.asyncProperty(
      upstreams.map(asDocumented),
      sizes,
      forgeries,
      fc.boolean(),
      async (upstream, size, forgery, isFirst) => {
        const cursor = encodeCursor(listHash, forgery)
        const args = isFirst ? { first: size, after: cursor } : { last: size, before: cursor }
        const read = await readWindow(openList(upstream), parseWindow(args, listHash), everything)
        const rows = read.rows.map(({ row }) => row)
        const start = upstream.rows.indexOf(rows[0] ?? '')
        expect(rows).toEqual(upstream.rows.slice(Math.max(0, start), Math.max(0, start) + rows.length))
        expect(rows.length).toBeLessThanOrEqual(size)
      },
    ),
    runs,
  )
})

const userGroups = { min: 1, max: 500, default: 100 }

test('any window of a long sorted list is one call', async () => {
  const upstream = upstreamOf({ rows: keys(10_000), sizes: userGroups, reversible: true })
  const near = (await cursorsOf(upstream, 29))(28)
  const [row] = (await read(upstream, { last: 1 })).rows
  const far = encodeCursor(listHash, row?.cursor() ?? expect.fail('no row'))
  upstream.calls.length = 0
  expect((await read(upstream, { first: 20, after: near })).rows[0]?.row).toBe(keyOf(29))
  expect((await read(upstream, { last: 20 })).rows[0]?.row).toBe(keyOf(9_980))
  expect((await read(upstream, { last: 20, before: far })).rows[0]?.row).toBe(keyOf(9_979))
  expect((await read(upstream, { last: 20, before: near })).rows[0]?.row).toBe(keyOf(8))
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
    expect(rows.map(({ row }) => row)).toEqual(upstream.rows.slice(-20))
    expect(upstream.calls).toHaveLength(calls)
    expect(list.unplannedCalls).toBe(calls - 1)
  }
})

/** Cursors as they were given while the list was that of the upstream. */
async function cursorsOf(
  upstream: Upstream,
  size = upstream.rows.length,
): Promise<(index: number) => string> {
  const { rows } = await readWindow(openList(upstream), parseWindow({ first: size }, listHash), everything)
  upstream.calls.length = 0
  return (index) => encodeCursor(listHash, rows[index]?.cursor() ?? expect.fail('no row'))
}

function read(upstream: Upstream, args: ConnectionArguments): Promise<RowWindow<string>> {
  return readWindow(openList(upstream), parseWindow(args, listHash), everything)
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
    const [row] = (await read(upstream, { first: 1, after })).rows
    after = encodeCursor(listHash, row?.cursor() ?? expect.fail('no row'))
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

test('a list of as many rows as come unasked is no longer than it is', async () => {
  const upstream = upstreamOf({ rows: keys(21), tells: 'nothing' })
  const after = (await cursorsOf(upstream))(16)
  upstream.rows = upstream.rows.slice(1)
  const window = await read(upstream, { first: 9, after })
  expect(shown(window)).toMatchObject({ rows: keys(21).slice(17), hasNextPage: false })
  expect([null, 20]).toContain(window.totalCount)
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

test('an upstream that makes no sense is read to an end', async () => {
  const answers = fc.infiniteStream(
    fc.record({
      count: fc.integer({ min: 0, max: 60 }),
      first: fc.integer({ min: 0, max: 200 }),
      perPage: fc.option(fc.integer({ min: 0, max: 70 }), { nil: undefined }),
      totalCount: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(answers, ...anyWindow, async (answers, size, from, after, before) => {
      const { window } = await windowBetween(
        upstreamOf({ rows: keys(90) }),
        { size, from },
        { after, before },
      )
      let unplanned = 0
      const beforeWalk = () => {
        unplanned += 1
        if (unplanned > 300) throw new Error('too dear')
      }
      const forward = createPagedList<string>({
        sizes: { min: 5, max: 50, default: 20 },
        trustTotal: true,
        keyOf: (row) => row,
        fetch: async () => {
          const { count, first, perPage, totalCount } = answers.next().value
          const info = {
            ...(perPage !== undefined && { perPage }),
            ...(totalCount !== undefined && { totalCount }),
          }
          return { rows: keys(first + count).slice(first), info }
        },
        learnedMax: { get: () => undefined, set: () => undefined },
      })
      const traits = { sizes: { min: 5, max: 50, default: 20 }, tellsLength: false, reversible: false }
      const list = { traits, forward, reverse: undefined, matches: undefined, beforeWalk }
      const [settled] = await Promise.allSettled([readWindow(list, window, everything)])
      if (settled.status === 'rejected') expect(settled.reason).toMatchObject({ message: 'too dear' })
      else expect(new Set(settled.value.rows.map(({ row }) => row)).size).toBe(settled.value.rows.length)
    }),
    runs,
  )
})

test('pages of another size than asked for are found out wherever a cursor leads', async () => {
  const sizes = { min: 3, max: 14, default: 9 }
  const unlike = [
    { tells: 'nothing', fixed: 9 },
    { tells: 'total', cap: 5 },
    { tells: 'total', cap: 9 },
    { tells: 'total', cap: 13 },
  ] as const
  for (const features of unlike) {
    for (let count = 1; count <= 45; count += 1) {
      const upstream = upstreamOf({ rows: keys(count), sizes, ...features })
      const cursorAt = await cursorsOf(upstream)
      for (let index = 0; index < count; index += 1) {
        const text = cursorAt(index)
        for (const args of [
          { first: 4, after: text },
          { last: 4, before: text },
        ]) {
          const bounds = { size: 4, from: 'first' in args ? 'start' : 'end' } as const
          const cursors = bounds.from === 'start' ? { after: index } : { before: index }
          expect(shown(await read(upstream, args))).toEqual(slice(upstream.rows, bounds, cursors))
        }
      }
    }
  }
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
