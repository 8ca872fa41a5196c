import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { RestPage } from '../../src/cloudflare/client.ts'
import { createPagedList } from '../../src/loaders/paged-list.ts'
import { type ReadableList, type RowWindow, readWindow } from '../../src/loaders/read-window.ts'
import { type Cursor, decodeCursor, encodeCursor, neighbourMark } from '../../src/paging/cursor.ts'
import type { Page, PageSizes } from '../../src/paging/page-plan.ts'
import { type ConnectionArguments, parseWindow } from '../../src/paging/window.ts'
import { planWindow, type WindowNeeds } from '../../src/paging/window-plan.ts'

const listHash = 7
const everything: WindowNeeds = { rows: true, more: true, totalCount: true }

type Upstream = {
  rows: readonly string[]
  readonly sizes: PageSizes
  /** Largest page it gives. */
  readonly cap: number
  /** Gives pages of this size whatever it is asked for. */
  readonly fixed: number | undefined
  readonly tells: 'everything' | 'total' | 'nothing'
  readonly reversible: boolean
  /** Answers a page without rows with null and no `result_info`, which is decoded to this. */
  readonly nullLists: boolean
  readonly calls: Call[]
}

type Call = Page & { readonly direction: 'asc' | 'desc'; readonly count: number }

function answer(upstream: Upstream, { page, perPage }: Page, rows: readonly string[]): RestPage<string> {
  const { sizes, cap, fixed, tells } = upstream
  if (perPage < sizes.min || perPage > sizes.max || page < 1) throw new Error(`per_page ${perPage} refused`)
  const size = fixed ?? Math.min(perPage, cap)
  const given = rows.slice((page - 1) * size, page * size)
  if (given.length === 0 && upstream.nullLists) return { rows: [], info: undefined }
  const info = { totalCount: rows.length, ...(tells === 'everything' ? { page, perPage: size } : {}) }
  return { rows: given, info: tells === 'nothing' ? undefined : info }
}

function openList(
  upstream: Upstream,
  learnt = new Map<string, number>(),
): ReadableList<string> & { extra: number } {
  const { sizes, reversible, tells, calls } = upstream
  const inOrder = (direction: 'asc' | 'desc') =>
    createPagedList<string>({
      sizes,
      trustTotal: true,
      keyOf: (row) => row,
      fetch: async (page) => {
        const given = answer(upstream, page, direction === 'asc' ? upstream.rows : upstream.rows.toReversed())
        calls.push({ ...page, direction, count: given.rows.length })
        return given
      },
      learnedMax: { get: () => learnt.get('max'), set: (perPage) => learnt.set('max', perPage) },
    })
  const list = {
    traits: { sizes, tellsLength: tells !== 'nothing', reversible },
    forward: inOrder('asc'),
    reverse: reversible ? inOrder('desc') : undefined,
    matches: undefined,
    extra: 0,
    beforeWalk: () => {
      list.extra += 1
    },
  }
  return list
}

const key = (index: number) => index.toString(16).padStart(32, '0')
const keys = (count: number) => Array.from({ length: count }, (_, index) => key(index))

const sizesArbitrary = fc
  .record({
    min: fc.integer({ min: 1, max: 6 }),
    more: fc.integer({ min: 1, max: 50 }),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  })
  .map(({ min, more, at }): PageSizes => ({ min, max: min + more, default: min + Math.floor(more * at) }))

const upstreamArbitrary = fc
  .record({
    count: fc.integer({ min: 0, max: 130 }),
    sizes: sizesArbitrary,
    capAt: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    tells: fc.constantFrom('everything', 'total', 'nothing'),
    reversible: fc.boolean(),
    nullLists: fc.boolean(),
  })
  .map(({ count, sizes, capAt, tells, reversible, nullLists }): Upstream => {
    const cap = capAt === undefined ? sizes.max : 1 + Math.floor((sizes.max - 1) * capAt)
    const fixed = tells === 'nothing' && cap < sizes.max ? sizes.default : undefined
    return {
      rows: keys(count),
      sizes,
      cap: tells === 'nothing' ? sizes.max : cap,
      fixed,
      tells: tells as Upstream['tells'],
      reversible,
      nullLists,
      calls: [],
    }
  })

