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
import {
  clampSize,
  createPageSizeLearner,
  type LearnedMax,
  type PageReport,
} from '../paging/page-size-learner.ts'
import { endOfTurn } from './end-of-turn.ts'
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
  readonly learnedMax: LearnedMax
}

/** `size` is what the upstream told of the page's size; where it told nothing, that of the list's usual pages is taken. */
type Answer<Row> = {
  readonly asked: Page
  readonly placed: readonly PlacedRow<Row>[]
  readonly size: number | undefined
}

// However long a list is said to be.
const mostPagesAtOnce = 100

type Span = { readonly from: number; readonly to: number }

type Extra = (() => void) | undefined

/**
 * A source over a paged endpoint. Pages are planned for what is missing; the rows decide, not what was asked: where the upstream gives
 * another page size, all that came is placed anew, and what is left is planned with that size.
 */
export function createPagedList<Row>(options: PagedListOptions<Row>): RowSource<Row> {
  const learner = createPageSizeLearner(options.sizes, options.learnedMax)
  const answers: Answer<Row>[] = []
  const rows = new Map<number, PlacedRow<Row>>()
  const offsets = new Map<string, number>()
  const neighbours = new Map<number, number>()
  // Rows that `offsets` and `neighbours` do not know yet: only a reader with a cursor asks them.
  let unindexed: { readonly start: number; readonly placed: readonly PlacedRow<Row>[] }[] = []
  const wanted = new Set<Span>()
  let flights: readonly { readonly page: Page; readonly done: Promise<void> }[] = []
  let showing: Promise<void> | undefined
  let total: number | undefined
  let endAtMost = Number.POSITIVE_INFINITY
  let callsLeft = 0

  async function ensure(from: number, to: number, beforeExtra?: Extra): Promise<void> {
    const span = { from, to }
    if (firstMissing(span) === undefined) return
    wanted.add(span)
    try {
      // What is wanted in the same turn of the event loop is planned together.
      await endOfTurn()
      await fetchMissing(span, beforeExtra)
    } finally {
      wanted.delete(span)
    }
  }

  async function fetchMissing(span: Span, beforeExtra: Extra): Promise<void> {
    for (let row = firstMissing(span); row !== undefined; row = firstMissing(span)) {
      const flight = flights.find(({ page }) => holds(page, row))
      const changes = learner.changes()
      await (flight?.done ?? fetchPages(span, beforeExtra))
      // Asked for and not given, although the upstream counts it: for the reader, the list ends here.
      const isStuck = flight === undefined && learner.changes() === changes && firstMissing(span) === row
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
    const sizes = learner.sizes()
    const isFlying = (row: number) => flights.some(({ page }) => holds(page, row))
    const mine = missing([span], isFlying)
    const own = planRanges(mine, sizes)
    if (wanted.size === 1) return own
    const rest = missing([...wanted], (row) => isFlying(row) || own.some((page) => holds(page, row)))
    if (rest.length === 0) return own
    const shared = planRanges(missing([...wanted], isFlying), sizes)
    if (shared.length >= own.length + planRanges(rest, sizes).length) return own
    return shared.filter((page) =>
      mine.some(({ offset, limit }) => offset < pageEnd(page) && pageOffset(page) < offset + limit),
    )
  }

  function firstMissing({ from, to }: Span): number | undefined {
    const end = Math.min(to, endAtMost, total ?? Number.POSITIVE_INFINITY)
    for (let row = from; row < end; row += 1) if (!rows.has(row)) return row
    return undefined
  }

  // Rows of the spans that are not in hand and that nothing else serves, as ranges in order.
  function missing(spans: readonly Span[], isServed = (_row: number) => false): readonly RowRange[] {
    const ranges: { offset: number; limit: number }[] = []
    let row = 0
    for (const span of spans.toSorted((a, b) => a.from - b.from)) {
      const end = Math.min(span.to, endAtMost, total ?? Number.POSITIVE_INFINITY)
      let mostEnd = Number.POSITIVE_INFINITY
      for (row = Math.max(row, span.from); row < Math.min(end, mostEnd); row += 1) {
        if (rows.has(row) || isServed(row)) continue
        if (mostEnd === Number.POSITIVE_INFINITY) mostEnd = row + mostPagesAtOnce * learner.sizes().max
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
    if (callsLeft > 0) callsLeft -= 1
    else beforeExtra?.()
    // Sizes out of the documented range are refused (quirk 16), also where the real pages are smaller.
    const perPage = clampSize(asked.perPage, options.sizes)
    const { rows: given, info } = await options.fetch({ page: asked.page, perPage })
    if (options.trustTotal && isTotal(info?.totalCount)) total = info.totalCount
    const report = { asked, count: given.length, told: info?.perPage, total }
    let size = learner.sizeOf(report)
    if (size === undefined && asked.page === 1) size = isSeenWhole(given) ? asked.perPage : given.length
    if (size === undefined) {
      await readShowingPage(beforeExtra)
      size = learner.sizeOf(report) ?? learner.usualSizeOf(asked)
    }
    accept(report, given, size)
  }

  // Whether another page shows that sizes are heeded, so that the list ends with this one: a smaller first page, or a later one with
  // rows of this.
  function isSeenWhole(first: readonly Row[]): boolean {
    const keys = new Set(first.map(options.keyOf))
    const showsSizes = ({ asked: { page, perPage }, placed }: Answer<Row>) =>
      page === 1
        ? placed.length === perPage && perPage < first.length
        : placed.some(({ row }) => keys.has(options.keyOf(row)))
    return total === undefined && answers.some(showsSizes)
  }

  function readShowingPage(beforeExtra: Extra): Promise<void> {
    showing ??= fetchPage(learner.showingPage, beforeExtra).then(learner.settle)
    return showing
  }

  function accept(report: PageReport, given: readonly Row[], size: number): void {
    const placed = given.map((row) => ({ row, mark: rowMark(options.keyOf(row)) }))
    const changes = learner.changes()
    learner.note(report, size)
    answers.push({ asked: report.asked, placed, size: size === report.told ? size : undefined })
    // Where sizes are others than was thought, so are the places of all that came before.
    if (learner.changes() !== changes) forgetPlaces()
    for (const answer of learner.changes() === changes ? answers.slice(-1) : answers) place(answer)
    options.onRows?.(given)
  }

  function forgetPlaces(): void {
    rows.clear()
    offsets.clear()
    neighbours.clear()
    unindexed = []
    endAtMost = Number.POSITIVE_INFINITY
  }

  function index(): void {
    for (const { start, placed } of unindexed) {
      for (const [i, { mark }] of placed.entries()) {
        offsets.set(mark, start + i)
        neighbours.set(neighbourMark(mark), start + i)
      }
    }
    unindexed = []
  }

  function place({ asked, placed, size: told }: Answer<Row>): void {
    const count = placed.length
    const size = Math.max(count, told ?? learner.usualSizeOf(asked))
    const start = (asked.page - 1) * size
    if (start > 0) index()
    if (start > 0 && count > 0 && placed.every(({ mark }) => (offsets.get(mark) ?? start) < start)) {
      // Only rows of earlier pages: the page number is not heeded, and there are no others.
      endAtMost = Math.min(endAtMost, start)
      return
    }
    for (const [i, row] of placed.entries()) rows.set(start + i, row)
    unindexed.push({ start, placed })
    let end = start + count
    if (count > 0 && end > endAtMost) endAtMost = Number.POSITIVE_INFINITY
    while (rows.has(end)) end += 1
    if (count < size) endAtMost = Math.min(endAtMost, end)
  }

  // A total beyond the end that was seen counts rows that nobody gives.
  function believedTotal(): number | undefined {
    return total !== undefined && total <= endAtMost ? total : undefined
  }

  return {
    at: (offset) => rows.get(offset),
    offsetOfMark(mark) {
      index()
      const offset = offsets.get(mark) ?? -1
      return rows.get(offset)?.mark === mark ? offset : undefined
    },
    offsetOfNeighbour(neighbour) {
      index()
      return neighbours.get(neighbour)
    },
    length: () => (endAtMost === 0 || rows.has(endAtMost - 1) ? endAtMost : believedTotal()),
    totalCount: () => (rows.size === endAtMost ? endAtMost : believedTotal()),
    maxPage: () => learner.sizes().max,
    around(offset, reach) {
      const page = planAround(offset, learner.sizes(), reach)
      return { offset: pageOffset(page), limit: page.perPage }
    },
    revision: learner.changes,
    expect(calls) {
      callsLeft += calls
    },
    ensure,
    checkSizes: async (beforeExtra) => {
      if (!learner.isSure(total)) await readShowingPage(beforeExtra)
    },
  }
}

// Greater numbers are no count of rows: they would not fit a GraphQL Int either.
function isTotal(count: number | undefined): count is number {
  return count !== undefined && count < 2 ** 31
}

function holds(page: Page, row: number): boolean {
  return pageOffset(page) <= row && row < pageEnd(page)
}
