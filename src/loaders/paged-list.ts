import type { RestPage } from '../cloudflare/client.ts'
import { rowMark } from '../paging/cursor.ts'
import {
  type Page,
  type PageSizes,
  pageEnd,
  pageOffset,
  planAround,
  planRanges,
  type RowRange,
} from '../paging/page-plan.ts'
import { clampSize, type LearnedMax, type PageReport, PageSizeLearner } from '../paging/page-size-learner.ts'
import { endOfTurn } from './end-of-turn.ts'
import { PageFlight } from './page-flight.ts'
import { PlacedPages } from './placed-pages.ts'
import type { RowSource } from './row-source.ts'

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

/** A page as it came. */
type Answer<Row> = {
  readonly asked: Page
  readonly rows: readonly Row[]
  /** What the upstream told of the page's size; where it told nothing, that of the list's usual pages is taken. */
  readonly size: number | undefined
}

// However long a list is said to be.
const mostPagesAtOnce = 100

type Span = { readonly from: number; readonly to: number }

type Extra = (() => void) | undefined

/**
 * A source over a paged endpoint. Pages are planned for what is missing; the rows decide, not what was asked: where the upstream gives
 * another page size, all that came is placed anew, and what is left is planned with that size. A class,
 * since a request may read hundreds of lists at once, and all that they are made of waits with it.
 */
export class PagedList<Row> implements RowSource<Row> {
  private readonly options: PagedListOptions<Row>
  private readonly learner: PageSizeLearner
  private answers: readonly Answer<Row>[] = []
  private readonly placed: PlacedPages<Row>
  private wanted: readonly Span[] = []
  private flights: readonly PageFlight[] = []
  private showing: Promise<void> | undefined
  private total: number | undefined
  private endAtMost = Number.POSITIVE_INFINITY
  private callsLeft = 0

  constructor(options: PagedListOptions<Row>) {
    this.options = options
    this.learner = new PageSizeLearner(options.sizes, options.learnedMax)
    this.placed = new PlacedPages((row) => this.markOf(row))
  }

  at(offset: number): Row | undefined {
    return this.placed.at(offset)
  }

  keyOf(row: Row): string {
    return this.options.keyOf(row)
  }

  markOf(row: Row): string {
    return rowMark(this.options.keyOf(row))
  }

  offsetOfMark(mark: string): number | undefined {
    return this.placed.offsetOfMark(mark)
  }

  offsetOfNeighbour(neighbour: number): number | undefined {
    return this.placed.offsetOfNeighbour(neighbour)
  }

  length(): number | undefined {
    const { endAtMost } = this
    return endAtMost === 0 || this.placed.has(endAtMost - 1) ? endAtMost : this.believedTotal()
  }

  totalCount(): number | undefined {
    const { endAtMost } = this
    return this.placed.areAllUpTo(endAtMost) ? endAtMost : this.believedTotal()
  }

  maxPage(): number {
    return this.learner.sizes().max
  }

  around(offset: number, reach: { readonly below: number; readonly above: number }): RowRange {
    const page = planAround(offset, this.learner.sizes(), reach)
    return { offset: pageOffset(page), limit: page.perPage }
  }

  revision(): number {
    return this.learner.changes()
  }

  expect(calls: number): void {
    this.callsLeft += calls
  }

  async checkSizes(beforeExtra?: Extra): Promise<void> {
    if (!this.learner.isSure(this.total)) await this.readShowingPage(beforeExtra)
  }

  async ensure(from: number, to: number, beforeExtra?: Extra): Promise<void> {
    const span = { from, to }
    if (this.firstMissing(span) === undefined) return
    this.wanted = [...this.wanted, span]
    try {
      // What is wanted in the same turn of the event loop is planned together.
      await endOfTurn()
      for (let row = this.firstMissing(span); row !== undefined; row = this.firstMissing(span)) {
        const flight = flightWith(this.flights, row)
        const changes = this.learner.changes()
        await (flight?.done() ?? this.fetchPages(span, beforeExtra))
        // Asked for and not given, although the upstream counts it: for the reader, the list ends here.
        const isStuck =
          flight === undefined && this.learner.changes() === changes && this.firstMissing(span) === row
        if (isStuck) this.endAtMost = Math.min(this.endAtMost, row)
      }
    } finally {
      this.wanted = this.wanted.filter((other) => other !== span)
    }
  }

  private fetchPages(span: Span, beforeExtra: Extra): Promise<unknown> {
    const pages = this.planShared(span)
    const [first] = pages
    // Without a total, further pages might be calls for nothing: the first one tells. With it, all go in parallel.
    if (first !== undefined && (this.total === undefined || pages.length === 1))
      return this.fetchPage(first, beforeExtra)
    return Promise.all(pages.map((page) => this.fetchPage(page, beforeExtra)))
  }

  // The pages for one span, chosen so that they serve others that are wanted now too where that saves a call.
  private planShared(span: Span): readonly Page[] {
    const { wanted, flights } = this
    const sizes = this.learner.sizes()
    const mine = this.missing([span], flights)
    const own = planRanges(mine, sizes)
    if (wanted.length === 1) return own
    const rest = this.missing(wanted, [...flights, ...own.map((page) => ({ page }))])
    if (rest.length === 0) return own
    const shared = planRanges(this.missing(wanted, flights), sizes)
    if (shared.length >= own.length + planRanges(rest, sizes).length) return own
    return shared.filter((page) =>
      mine.some(({ offset, limit }) => offset < pageEnd(page) && pageOffset(page) < offset + limit),
    )
  }

