import { neighbourMark } from '../paging/cursor.ts'

/** Rows as they came together, and the offset of the first of them. */
export type PlacedPage<Row> = { readonly rows: readonly Row[]; readonly start: number }

/** Where rows stand, by their marks and by their short hashes. */
type Places = { readonly offsets: Map<string, number>; readonly neighbours: Map<number, number> }

/** The rows of a list that are in hand, left in the pages that they came in. Where several pages have an offset, the last one has it. */
export class PlacedPages<Row> {
  private readonly markOf: (row: Row) => string
  private pages: readonly PlacedPage<Row>[] = []
  private doOverlap = false
  private latest: PlacedPage<Row> | undefined
  // Made for the readers with a cursor, when they ask.
  private places: Places | undefined

  constructor(markOf: (row: Row) => string) {
    this.markOf = markOf
  }

  add(page: PlacedPage<Row>): void {
    const end = endOf(page)
    this.doOverlap ||= this.pages.some((other) => other.start < end && page.start < endOf(other))
    this.pages = [...this.pages, page]
    this.latest = page
    if (this.places !== undefined) this.note(page, this.places)
  }

  clear(): void {
    this.pages = []
    this.doOverlap = false
    this.latest = undefined
    this.places = undefined
  }

  isEmpty(): boolean {
    return this.pages.length === 0
  }

  has(offset: number): boolean {
    return this.pageWith(offset) !== undefined
  }

  at(offset: number): Row | undefined {
    const page = this.pageWith(offset)
    return page?.rows[offset - page.start]
  }

  /** The first offset from `offset` on that has no row. */
  endFrom(offset: number): number {
    let end = offset
    for (let page = this.pageWith(end); page !== undefined; page = this.pageWith(end)) end = endOf(page)
    return end
  }

  /** Whether these are the rows up to `end`, all of them and no others. */
  areAllUpTo(end: number): boolean {
    return this.endFrom(0) === end && this.pages.every((page) => endOf(page) <= end)
  }

  /** Whether each of these rows stands before an offset. */
  haveBefore(offset: number, rows: readonly Row[]): boolean {
    const { offsets } = this.index()
    return rows.every((row) => (offsets.get(this.markOf(row)) ?? offset) < offset)
  }

  offsetOfMark(mark: string): number | undefined {
    const offset = this.index().offsets.get(mark) ?? -1
    const row = this.at(offset)
    return row !== undefined && this.markOf(row) === mark ? offset : undefined
  }

  offsetOfNeighbour(neighbour: number): number | undefined {
    return this.index().neighbours.get(neighbour)
  }

  private pageWith(offset: number): PlacedPage<Row> | undefined {
    const { latest } = this
    // Rows are mostly read one after the other.
    if (latest !== undefined && !this.doOverlap && hasRow(latest, offset)) return latest
    const page = this.pages.findLast((one) => hasRow(one, offset))
    if (page !== undefined) this.latest = page
    return page
  }

  private index(): Places {
    if (this.places === undefined) {
      this.places = { offsets: new Map(), neighbours: new Map() }
      for (const page of this.pages) this.note(page, this.places)
    }
    return this.places
  }

  private note({ start, rows }: PlacedPage<Row>, { offsets, neighbours }: Places): void {
    for (const [i, row] of rows.entries()) {
      const mark = this.markOf(row)
      offsets.set(mark, start + i)
      neighbours.set(neighbourMark(mark), start + i)
    }
  }
}

function hasRow(page: PlacedPage<unknown>, offset: number): boolean {
  return page.start <= offset && offset < endOf(page)
}

function endOf({ start, rows }: PlacedPage<unknown>): number {
  return start + rows.length
}
