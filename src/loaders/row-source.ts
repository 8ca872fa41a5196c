import type { RowRange } from '../paging/page-plan.ts'

/**
 * The rows of one list in one order, as far as this request knows them. Offsets count from 0. Only `ensure` causes REST calls. Methods and
 * no accessors: V8 makes a hidden class for each object that has an accessor of its own, and keeps all behind it until a full collection.
 */
export type RowSource<Row> = {
  /** The row at an offset; undefined where it was not read or is past the end. */
  at(offset: number): Row | undefined
  /** What tells a row from others. */
  keyOf(row: Row): string
  /** The same as cursors have it, see `rowMark`. */
  markOf(row: Row): string
  /** Where a row with this mark was read, if it was. */
  offsetOfMark(mark: string): number | undefined
  /** Where a row with this short hash (see `neighbourMark`) was read, if it was. */
  offsetOfNeighbour(neighbour: number): number | undefined
  /** The number of rows in the list, where its end was seen or the upstream's total can be believed. */
  length(): number | undefined
  /** The same, for others to rely on: told by the upstream, or counted over the whole list. */
  totalCount(): number | undefined
  /** Rows that one page can hold. */
  maxPage(): number
  /** The rows that one page can show around an offset, see `planAround`. */
  around(offset: number, reach: { readonly below: number; readonly above: number }): RowRange
  /** Adds to the calls that were priced: `beforeExtra` hears of those beyond. */
  expect(calls: number): void
  /**
   * Reads what is missing of rows `from` to `to - 1`, as far as the list goes; `to` may be infinite. Ranges that are asked for at the
   * same time share pages. `beforeExtra` is called before each call that was not priced. Rejects with what it throws, or where a page
   * with one of these rows fails.
   */
  ensure(from: number, to: number, beforeExtra?: () => void): Promise<void>
  /** Grows whenever pages turn out to have another size than was asked for: rows then stand elsewhere than was thought. */
  revision(): number
  /** Finds out whether page sizes are heeded, where nothing has shown it yet. */
  checkSizes(beforeExtra?: () => void): Promise<void>
}

/** A source that few readers need. */
export type LazySource<Row> = {
  readonly open: () => RowSource<Row>
  /** Undefined where nobody has opened it. */
  readonly opened: () => RowSource<Row> | undefined
}
