import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PagedList } from '../../src/loaders/paged-list.ts'
import { readWindow } from '../../src/loaders/read-window.ts'
import { parseWindow } from '../../src/paging/window.ts'
import { propertyRuns } from '../support/property-runs.ts'
import {
  asDocumented,
  everything,
  fewestPages,
  keyOf,
  keys,
  openList,
  type Upstream,
  upstreamOf,
  upstreams,
} from './list-upstream.ts'

const spans = fc.array(fc.tuple(fc.integer({ min: 0, max: 140 }), fc.integer({ min: 0, max: 60 })), {
  minLength: 1,
  maxLength: 4,
})

test('spans that are asked for together take the fewest pages that hold them all', async () => {
  await fc.assert(
    fc.asyncProperty(upstreams.map(asDocumented), spans, async (upstream, wanted) => {
      const { forward } = openList({ ...upstream, tells: 'total' })
      const { calls, sizes, rows } = upstream
      // Tells the length, and holds the first rows.
      await forward.ensure(0, 1)
      calls.length = 0
      const ranges = wanted.map(([from, count]) => [from, from + count] as const)
      await Promise.all(ranges.map(([from, to]) => forward.ensure(from, to)))
      const missing = ranges.map(
        ([from, to]) => [Math.max(from, sizes.min), Math.min(to, rows.length)] as const,
      )
      expect(calls).toHaveLength(fewestPages(missing, sizes))
      for (const [from, to] of ranges) {
        for (let row = from; row < to; row += 1) expect(forward.at(row)).toBe(rows[row])
      }
    }),
    propertyRuns(2_000),
  )
})

test('spans of a list that does not tell its length take no more calls together than apart', async () => {
  await fc.assert(
    fc.asyncProperty(upstreams.map(asDocumented), spans, async (plain, wanted) => {
      const upstream: Upstream = { ...plain, tells: 'nothing', calls: [] }
      const { calls, rows, sizes } = upstream
      const heeded = () => new Map([['max', sizes.max]])
      const ranges = wanted.map(([from, count]) => [from, from + count] as const)
      const apart = await Promise.all(
        ranges.map(async ([from, to]) => {
          const alone = { ...upstream, calls: [] }
          await openList(alone, heeded()).forward.ensure(from, to)
          return alone.calls.length
        }),
      )
      const { forward } = openList(upstream, heeded())
      await Promise.all(ranges.map(([from, to]) => forward.ensure(from, to)))
      expect(calls.length).toBeLessThanOrEqual(apart.reduce((sum, count) => sum + count, 0))
      for (const [from, to] of ranges) {
        for (let row = from; row < to; row += 1) expect(forward.at(row)).toBe(rows[row])
      }
    }),
    propertyRuns(2_000),
  )
})

test('equal windows of one request cost what one costs, at the same time or later', async () => {
  const upstream = upstreamOf({ rows: keys(130) })
  const list = openList(upstream)
  const read = () => readWindow(list, parseWindow({ first: 70 }, 0), everything)
  const windows = [...(await Promise.all([read(), read(), read()])), await read()]
  expect(upstream.calls).toHaveLength(2)
  for (const { rows } of windows) expect(rows).toEqual(keys(70))
})

test('neighbouring windows of one request share a page', async () => {
  const upstream = upstreamOf({ rows: keys(45) })
  const { forward } = openList(upstream)
  await Promise.all([forward.ensure(0, 20), forward.ensure(30, 45)])
  expect(upstream.calls).toMatchObject([{ page: 1, perPage: 45 }])
})

test('a page that fails costs only the windows that need it', async () => {
  const rows = keys(200)
  const forward = new PagedList<string>({
    sizes: { min: 5, max: 50, default: 20 },
    trustTotal: true,
    keyOf: (row) => row,
    fetch: async ({ page, perPage }) => {
      if (page * perPage > 150) throw new Error('unavailable')
      return { rows: rows.slice((page - 1) * perPage, page * perPage), info: { totalCount: 200, perPage } }
    },
    learnedMax: { get: () => undefined, set: () => undefined },
  })
  const wanted = [
    forward.ensure(0, 10),
    forward.ensure(20, 110),
    forward.ensure(150, 160),
    forward.ensure(90, 155),
  ]
  const settled = await Promise.allSettled(wanted)
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  expect(forward.at(109)).toBe(keyOf(109))
})

test('the pages of one span are fetched in parallel where the length is known', async () => {
  let waiting = 0
  let most = 0
  const rows = keys(200)
  const forward = new PagedList<string>({
    sizes: { min: 5, max: 50, default: 20 },
    trustTotal: true,
    keyOf: (row) => row,
    fetch: async ({ page, perPage }) => {
      waiting += 1
      most = Math.max(most, waiting)
      await Promise.resolve()
      waiting -= 1
      return { rows: rows.slice((page - 1) * perPage, page * perPage), info: { totalCount: 200 } }
    },
    learnedMax: { get: () => undefined, set: () => undefined },
  })
  await forward.ensure(0, Number.POSITIVE_INFINITY)
  expect(most).toBe(3)
  expect(forward.at(199)).toBe(keyOf(199))
  expect(forward.totalCount()).toBe(200)
})

test('a list that does not tell its length is read no further than to its end', async () => {
  const upstream = upstreamOf({ rows: keys(130), tells: 'nothing' })
  const { forward } = openList(upstream)
  await forward.ensure(0, 500)
  expect(upstream.calls).toHaveLength(3)
  expect(forward.length()).toBe(130)
})