async function cursorAt(upstream: Upstream, index: number, backwards: boolean): Promise<string> {
  const list = openList(upstream)
  const args = backwards ? { last: 500 } : { first: 500 }
  const { rows } = await readWindow(list, parseWindow(args, listHash), everything)
  const row = rows[index]
  if (row === undefined) throw new Error('no such row')
  return encodeCursor(listHash, row.cursor())
}

type Place = { readonly at: number; readonly backwards: boolean } | undefined
const placeArbitrary: fc.Arbitrary<Place> = fc.option(
  fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), backwards: fc.boolean() }),
  { nil: undefined },
)

async function argumentsOf(
  upstream: Upstream,
  size: number,
  fromStart: boolean,
  after: Place,
  before: Place,
) {
  const count = upstream.rows.length
  const indexOf = (place: Place) =>
    place === undefined || count === 0 ? undefined : Math.floor(place.at * count)
  const [afterIndex, beforeIndex] = [indexOf(after), indexOf(before)]
  const args: ConnectionArguments = {
    [fromStart ? 'first' : 'last']: size,
    after: afterIndex === undefined ? null : await cursorAt(upstream, afterIndex, after?.backwards ?? false),
    before:
      beforeIndex === undefined ? null : await cursorAt(upstream, beforeIndex, before?.backwards ?? false),
  }
  upstream.calls.length = 0
  return { args, afterIndex, beforeIndex }
}

function slice(count: number, size: number, fromStart: boolean, after = -1, before = count) {
  const low = after + 1
  const start = fromStart ? low : Math.min(before, Math.max(low, before - size))
  const end = fromStart ? Math.max(low, Math.min(before, low + size)) : before
  return { start, end, hasPreviousPage: start > 0, hasNextPage: end < count }
}

function shown(window: RowWindow<string>) {
  return { ...window, rows: window.rows.map(({ row }) => Number.parseInt(row, 16)) }
}

test('a window is the slice of the list, whatever the pages are', async () => {
  await fc.assert(
    fc.asyncProperty(
      upstreamArbitrary,
      fc.integer({ min: 0, max: 60 }),
      fc.boolean(),
      placeArbitrary,
      placeArbitrary,
      async (upstream, size, fromStart, after, before) => {
        const { args, afterIndex, beforeIndex } = await argumentsOf(upstream, size, fromStart, after, before)
        const list = openList(upstream)
        const window = await readWindow(list, parseWindow(args, listHash), everything)
        const count = upstream.rows.length
        const { start, end, hasNextPage, hasPreviousPage } = slice(
          count,
          size,
          fromStart,
          afterIndex,
          beforeIndex,
        )
        const rows = Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index)
        expect({ ...shown(window), totalCount: 0 }).toEqual({
          rows,
          hasNextPage,
          hasPreviousPage,
          totalCount: 0,
        })
        if (upstream.tells === 'nothing') expect([null, count]).toContain(window.totalCount)
        else expect(window.totalCount).toBe(count)
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 2_000) },
  )
})

// Dynamic programming over every page of every size: the number of pages that reach from each row to the end.
function fewestPages(from: number, to: number, { min, max }: PageSizes): number {
  const fewest = new Map<number, number>()
  for (let row = to - 1; row >= from; row -= 1) {
    let best = Number.POSITIVE_INFINITY
    for (let perPage = min; perPage <= max; perPage += 1) {
      const reach = (Math.floor(row / perPage) + 1) * perPage
      best = Math.min(best, 1 + (reach >= to ? 0 : (fewest.get(reach) ?? Number.POSITIVE_INFINITY)))
    }
    fewest.set(row, best)
  }
  return fewest.get(from) ?? 0
}