  private firstMissing({ from, to }: Span): number | undefined {
    const row = this.placed.endFrom(from)
    return row < Math.min(to, this.endAtMost, this.total ?? Number.POSITIVE_INFINITY) ? row : undefined
  }

  // Rows of the spans that are not in hand and that no page on its way has, as ranges in order.
  private missing(
    spans: readonly Span[],
    onTheirWay: readonly Pick<PageFlight, 'page'>[],
  ): readonly RowRange[] {
    const most = mostPagesAtOnce * this.learner.sizes().max
    const ranges: { offset: number; limit: number }[] = []
    let row = 0
    for (const span of spans.length === 1 ? spans : spans.toSorted((a, b) => a.from - b.from)) {
      const end = Math.min(span.to, this.endAtMost, this.total ?? Number.POSITIVE_INFINITY)
      let mostEnd = Number.POSITIVE_INFINITY
      row = Math.max(row, span.from)
      if (this.placed.isEmpty() && onTheirWay.length === 0 && ranges.length === 0 && row < end) {
        // Nothing is there yet: no row needs a look.
        const limit = Math.min(end - row, most)
        ranges.push({ offset: row, limit })
        row += limit
        continue
      }
      for (; row < Math.min(end, mostEnd); row += 1) {
        if (this.placed.has(row) || flightWith(onTheirWay, row) !== undefined) continue
        if (mostEnd === Number.POSITIVE_INFINITY) mostEnd = row + most
        const last = ranges.at(-1)
        if (last !== undefined && last.offset + last.limit === row) last.limit += 1
        else ranges.push({ offset: row, limit: 1 })
      }
    }
    return ranges
  }

  private async fetchPage(asked: Page, beforeExtra: Extra): Promise<void> {
    const { options, learner } = this
    const flight = new PageFlight(asked)
    this.flights = [...this.flights, flight]
    try {
      if (this.callsLeft > 0) this.callsLeft -= 1
      else beforeExtra?.()
      // Sizes out of the documented range are refused (quirk 16), also where the real pages are smaller.
      const perPage = clampSize(asked.perPage, options.sizes)
      const { rows, info } = await options.fetch({ page: asked.page, perPage })
      if (options.trustTotal && isTotal(info?.totalCount)) this.total = info.totalCount
      const report = { asked, count: rows.length, told: info?.perPage, total: this.total }
      let size = learner.sizeOf(report)
      if (size === undefined && asked.page === 1) size = this.isSeenWhole(rows) ? asked.perPage : rows.length
      if (size === undefined) {
        await this.readShowingPage(beforeExtra)
        size = learner.sizeOf(report) ?? learner.usualSizeOf(asked)
      }
      this.accept(report, rows, size)
      flight.land()
    } catch (error) {
      flight.fail(error)
      throw error
    } finally {
      this.flights = this.flights.filter((other) => other !== flight)
    }
  }

  // Whether another page shows that sizes are heeded, so that the list ends with this one: a smaller first page, or a later one with
  // rows of this.
  private isSeenWhole(first: readonly Row[]): boolean {
    const { keyOf } = this.options
    const keys = new Set(first.map(keyOf))
    const showsSizes = ({ asked: { page, perPage }, rows }: Answer<Row>) =>
      page === 1
        ? rows.length === perPage && perPage < first.length
        : rows.some((row) => keys.has(keyOf(row)))
    return this.total === undefined && this.answers.some(showsSizes)
  }

  private readShowingPage(beforeExtra: Extra): Promise<void> {
    const { learner } = this
    this.showing ??= this.fetchPage(learner.showingPage(), beforeExtra).then(() => learner.settle())
    return this.showing
  }

  private accept(report: PageReport, rows: readonly Row[], size: number): void {
    const { learner } = this
    const changes = learner.changes()
    learner.note(report, size)
    const answer = { asked: report.asked, rows, size: size === report.told ? size : undefined }
    this.answers = [...this.answers, answer]
    // Where sizes are others than was thought, so are the places of all that came before.
    if (learner.changes() === changes) this.place(answer)
    else {
      this.placed.clear()
      this.endAtMost = Number.POSITIVE_INFINITY
      for (const one of this.answers) this.place(one)
    }
    this.options.onRows?.(rows)
  }

  private place({ asked, rows, size: told }: Answer<Row>): void {
    const count = rows.length
    const size = Math.max(count, told ?? this.learner.usualSizeOf(asked))
    const start = (asked.page - 1) * size
    if (start > 0 && count > 0 && this.placed.haveBefore(start, rows)) {
      // Only rows of earlier pages: the page number is not heeded, and there are no others.
      this.endAtMost = Math.min(this.endAtMost, start)
      return
    }
    this.placed.add({ rows, start })
    if (count > 0 && start + count > this.endAtMost) this.endAtMost = Number.POSITIVE_INFINITY
    if (count < size) this.endAtMost = Math.min(this.endAtMost, this.placed.endFrom(start + count))
  }

  // A total beyond the end that was seen counts rows that nobody gives.
  private believedTotal(): number | undefined {
    return this.total !== undefined && this.total <= this.endAtMost ? this.total : undefined
  }
}

// Greater numbers are no count of rows: they would not fit a GraphQL Int either.
function isTotal(count: number | undefined): count is number {
  return count !== undefined && count < 2 ** 31
}

function flightWith<Flight extends { readonly page: Page }>(
  flights: readonly Flight[],
  row: number,
): Flight | undefined {
  return flights.find(({ page }) => pageOffset(page) <= row && row < pageEnd(page))
}
