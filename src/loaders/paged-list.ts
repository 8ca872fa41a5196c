import { setImmediate } from 'node:timers/promises'
import type { RestPage } from '../cloudflare/client.ts'
import { neighbourMark, rowMark } from '../paging/cursor.ts'
import {
  type Page,
  type PageSizes,
  pageEnd,
  pageOffset,
  planAround,
  planRanges,
  type RowRange,
} from '../paging/page-plan.ts'
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

/** `size` is what the upstream told of the page's size; where it told nothing, the list's `sizes` decide. */
type Answer<Row> = {
  readonly asked: Page
  readonly placed: readonly PlacedRow<Row>[]
  readonly size: number | undefined
}

type Span = { readonly from: number; readonly to: number }

type Extra = (() => void) | undefined

// An upstream whose page sizes keep changing is not followed for ever.
const maxSizeChanges = 8

/**
 * A source over a paged endpoint. Pages are planned for what is missing; the rows decide, not what was asked: where the upstream gives
 * another page size, all that came is placed anew, and what is left is planned with that size.
 */
export function createPagedList<Row>(options: PagedListOptions<Row>): RowSource<Row> {
  const answers: Answer<Row>[] = []
  const rows = new Map<number, PlacedRow<Row>>()
  const offsets = new Map<string, number>()
  const neighbours = new Map<number, number>()
  const wanted = new Set<Span>()
  let flights: readonly { readonly page: Page; readonly done: Promise<void> }[] = []
  let sizes = capSizes(options.sizes, options.learnedMax.get() ?? options.sizes.max)
  let sizeChanges = 0
  let supposedMax: number | undefined
  let proven = 0
  let isTold = false
  let isFirstTried = false
  let total: number | undefined
  let endAtMost = Number.POSITIVE_INFINITY
  let callsLeft = 0

  async function ensure(from: number, to: number, beforeExtra?: Extra): Promise<void> {
    const span = { from, to }
    if (firstMissing(span) === undefined) return
    wanted.add(span)
    // What is wanted in the same turn of the event loop is planned together.
    await setImmediate()
    wanted.delete(span)
    for (let row = firstMissing(span); row !== undefined; row = firstMissing(span)) {
      const flight = flights.find(({ page }) => holds(page, row))
      const sizesBefore = sizes
      await (flight?.done ?? fetchPages(span, beforeExtra))
      // Asked for and not given, although the upstream counts it: for the reader, the list ends here.
      const isStuck = flight === undefined && sizes === sizesBefore && firstMissing(span) === row
      if (isStuck) endAtMost = Math.min(endAtMost, row)
    }
  }

  async function fetchPages(span: Span, beforeExtra: Extra): Promise<void> {
    const pages = planShared(span)
    // Without a total, further pages might be calls for nothing: the first one tells. With it, all go in parallel.
    const now = total === undefined ? pages.slice(0, 1) : pages
    await Promise.all(now.map((page) => fetchPage(page, beforeExtra)))
  }

  // The pages for one span, chosen so that they serve others that are wanted now too where that saves a call.
  function planShared(span: Span): readonly Page[] {
    const isFlying = (row: number) => flights.some(({ page }) => holds(page, row))
    const own = planRanges(missing([span], isFlying), sizes)
    const rest = missing([...wanted], (row) => isFlying(row) || own.some((page) => holds(page, row)))
    if (rest.length === 0) return own
    const shared = planRanges(missing([span, ...wanted], isFlying), sizes)
    if (shared.length >= own.length + planRanges(rest, sizes).length) return own
    return shared.filter((page) => missing([span], (row) => isFlying(row) || !holds(page, row)).length > 0)
  }

  function firstMissing(span: Span): number | undefined {
    return missing([span])[0]?.offset
  }

  // Rows of the spans that are not in hand and that nothing else serves, as ranges in order.
  function missing(spans: readonly Span[], isServed = (_row: number) => false): readonly RowRange[] {
    const ranges: { offset: number; limit: number }[] = []
    let row = 0
    for (const span of spans.toSorted((a, b) => a.from - b.from)) {
      let end = Math.min(span.to, endAtMost, total ?? Number.POSITIVE_INFINITY)
      for (row = Math.max(row, span.from); row < end; row += 1) {
        if (rows.has(row) || isServed(row)) continue
        if (end === Number.POSITIVE_INFINITY) end = row + sizes.max
        const last = ranges.at(-1)
        if (last !== undefined && last.offset + last.limit === row) last.limit += 1
        else ranges.push({ offset: row, limit: 1 })
      }
    }
    return ranges
  }

  async function fetchPage(page: Page, beforeExtra: Extra): Promise<void> {
    const flight = { page, done: readPage(page, beforeExtra) }
    flights = [...flights, flight]
    try {
      await flight.done
    } finally {
      flights = flights.filter((other) => other !== flight)
    }
  }

  async function readPage(asked: Page, beforeExtra: Extra): Promise<void> {
    const answer = await call(asked, beforeExtra)
    const count = answer.rows.length
    let size = sizeOf(asked, answer)
    if (size === undefined && asked.page === 1) size = isSeenBehind(answer) ? asked.perPage : count
    if (size === undefined) {
      await tryFirstPage(beforeExtra)
      size = sizeOf(asked, answer) ?? clamp(asked.perPage, sizes)
    }
    accept(asked, answer, size)
  }

  function call(page: Page, beforeExtra: Extra): Promise<RestPage<Row>> {
    if (callsLeft > 0) callsLeft -= 1
    else beforeExtra?.()
    // Sizes out of the documented range are refused (quirk 16), also where the real pages are smaller.
    return options.fetch({ page: page.page, perPage: clamp(page.perPage, options.sizes) })
  }

  function sizeOf(asked: Page, { rows: { length: count }, info }: RestPage<Row>): number | undefined {
    if (options.trustTotal) total = info?.totalCount ?? total
    const customs = { proven, heeded: isHeeded(), defaultSize: options.sizes.default }
    return realPageSize({ asked, count, told: info?.perPage, total }, customs)
  }

  // The first page shows whether a size is heeded: it starts at the same row in any case, so that only the number of rows is open.
  async function tryFirstPage(beforeExtra: Extra): Promise<void> {
    if (isFirstTried) return
    isFirstTried = true
    const { min, max, default: unasked } = options.sizes
    await fetchPage({ page: 1, perPage: max === unasked && total === undefined ? min : max }, beforeExtra)
    if (sizeChanges === 0) options.learnedMax.set(max)
  }

  // Rows of the first page on a later one too: that was a smaller page, as asked for.
  function isSeenBehind(first: RestPage<Row>): boolean {
    if (total !== undefined) return false
    const keys = new Set(first.rows.map(options.keyOf))
    return answers.some(
      ({ asked, placed }) => asked.page > 1 && placed.some(({ row }) => keys.has(options.keyOf(row))),
    )
  }

  function isHeeded(): boolean {
    return proven > options.sizes.default || options.learnedMax.get() === options.sizes.max
  }

  async function checkSizes(beforeExtra: Extra): Promise<void> {
    const isSure = isTold || (total === undefined ? isHeeded() : proven === options.sizes.max)
    if (!isSure && options.learnedMax.get() === undefined) await tryFirstPage(beforeExtra)
  }

  function accept(asked: Page, page: RestPage<Row>, size: number): void {
    const placed = page.rows.map((row) => ({ row, mark: rowMark(options.keyOf(row)) }))
    const answer = { asked, placed, size: size === page.info?.perPage ? size : undefined }
    answers.push(answer)
    if (size === asked.perPage && placed.length === size) proven = Math.max(proven, size)
    if (answer.size !== undefined) isTold = true
    if (adoptSize(answer, size)) placeAnew()
    else place(answer)
    const isSure = proven === options.sizes.max || answer.size === asked.perPage
    if (isSure && options.learnedMax.get() === undefined) options.learnedMax.set(options.sizes.max)
    options.onRows?.(page.rows)
  }

  // Whether the page taught another size than is known.
  function adoptSize({ asked, size: told }: Answer<Row>, size: number): boolean {
    const isKnown = size === asked.perPage || (sizes.min <= size && sizes.max === size)
    if (isKnown || sizeChanges === maxSizeChanges) return false
    // Pages of the default size, and no word on it: nothing shows that smaller ones would be heeded.
    const isCap =
      size < asked.perPage && (told !== undefined || total !== undefined || size !== options.sizes.default)
    sizes = isCap ? capSizes(sizes, size) : { ...sizes, min: size, max: size }
    supposedMax = size
    sizeChanges += 1
    return true
  }

  function placeAnew(): void {
    rows.clear()
    offsets.clear()
    neighbours.clear()
    endAtMost = Number.POSITIVE_INFINITY
    for (const answer of answers) place(answer)
  }

  function place({ asked, placed, size: told }: Answer<Row>): void {
    const count = placed.length
    const size = Math.max(count, told ?? clamp(asked.perPage, sizes))
    const start = (asked.page - 1) * size
    if (start > 0 && count > 0 && placed.every(({ mark }) => (offsets.get(mark) ?? start) < start)) {
      // Only rows of earlier pages: the page number is not heeded, and there are no others.
      endAtMost = Math.min(endAtMost, start)
      return
    }
    for (const [index, row] of placed.entries()) {
      rows.set(start + index, row)
      if (!offsets.has(row.mark)) offsets.set(row.mark, start + index)
      neighbours.set(neighbourMark(row.mark), start + index)
    }
    if (count < size) endAtMost = Math.min(endAtMost, start + count)
    learn(start, count, told)
  }

  // A smaller page is only certain, and kept for later requests, when it is seen that the list went on behind it.
  function learn(start: number, count: number, told: number | undefined): void {
    if (supposedMax === undefined || supposedMax >= options.sizes.max) return
    const isToldMore = told !== undefined && total !== undefined && start + count < total
    if (count > 0 && (start >= supposedMax || isToldMore)) options.learnedMax.set(supposedMax)
  }

  // A total beyond the end that was seen counts rows that nobody gives.
  function believedTotal(): number | undefined {
    return total !== undefined && total <= endAtMost ? total : undefined
  }

  return {
    at: (offset) => rows.get(offset),
    offsetOfMark: (mark) => offsets.get(mark),
    offsetOfNeighbour: (neighbour) => neighbours.get(neighbour),
    get length() {
      return endAtMost === 0 || rows.has(endAtMost - 1) ? endAtMost : believedTotal()
    },
    get totalCount() {
      return rows.size === endAtMost ? endAtMost : believedTotal()
    },
    maxPage: () => sizes.max,
    around(offset, reach) {
      const page = planAround(offset, sizes, reach)
      return { offset: pageOffset(page), limit: page.perPage }
    },
    get revision() {
      return sizeChanges
    },
    expect(calls) {
      callsLeft += calls
    },
    ensure,
    checkSizes,
  }
}

function holds(page: Page, row: number): boolean {
  return pageOffset(page) <= row && row < pageEnd(page)
}

function clamp(perPage: number, { min, max }: PageSizes): number {
  return Math.min(Math.max(perPage, min), max)
}

function capSizes(sizes: PageSizes, max: number): PageSizes {
  return max < sizes.max ? { ...sizes, min: Math.min(sizes.min, max), max } : sizes
}
