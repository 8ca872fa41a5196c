import type { RestPage } from '../cloudflare/client.ts'
import { neighbourMark, rowMark } from '../paging/cursor.ts'
import { type Page, type PageSizes, pageOffset, planAround, planPages } from '../paging/page-plan.ts'
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

type Range = { readonly from: number; readonly to: number }

/**
 * A source over a paged endpoint. Pages are planned for what is missing; the rows decide, not what was asked: where the upstream
 * gives another page size, what is left is planned anew with that one.
 */
export function createPagedList<Row>(options: PagedListOptions<Row>): RowSource<Row> {
  const rows = new Map<number, PlacedRow<Row>>()
  const offsets = new Map<string, number>()
  const neighbours = new Map<number, number>()
  let sizes = smallerPages(options.sizes, options.learnedMax.get() ?? options.sizes.max)
  // The largest size that was asked for and given in full: proof that sizes up to it are heeded.
  let heededSize = 0
  let total: number | undefined
  let endAtMost = Number.POSITIVE_INFINITY
  let wanted: Range[] = []
  let underWay: { readonly range: Range; readonly done: Promise<void> }[] = []

  const price = (range: Range) => planPages({ offset: range.from, limit: range.to - range.from }, sizes).length
  const knownEnd = () => Math.min(endAtMost, total ?? Number.POSITIVE_INFINITY)
  const state = () => `${rows.size} ${knownEnd()} ${sizes.min} ${sizes.max}`

  async function ensure(from: number, to: number): Promise<void> {
    for (;;) {
      const last = Math.min(to, knownEnd())
      let first = from
      while (first < last && rows.has(first)) first += 1
      if (first >= last) return
      const covering = underWay.find(({ range }) => range.from <= first && first < range.to)
      if (covering !== undefined) {
        await covering.done
        if (rows.has(first) || first >= knownEnd()) continue
      }
      const before = state()
      const range = joinWanted({ from: first, to: last })
      const pages = planPages({ offset: range.from, limit: range.to - range.from }, sizes)
      // Without a total, pages past the end would be calls for nothing: the first page tells, then the rest goes in parallel.
      await Promise.all((total === undefined ? pages.slice(0, 1) : pages).map(fetchPage))
      // An upstream that counts a row and never gives it: what it gave is the answer.
      if (state() === before) return
    }
  }

  // Ranges that were announced in the same tick go along where that saves a call.
  function joinWanted(range: Range): Range {
    let joined = range
    for (const other of wanted) {
      const both = {
        from: Math.min(joined.from, other.from),
        to: Math.min(knownEnd(), Math.max(joined.to, other.to)),
      }
      if (price(both) < price(joined) + price(other)) joined = both
    }
    wanted = []
    return joined
  }

  async function fetchPage(page: Page): Promise<void> {
    const range = { from: pageOffset(page), to: pageOffset(page) + page.perPage }
    const entry = { range, done: options.fetch(page).then((answer) => accept(page, answer)) }
    underWay = [...underWay, entry]
    try {
      await entry.done
    } finally {
      underWay = underWay.filter((other) => other !== entry)
    }
  }

  async function accept(page: Page, answer: RestPage<Row>): Promise<void> {
    if (options.trustTotal && answer.info?.totalCount !== undefined) total = answer.info.totalCount
    const perPage = realPageSize(page, answer)
    if (!looksLikeIgnoredSize(page, answer, perPage)) {
      place(page, answer, perPage)
      return
    }
    // As many rows as a default page holds, and no word of what was done: only the next page tells a full page from the end.
    const next = { page: page.page + 1, perPage: page.perPage }
    const following = await options.fetch(next)
    const given = following.rows.length === 0 ? page.perPage : answer.rows.length
    place(page, answer, given)
    if (following.rows.length > 0) place(next, following, given)
  }

  function place(asked: Page, answer: RestPage<Row>, perPage: number): void {
    const start = (asked.page - 1) * perPage
    const marked = answer.rows.map((row) => ({ row, mark: rowMark(options.keyOf(row)) }))
    heedPageSize(asked, perPage, marked.length)
    if (asked.page > 1 && marked.length > 0 && marked.every(({ mark }) => (offsets.get(mark) ?? start) < start)) {
      // Only rows of earlier pages: `page` is ignored here, and there are no others.
      endAtMost = Math.min(endAtMost, start)
      return
    }
    marked.forEach((placed, index) => {
      const offset = start + index
      rows.set(offset, placed)
      if (!offsets.has(placed.mark)) offsets.set(placed.mark, offset)
      neighbours.set(neighbourMark(placed.mark), offset)
    })
    if (marked.length < perPage) endAtMost = Math.min(endAtMost, start + marked.length)
    options.onRows?.(answer.rows)
  }

  // The size that the upstream's pages really have: what it says, else what its rows say, else what was asked.
  function realPageSize(asked: Page, answer: RestPage<Row>): number {
    const count = answer.rows.length
    const said = answer.info?.perPage
    if (said !== undefined && said >= 1 && said >= count) return said
    if (count > asked.perPage) return count
    // Fewer than asked, though its total says that there are more: such is its page.
    if (count > 0 && count < asked.perPage && total !== undefined && (asked.page - 1) * count + count < total) {
      return asked.page === 1 || pageOffset(asked) + count < total ? count : asked.perPage
    }
    return asked.perPage
  }

  function looksLikeIgnoredSize(asked: Page, answer: RestPage<Row>, perPage: number): boolean {
    const untold = answer.info?.perPage === undefined && total === undefined && perPage === asked.perPage
    const { length } = answer.rows
    return untold && length === options.sizes.default && length < asked.perPage && heededSize < asked.perPage
  }

  function heedPageSize(asked: Page, perPage: number, count: number): void {
    if (perPage === asked.perPage) {
      if (count === perPage) heededSize = Math.max(heededSize, perPage)
      return
    }
    if (perPage > asked.perPage) {
      sizes = { ...sizes, min: perPage, max: perPage }
      return
    }
    sizes = smallerPages(sizes, perPage)
    options.learnedMax.set(perPage)
  }

  return {
    at: (offset) => rows.get(offset),
    offsetOfMark: (mark) => offsets.get(mark),
    offsetOfNeighbour: (neighbour) => neighbours.get(neighbour),
    get length() {
      const endIsSeen = endAtMost === 0 || rows.has(endAtMost - 1)
      return endIsSeen ? endAtMost : total
    },
    maxPage: () => sizes.max,
    want: (from, to) => {
      wanted.push({ from, to })
    },
    ensure,
    lookAround: (offset) => fetchPage(planAround(Math.max(0, Math.min(offset, knownEnd() - 1)), sizes)),
  }
}

function smallerPages(sizes: PageSizes, max: number): PageSizes {
  return max < sizes.max ? { ...sizes, min: Math.min(sizes.min, max), max } : sizes
}
