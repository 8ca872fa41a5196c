import { neighbourMark, rowMark } from '../paging/cursor.ts'
import type { RowSource } from './row-source.ts'

/** A source over rows that are all in hand: single-page endpoints and joins. Repeated rows count once. */
export function createWholeList<Row>(given: readonly Row[], keyOf: (row: Row) => string): RowSource<Row> {
  const markOf = (row: Row) => rowMark(keyOf(row))
  const rows: Row[] = []
  const offsets = new Map<string, number>()
  for (const row of given) {
    const mark = markOf(row)
    if (offsets.has(mark)) continue
    offsets.set(mark, rows.length)
    rows.push(row)
  }
  let neighbours: ReadonlyMap<number, number> | undefined
  const { length } = rows
  return {
    at: (offset) => rows[offset],
    keyOf,
    markOf,
    offsetOfMark: (mark) => offsets.get(mark),
    offsetOfNeighbour(neighbour) {
      neighbours ??= new Map([...offsets].map(([mark, offset]) => [neighbourMark(mark), offset]))
      return neighbours.get(neighbour)
    },
    length: () => length,
    totalCount: () => length,
    maxPage: () => Math.max(1, length),
    around: () => ({ offset: 0, limit: length }),
    expect: () => undefined,
    ensure: () => Promise.resolve(),
    revision: () => 0,
    checkSizes: () => Promise.resolve(),
  }
}