test('a smaller cap than documented is learnt once it is certain, and later requests plan with it', async () => {
  const upstream = upstreamOf({ rows: keys(100), cap: 30, tells: 'total' })
  const learnt = new Map<string, number>()
  await openList(upstream, learnt).forward.ensure(0, 50)
  expect(learnt.get('max')).toBe(30)
  expect(upstream.calls).toMatchObject([{ perPage: 50 }, { perPage: 25 }])
  upstream.calls.length = 0
  await openList(upstream, learnt).forward.ensure(0, 90)
  expect(upstream.calls.map(({ perPage }) => perPage)).toEqual([30, 30, 30])
})

test('a total that counts rows which nobody gives teaches no cap', async () => {
  const upstream = upstreamOf({ rows: keys(30), phantoms: 12, tells: 'total' })
  const learnt = new Map<string, number>()
  const { forward } = openList(upstream, learnt)
  await forward.ensure(0, 50)
  expect(learnt.get('max')).toBeUndefined()
  expect(forward.length()).toBe(30)
})

test('a short page behind a full one is the end, whatever the total says', async () => {
  const upstream = upstreamOf({ rows: keys(60), phantoms: 4, tells: 'total' })
  await openList(upstream).forward.ensure(0, 64)
  expect(upstream.calls).toHaveLength(2)
})

test('as many rows as come unasked leave the end open only until sizes are known to be heeded', async () => {
  const upstream = upstreamOf({ rows: keys(20), tells: 'nothing' })
  const learnt = new Map<string, number>()
  await openList(upstream, learnt).forward.ensure(0, 30)
  expect(upstream.calls).toHaveLength(2)
  upstream.calls.length = 0
  learnt.set('max', 50)
  await openList(upstream, learnt).forward.ensure(0, 30)
  expect(upstream.calls).toHaveLength(1)
})

test('as many rows as come unasked are all, where a smaller page was given as asked for', async () => {
  const upstream = upstreamOf({ rows: keys(20), tells: 'nothing' })
  const { forward } = openList(upstream)
  await forward.ensure(0, 10)
  await forward.ensure(0, 30)
  expect(upstream.calls).toHaveLength(2)
  expect(forward.totalCount()).toBe(20)
})

test('rows in hand are not beyond the end, whatever an empty page says', async () => {
  const upstream = upstreamOf({ rows: keys(11), fixed: 20, tells: 'nothing' })
  const { forward } = openList(upstream)
  await forward.ensure(0, 11)
  await forward.ensure(11, 13)
  expect(upstream.calls).toMatchObject([{ perPage: 11 }, { count: 0 }])
  expect(forward.length()).toBe(11)
})

test('a cap below the documented smallest page is planned with, and never asked for', async () => {
  const upstream = upstreamOf({ rows: keys(12), cap: 3 })
  const { forward } = openList(upstream)
  await forward.ensure(0, 12)
  expect(forward.at(11)).toBe(keyOf(11))
  expect(upstream.calls.map(({ page }) => page)).toEqual([1, 2, 3, 4])
})

test('sizes that no endpoint has, and totals that no list has, are not believed', async () => {
  for (const info of [{ perPage: 0 }, { perPage: 2 ** 50 }, { totalCount: 2 ** 50 }]) {
    const rows = keys(60)
    let calls = 0
    const forward = new PagedList<string>({
      sizes: { min: 5, max: 50, default: 20 },
      trustTotal: true,
      keyOf: (row) => row,
      fetch: async ({ page, perPage }) => {
        calls += 1
        return { rows: rows.slice((page - 1) * perPage, page * perPage), info }
      },
      learnedMax: { get: () => undefined, set: () => undefined },
    })
    await forward.ensure(0, Number.POSITIVE_INFINITY)
    expect([forward.length(), calls]).toEqual([60, 2])
  }
})

test('a row that no page brings, whatever it is asked for, ends the list', async () => {
  let calls = 0
  const forward = new PagedList<string>({
    sizes: { min: 5, max: 50, default: 20 },
    trustTotal: true,
    keyOf: (row) => row,
    fetch: async ({ page }) => {
      calls += 1
      if (calls > 30) throw new Error('no end in sight')
      // Pages of another size every time, and at last of one that is not followed any more.
      const perPage = calls > 8 ? 7 : 50 - calls
      return { rows: keys(page * perPage).slice(-perPage), info: { perPage } }
    },
    learnedMax: { get: () => undefined, set: () => undefined },
  })
  for (let row = 0; row <= 2_700; row += 300) await forward.ensure(row, row + 1)
  expect(forward.at(2_700)).toBeUndefined()
})

test('every page is told of once', async () => {
  const told: string[][] = []
  const rows = keys(60)
  const forward = new PagedList<string>({
    sizes: { min: 5, max: 50, default: 20 },
    trustTotal: true,
    keyOf: (row) => row,
    fetch: async ({ page, perPage }) => ({
      rows: rows.slice((page - 1) * Math.min(perPage, 30), page * Math.min(perPage, 30)),
      info: { totalCount: 60 },
    }),
    onRows: (some) => told.push([...some]),
    learnedMax: { get: () => undefined, set: () => undefined },
  })
  await forward.ensure(0, 60)
  expect(told.flat()).toEqual(rows)
})

test('what was not priced is announced before it is called', async () => {
  const upstream = upstreamOf({ rows: keys(130) })
  const { forward } = openList(upstream)
  const announced: number[] = []
  forward.expect(2)
  await forward.ensure(0, 130, () => announced.push(upstream.calls.length))
  expect(announced).toEqual([2])
  const refuse = () => {
    throw new Error('too dear')
  }
  const other = openList(upstream)
  await expect(other.forward.ensure(0, 10, refuse)).rejects.toThrow('too dear')
  expect(upstream.calls).toHaveLength(3)
})