test('a window takes the fewest calls that its pages allow, as planned, and never more than going page by page', async () => {
  await fc.assert(
    fc.asyncProperty(
      upstreamArbitrary.map(
        (upstream): Upstream => ({ ...upstream, cap: upstream.sizes.max, fixed: undefined }),
      ),
      fc.integer({ min: 0, max: 60 }),
      fc.boolean(),
      placeArbitrary,
      async (upstream, size, fromStart, place) => {
        const cursorPlace = place === undefined ? undefined : { ...place, backwards: false }
        const { args, afterIndex, beforeIndex } = await argumentsOf(
          upstream,
          size,
          fromStart,
          fromStart ? cursorPlace : undefined,
          fromStart ? undefined : cursorPlace,
        )
        const list = openList(upstream)
        const window = parseWindow(args, listHash)
        const plan = planWindow(window, list.traits, everything)
        await readWindow(list, window, everything)
        const { calls, sizes, tells, rows, reversible } = upstream
        // As many rows as an unasked page has, fewer than asked for, and not a word on it: one call more has to tell whether that was all.
        const isDoubtful =
          tells === 'nothing' &&
          calls.some(({ perPage, count }) => count === sizes.default && count < perPage)
        const doubt = isDoubtful ? 1 : 0
        if (!plan.openEnded) expect(calls.length).toBeLessThanOrEqual(plan.calls + doubt)
        expect(list.extra).toBe(Math.max(0, calls.length - plan.calls))

        const isFromEnd = !fromStart && beforeIndex === undefined
        const probe = tells === 'nothing' && (fromStart || isFromEnd) ? 1 : 0
        const end =
          fromStart || beforeIndex === undefined ? (afterIndex ?? -1) + 1 + size + probe : beforeIndex + 1
        const naive =
          isFromEnd && !reversible
            ? Math.floor(rows.length / sizes.max) + 1
            : end > rows.length && tells === 'nothing'
              ? Math.floor(rows.length / sizes.max) + 1
              : Math.max(1, Math.ceil(Math.min(end, rows.length) / sizes.max))
        expect(calls.length).toBeLessThanOrEqual(naive + doubt)

        if (tells === 'nothing' || (isFromEnd && !reversible)) return
        const from = isFromEnd || fromStart ? (afterIndex ?? 0) : Math.max(0, end - 1 - size)
        if (end <= rows.length) expect(calls.length).toBe(Math.max(1, fewestPages(from, end, sizes)))
        if (isFromEnd) return
        // With the length known beforehand, from a smallest page, no call goes beyond the end.
        const known = openList(upstream)
        await readWindow(known, window, { rows: false, more: false, totalCount: true })
        calls.length = 0
        await readWindow(known, window, everything)
        expect(calls.length).toBe(fewestPages(Math.max(from, sizes.min), Math.min(end, rows.length), sizes))
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 2_000) },
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

function edited(
  rows: readonly string[],
  changes: readonly Edit[],
  cursorIndex: number,
  newKey: () => string,
) {
  const result = [...rows]
  for (const { at, kind } of changes) {
    if (kind === 'insert') result.splice(Math.floor(at * (result.length + 1)), 0, newKey())
    else if (result.length > 0)
      result.splice(
        kind === 'delete'
          ? Math.floor(at * result.length)
          : Math.min(result.length - 1, Math.max(0, cursorIndex - Math.floor(at * 3))),
        1,
      )
  }
  return result
}

// How far rows may shift so that one page more shows the cursor's row and the rest of its window, whichever way they went.
function margin(offset: number, size: number, ascending: boolean, { min, max }: PageSizes): number {
  const inOnePage = (from: number, to: number) => {
    const first = Math.max(0, from)
    for (let perPage = min; perPage <= max; perPage += 1) {
      if (Math.floor(first / perPage) === Math.floor(Math.max(first, to - 1) / perPage)) return true
    }
    return false
  }
  for (let shift = 1; ; shift += 1) {
    const isInHand = shift <= size
    const [low, high] = ascending
      ? [offset - shift, isInHand ? offset : offset + size + shift + 2]
      : [isInHand ? offset + 1 : offset - size - shift - 1, offset + shift + 1]
    const tail = ascending
      ? inOnePage(offset + size + 1, offset + size + shift + 2)
      : inOnePage(offset - size - shift - 1, offset - size)
    if (!inOnePage(low, high) || !tail) return shift - 1
  }
}

// Whether what a cursor remembers is enough to find its place: the nearest of its rows that still stands has not gone too far.
function isFindable(cursor: Cursor, rows: readonly string[], reach: number, ascending: boolean): boolean {
  const passed = ascending ? cursor.before : cursor.after
  const now = [
    rows.indexOf(cursor.mark),
    ...passed.map((hash) => rows.findIndex((row) => neighbourMark(row) === hash)),
  ]
  const nearest = now.findIndex((index) => index >= 0)
  const distance = (now[nearest] ?? Number.POSITIVE_INFINITY) - cursor.offset
  return Math.max(Math.abs(distance), Math.abs(distance + (ascending ? nearest : -nearest))) <= reach
}

const stats = { steps: 0, moved: 0, gone: 0 }
afterAll(() => console.log(stats))
test.each(['forward', 'backward'])(
  'a walk %s meets every row that stays, once and in order, while others come and go',
  async (way) => {
    const isForward = way === 'forward'
    await fc.assert(
      fc.asyncProperty(
        upstreamArbitrary.filter(({ fixed }) => fixed === undefined),
        fc.array(fc.record({ size: fc.integer({ min: 1, max: 40 }), changes: edits }), {
          minLength: 1,
          maxLength: 8,
        }),
        async (given, steps) => {
          const upstream = { ...given, calls: [] }
          const { sizes, cap, tells, calls } = upstream
          const learnt = new Map<string, number>()
          const before = upstream.rows
          let inserted = 100_000
          let met: string[] = []
          let cursor: string | null = null
          for (let page = 0; ; page += 1) {
            const { size, changes } = steps[page % steps.length] ?? { size: 1, changes: [] }
            let moved = false
            if (cursor !== null && page < 12) {
              const place = decodeCursor(cursor, listHash, 'after')
              const ascending = isForward !== place.fromEnd
              const rows = place.fromEnd ? upstream.rows.toReversed() : upstream.rows
              const next = edited(rows, changes, place.offset, () => {
                inserted += 1
                return key(inserted)
              })
              const reach = margin(place.offset, size, ascending, {
                ...sizes,
                min: Math.min(sizes.min, cap),
                max: cap,
              })
              if (isFindable(place, next, reach, ascending)) {
                moved = rows.slice(0, place.offset + 1).join() !== next.slice(0, place.offset + 1).join()
                upstream.rows = place.fromEnd ? next.toReversed() : next
              }
            }
            calls.length = 0
            // Until an upstream that does not tell its page sizes has shown that it heeds them, finding that out may take a call.
            const doubt = tells !== 'everything' && learnt.size === 0 ? 1 : 0
            const list = openList(upstream, learnt)
            const args = isForward ? { first: size, after: cursor } : { last: size, before: cursor }
            const window = parseWindow(args, listHash)
            const read = await readWindow(list, window, everything)
            const plan = planWindow(window, list.traits, everything)
            if (cap === sizes.max && !plan.openEnded) {
              expect(calls.length).toBeLessThanOrEqual(plan.calls + (moved ? 1 : 0) + doubt)
            }
            const keysOf = read.rows.map(({ row }) => row)
            const standing = cursor === null ? -1 : upstream.rows.indexOf(decodeCursor(cursor, listHash, 'after').mark)
            if (standing >= 0) {
              const { start, end, ...more } = slice(upstream.rows.length, size, isForward, isForward ? standing : undefined, isForward ? undefined : standing)
              const { hasNextPage, hasPreviousPage } = read
              expect({ rows: keysOf, hasNextPage, hasPreviousPage }).toEqual({ rows: upstream.rows.slice(start, end), ...more })
            }
            stats.steps++; if (moved) stats.moved++; if (standing < 0 && cursor) stats.gone++
            met = isForward ? [...met, ...keysOf] : [...keysOf, ...met]
            const last = isForward ? read.rows.at(-1) : read.rows[0]
            if (last === undefined || !(isForward ? read.hasNextPage : read.hasPreviousPage)) break
            cursor = encodeCursor(listHash, last.cursor())
          }
          const stayed = before.filter((row) => upstream.rows.includes(row))
          expect(met.filter((row) => stayed.includes(row))).toEqual(stayed)
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 2_000) },
    )
  },
)
