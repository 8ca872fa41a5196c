/**
 * The rows of one list in one order, as far as this request knows them. Offsets count from 0. Only `want`, `ensure` and
 * `lookAround` may cause REST calls.
 */
export type RowSource<Row> = {
  /** The row at an offset; undefined where it was not read or is past the end. */
  at(offset: number): PlacedRow<Row> | undefined
  /** Where a row with this mark (see `rowMark`) was read, if it was. */
  offsetOfMark(mark: string): number | undefined
  /** Where a row with this short hash (see `neighbourMark`) was read, if it was. */
  offsetOfNeighbour(neighbour: number): number | undefined
  /** The number of rows in the list, where it is certain or the upstream's total can be believed. */
  readonly length: number | undefined
  /** Rows that one page can hold. */
  maxPage(): number
  /** Announces a range, so that ranges of one tick are planned together. */
  want(from: number, to: number): void
  /** Reads what is missing of rows `from` to `to - 1`, as far as the list goes. */
  ensure(from: number, to: number): Promise<void>
  /** Reads the page that shows most around an offset. */
  lookAround(offset: number): Promise<void>
}

/** A row with its identity. */
export type PlacedRow<Row> = { readonly row: Row; readonly mark: string }
