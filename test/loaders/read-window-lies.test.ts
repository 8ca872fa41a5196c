import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PagedList } from '../../src/loaders/paged-list.ts'
import { readWindow } from '../../src/loaders/read-window.ts'
import { encodeCursor } from '../../src/paging/cursor.ts'
import { parseWindow } from '../../src/paging/window.ts'
import {
  asDocumented,
  everything,
  keys,
  opened,
  openList,
  type Upstream,
  upstreamOf,
  upstreams,
} from './list-upstream.ts'
import { anyWindow, cursorsOf, listHash, read, runs, shown, sizes, slice, windowBetween } from './windows.ts'

test('an upstream that repeats its first page for every other has the rows of that page', async () => {
  await fc.assert(
    fc.asyncProperty(upstreams, sizes, async (plain, size) => {
      const upstream: Upstream = { ...plain, repeatsFirstPage: true, calls: [] }
      const read = await readWindow(openList(upstream), parseWindow({ first: size }, listHash), everything)
      const { rows } = read
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
    offset: fc.oneof(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 2 ** 31 - 1 })),
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
        const { rows } = read
        const start = upstream.rows.indexOf(rows[0] ?? '')
        expect(rows).toEqual(upstream.rows.slice(Math.max(0, start), Math.max(0, start) + rows.length))
        expect(rows.length).toBeLessThanOrEqual(size)
      },
    ),
    runs,
  )
})

test('a list of as many rows as come unasked is no longer than it is', async () => {
  const upstream = upstreamOf({ rows: keys(21), tells: 'nothing' })
  const after = (await cursorsOf(upstream))(16)
  upstream.rows = upstream.rows.slice(1)
  const window = await read(upstream, { first: 9, after })
  expect(shown(window)).toMatchObject({ rows: keys(21).slice(17), hasNextPage: false })
  expect([null, 20]).toContain(window.totalCount)
})

test('a cap that equals the default size leaves smaller pages as they were', async () => {
  const sizes = { min: 3, max: 6, default: 5 }
  const upstream = upstreamOf({ rows: keys(61), sizes, cap: 5, tells: 'total' })
  const before = (await cursorsOf(upstream))(60)
  upstream.rows = upstream.rows.slice(1)
  expect(shown(await read(upstream, { last: 7, before })).rows).toEqual(keys(60).slice(53))
  expect(upstream.calls).toHaveLength(3)
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
        if (unplanned > 100) throw new Error('no end in sight')
      }
      const forward = new PagedList<string>({
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
      const traits = { sizes: { min: 5, max: 50, default: 20 }, tellsLength: false, reversible: true }
      const list = { traits, forward, reverse: opened(forward), matches: undefined, beforeWalk }
      const read = await readWindow(list, window, everything)
      expect(new Set(read.rows).size).toBe(read.rows.length)
      for (const index of read.rows.keys()) expect(encodeCursor(listHash, read.cursorAt(index))).not.toBe('')
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
