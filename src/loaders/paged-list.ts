import { setImmediate } from 'node:timers/promises'
import type { RestPage } from '../cloudflare/client.ts'
import { neighbourMark, rowMark } from '../paging/cursor.ts'
import { type Page, type PageSizes, pageEnd, pageOffset, planRanges, type RowRange } from '../paging/page-plan.ts'
import { realPageSize } from '../paging/real-page-size.ts'
import type { PlacedRow, RowSource } from './row-source.ts'

/** How to read one list of the REST API, in one order, page by page. */
export type PagedListOptions<Row> = {
  readonly sizes: PageSizes
  /** Whether the upstream's total can be believed to count these rows: not under a filter (quirk 14). */
  readonly trustTotal: boolean
  readonly keyOf: (row: Row) => string
  readonly fetch: (page: Page) => Promise<RestPage<Row>>
  /** Told of every page's rows: they prime what else could ask for them. */
  readonly onRows?: (rows: readonly Row[]) => void
  /** The largest page that this upstream was seen to give, where that is less than documented; kept beyond the request. */
  readonly learnedMax: { get(): number | undefined; set(perPage: number): void }
}

/** `size` is the page's own, where the upstream told it; else it is what the list's pages turned out to hold. */
type Answer<Row> = {
  readonly asked: Page
  readonly placed: readonly PlacedRow<Row>[]
  readonly size: number | undefined
}

type Span = { readonly from: number; readonly to: number }

/**
 * A source over a paged endpoint. Pages are planned for what is missing; the rows decide, not what was asked: where the upstream
 * gives another page size, all that came is placed anew, and what is left is planned with that size.
 */
export function createPagedList<Row>(options: PagedListOptions<Row>): RowSource<Row> {
  const answers: Answer<Row>[] = []
  const rows = new Map<number, PlacedRow<Row>>()
  const offsets = new Map<string, number>()
  const neighbours = new Map<number, number>()
  const flights = new Set<{ readonly page: Page; readonly done: Promise<void> }>()
  const wanted = new Set<Span>()
  let sizes = capSizes(options.sizes, options.learnedMax.get() ?? options.sizes.max)
  let proven = 0
  let supposedCap: number | undefined
  let total: number | undefined
  let endAtMost = Number.POSITIVE_INFINITY
  let callsLeft = 0

  const knownEnd = () => Math.min(endAtMost, total ?? Number.POSITIVE_INFINITY)

  async function ensure(from: number, to: number, beforeExtra: () => void): Promise<void> {
    const span = { from, to }
    if (missing([span]).length === 0) return
    wanted.add(span)
    // All that is wanted in this turn of the event loop is planned together.
    await setImmediate()
    wanted.delete(span)
    for (let [next] = missing([span]); next !== undefined; [next] = missing([span])) {
      const row = next.offset
      const flight = flights.values().find(({ page }) => holds(page, row))
      await (flight?.done ?? fetchPages(span, beforeExtra))
      // A row that the upstream counts, and does not give where it was asked for it: the list ends before it.
      if (flight === undefined && missing([span])[0]?.offset === row) endAtMost = Math.min(endAtMost, row)
    }
  }

  // Without a total, further pages might be calls for nothing: the first one tells. With it, all go in parallel.
  async function fetchPages(span: Span, beforeExtra: () => void): Promise<void> {
    const pages = planShared(span)
    await Promise.all((total === undefined ? pages.slice(0, 1) : pages).map((page) => fetchPage(page, beforeExtra)))
  }

  // The pages for one span, chosen so that they serve others that are wanted now too, where that saves a call.
  function planShared(span: Span): readonly Page[] {
    const isFlying = (row: number) => flights.values().some(({ page }) => holds(page, row))
    const mine = planRanges(missing([span], isFlying), sizes)
    const rest = missing([...wanted], (row) => isFlying(row) || mine.some((page) => holds(page, row)))
    if (rest.length === 0) return mine
    const all = planRanges(missing([span, ...wanted], isFlying), sizes)
    if (all.length >= mine.length + planRanges(rest, sizes).length) return mine
    return all.filter((page) => missing([span], (row) => isFlying(row) || !holds(page, row)).length > 0)
  }

  // What is not in hand of the spans, as ranges in order, without the rows that `isServed` tells.
  function missing(spans: readonly Span[], isServed: (row: number) => boolean = () => false): readonly RowRange[] {
    const ranges: { offset: number; limit: number }[] = []
    let row = 0
    for (const span of [...spans].sort((a, b) => a.from - b.from)) {
      ...
    }
    return ranges
  }
