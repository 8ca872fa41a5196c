import { neighbourMark, rowMark } from '../paging/cursor.ts'
import type { PlacedRow, RowSource } from './row-source.ts'

/** A source over rows that are all in hand: single-page endpoints and joins. Repeated rows count once. */
export function createWholeList<Row>(rows: readonly Row[], keyOf: (row: Row) => string): RowSource<Row> {
  const placed: PlacedRow<Row>[] = []
  const offsets = new Map<string, number>()
  for (const row of rows) {
    const mark = rowMark(keyOf(row))
    if (offsets.has(mark)) continue
    offsets.set(mark, placed.length)
    placed.push({ row, mark })
  }
  let neighbours: ReadonlyMap<number, number> | undefined
  const { length } = placed
  return {
    at: (offset) => placed[offset],
    offsetOfMark: (mark) => offsets.get(mark),
    offsetOfNeighbour(neighbour) {
      neighbours ??= new Map(placed.map(({ mark }, offset) => [neighbourMark(mark), offset]))
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
