import fc from 'fast-check'
import type { RestPage } from '../../src/cloudflare/client.ts'
import { PagedList } from '../../src/loaders/paged-list.ts'
import type { ReadableList } from '../../src/loaders/read-window.ts'
import type { LazySource, RowSource } from '../../src/loaders/row-source.ts'
import type { Page, PageSizes } from '../../src/paging/page-plan.ts'
import type { WindowNeeds } from '../../src/paging/window-plan.ts'

/** A list endpoint in memory. Its rows are their own keys: 32 hexadecimal characters, as Cloudflare's tags. */
export type Upstream = {
  rows: readonly string[]
  readonly sizes: PageSizes
  /** Rows of the largest page that it really gives. */
  readonly cap: number
  /** Where it does not listen to sizes: the one that it gives. */
  readonly fixed: number | undefined
  /** What comes with a page. */
  readonly tells: 'sizes and total' | 'total' | 'nothing'
  /** Answers a page without rows with null and no `result_info`. */
  readonly nullLists: boolean
  readonly reversible: boolean
  /** The filter that it was asked for, and whether it heeds it. */
  readonly filter?: { readonly matches: (row: string) => boolean; readonly isHeeded: boolean }
  /** Rows that its total counts and that it never gives. */
  readonly phantoms?: number
  /** Gives the first page whatever page it is asked for. */
  readonly repeatsFirstPage?: boolean
  /** Every call, in order. */
  readonly calls: Call[]
}

export type Call = Page & { readonly direction: 'asc' | 'desc'; readonly count: number }

export const everything: WindowNeeds = { rows: true, more: true, totalCount: true }

/** The key of the nth row, and the keys of the first rows. */
export const keyOf = (index: number) => index.toString(16).padStart(32, '0')
export const keys = (count: number) => Array.from({ length: count }, (_, index) => keyOf(index))

/** An upstream as documented, with ten rows unless told otherwise. */
export function upstreamOf(features: Partial<Upstream> = {}): Upstream {
  const sizes = features.sizes ?? { min: 5, max: 50, default: 20 }
  const plain = { fixed: undefined, tells: 'sizes and total', nullLists: false, reversible: false } as const
  return { ...plain, rows: keys(10), sizes, cap: sizes.max, calls: [], ...features }
}

/** Opens the list for one request. What is learnt of page sizes outlives it where `learnt` is shared. */
export function openList(
  upstream: Upstream,
  learnt = new Map<string, number>(),
): ReadableList<string> & { readonly unplannedCalls: number } {
  const { sizes, reversible, tells, filter } = upstream
  const inOrder = (direction: 'asc' | 'desc') =>
    new PagedList<string>({
      sizes,
      trustTotal: filter === undefined,
      keyOf: (row) => row,
      fetch: async (page) => answer(upstream, page, direction),
      learnedMax: { get: () => learnt.get('max'), set: (perPage) => learnt.set('max', perPage) },
    })
  const list = {
    traits: { sizes, tellsLength: tells !== 'nothing' && filter === undefined, reversible },
    forward: inOrder('asc'),
    reverse: reversible ? opened(inOrder('desc')) : undefined,
    matches: filter?.matches,
    unplannedCalls: 0,
    beforeWalk: () => {
      list.unplannedCalls += 1
    },
  }
  return list
}

function answer(upstream: Upstream, asked: Page, direction: 'asc' | 'desc'): RestPage<string> {
  const { sizes, cap, fixed, tells, filter, phantoms = 0 } = upstream
  if (asked.perPage < sizes.min || asked.perPage > sizes.max)
    throw new Error(`per_page ${asked.perPage} refused`)
  const listed = filter?.isHeeded ? upstream.rows.filter(filter.matches) : upstream.rows
  const ordered = direction === 'asc' ? listed : listed.toReversed()
  const perPage = fixed ?? Math.min(asked.perPage, cap)
  const page = upstream.repeatsFirstPage ? 1 : asked.page
  const rows = ordered.slice((page - 1) * perPage, page * perPage)
  upstream.calls.push({ ...asked, direction, count: rows.length })
  if (tells === 'nothing' || (rows.length === 0 && upstream.nullLists)) return { rows, info: undefined }
  const totalCount = ordered.length + phantoms
  return { rows, info: tells === 'total' ? { totalCount } : { page, perPage, totalCount } }
}

const fraction = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

/**
 * Upstreams of up to 130 rows with any range of sizes. The real cap may be smaller than documented where anything tells; an upstream
 * that does not listen to sizes gives the default one and tells nothing.
 */
export const upstreams: fc.Arbitrary<Upstream> = fc
  .record({
    count: fc.integer({ min: 0, max: 130 }),
    min: fc.integer({ min: 1, max: 6 }),
    more: fc.integer({ min: 1, max: 50 }),
    defaultAt: fraction,
    capAt: fc.option(fraction),
    tells: fc.constantFrom<Upstream['tells']>('sizes and total', 'total', 'nothing'),
    nullLists: fc.boolean(),
    reversible: fc.boolean(),
  })
  .map(({ count, min, more, defaultAt, capAt, tells, nullLists, reversible }) => {
    const sizes = { min, max: min + more, default: min + Math.floor(more * defaultAt) }
    const cap = capAt === null || tells === 'nothing' ? sizes.max : 1 + Math.floor(sizes.max * capAt)
    const fixed = capAt !== null && tells === 'nothing' ? sizes.default : undefined
    return upstreamOf({ rows: keys(count), sizes, cap, fixed, tells, nullLists, reversible })
  })

/** The same upstream as the documentation has it. */
export function asDocumented(upstream: Upstream): Upstream {
  return { ...upstream, cap: upstream.sizes.max, fixed: undefined, calls: [] }
}

/** A place in a list, as a fraction of it; `backwards` where its cursor comes from reading the end first. */
export type Place = { readonly at: number; readonly backwards: boolean }
export const places: fc.Arbitrary<Place | undefined> = fc.option(
  fc.record({ at: fraction, backwards: fc.boolean() }),
  { nil: undefined },
)

/** The number of pages that hold every row of the spans, tried over every page of every size. */
export function fewestPages(spans: readonly (readonly [number, number])[], { min, max }: PageSizes): number {
  const wanted = new Set<number>()
  for (const [from, to] of spans) for (let row = from; row < to; row += 1) wanted.add(row)
  const rows = [...wanted].sort((a, b) => a - b)
  const fewest = new Array<number>(rows.length + 1).fill(0)
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index] ?? 0
    let best = Number.POSITIVE_INFINITY
    for (let perPage = min; perPage <= max; perPage += 1) {
      const end = (Math.floor(row / perPage) + 1) * perPage
      let next = index
      while ((rows[next] ?? Number.POSITIVE_INFINITY) < end) next += 1
      best = Math.min(best, 1 + (fewest[next] ?? 0))
    }
    fewest[index] = best
  }
  return fewest[0] ?? 0
}

/** A source that is open already. */
export function opened<Row>(source: RowSource<Row>): LazySource<Row> {
  return { open: () => source, opened: () => source }
}
