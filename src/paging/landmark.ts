import { type Cursor, maxCursorNeighbours } from './cursor.ts'

/** A row that a cursor remembers, found again. `place` counts from the cursor's own row, which is 0; -1 is the row before it. */
export type Landmark = { readonly place: number; readonly offset: number }

/** Where rows stand now, as far as they were read; see `rowMark` and `neighbourMark`. */
export type RowFinder = {
  offsetOfMark(mark: string): number | undefined
  offsetOfNeighbour(neighbour: number): number | undefined
}

/** 1 where offsets grow in reading direction, -1 where they fall. */
export type Step = 1 | -1

/**
 * The row to go by when a cursor's rows have moved: its own, else the nearest that was passed before it, else the nearest that lies
 * ahead, up to `farthestAhead` rows off. A row that is not in its order with most of the others was moved alone, such as by a
 * new name, and does not count.
 */
export function findLandmark(
  cursor: Cursor,
  rows: RowFinder,
  step: Step,
  farthestAhead: number = maxCursorNeighbours,
): Landmark | undefined {
  const inOrder = longestInOrder(standingRows(cursor, rows))
  const passed = inOrder.filter(({ place }) => place * step <= 0)
  const ahead = inOrder.filter(({ place }) => place * step > 0 && place * step <= farthestAhead)
  return passed.at(step === 1 ? -1 : 0) ?? ahead.at(step === 1 ? 0 : -1)
}

// By their place.
function standingRows(cursor: Cursor, rows: RowFinder): readonly Landmark[] {
  const find = (hash: number) => rows.offsetOfNeighbour(hash)
  const offsets = [
    ...cursor.before.toReversed().map(find),
    rows.offsetOfMark(cursor.mark),
    ...cursor.after.map(find),
  ]
  return offsets.flatMap((offset, index) =>
    offset === undefined ? [] : [{ place: index - cursor.before.length, offset }],
  )
}

// The most of them whose offsets grow with their places; of equally many, those with the cursor's own row.
function longestInOrder(landmarks: readonly Landmark[]): readonly Landmark[] {
  const longest = (runs: readonly (readonly Landmark[])[]) =>
    runs.toSorted((a, b) => b.length - a.length || Number(hasOwnRow(b)) - Number(hasOwnRow(a)))[0] ?? []
  const runs: (readonly Landmark[])[] = []
  for (const landmark of landmarks) {
    const before = runs.filter((run) => run.every(({ offset }) => offset < landmark.offset))
    runs.push([...longest(before), landmark])
  }
  return longest(runs)
}

function hasOwnRow(run: readonly Landmark[]): boolean {
  return run.some(({ place }) => place === 0)
}
