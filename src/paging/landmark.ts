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
 * ahead, up to `farthestAhead` rows off. A row that moved alone (it was renamed) disagrees with the others on who comes first: the
 * one that most of them agree with is taken.
 */
export function findLandmark(
  cursor: Cursor,
  rows: RowFinder,
  step: Step,
  farthestAhead: number = maxCursorNeighbours,
): Landmark | undefined {
  const [passed, ahead] = step === 1 ? [cursor.before, cursor.after] : [cursor.after, cursor.before]
  const landmarks = [
    { place: 0, offset: rows.offsetOfMark(cursor.mark) },
    ...passed.map((row, index) => ({ place: -step * (index + 1), offset: rows.offsetOfNeighbour(row) })),
    ...ahead.map((row, index) => ({ place: step * (index + 1), offset: rows.offsetOfNeighbour(row) })),
  ].filter(isStanding)
  const agreeing = ({ place, offset }: Landmark) =>
    landmarks.filter((other) => other.offset < offset === other.place < place).length
  let best: Landmark | undefined
  for (const landmark of landmarks) {
    if (landmark.place * step > farthestAhead) continue
    if (best === undefined || agreeing(landmark) > agreeing(best)) best = landmark
  }
  return best
}

function isStanding(landmark: { place: number; offset: number | undefined }): landmark is Landmark {
  return landmark.offset !== undefined
}
