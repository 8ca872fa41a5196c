import { type Cursor, neighbourMark } from '../paging/cursor.ts'
import { findLandmark, type Landmark, type Step } from '../paging/landmark.ts'
import type { WindowPlan } from '../paging/window-plan.ts'
import type { RowSource } from './row-source.ts'

/** One window being read. */
export type Reading<Row> = {
  readonly source: RowSource<Row>
  readonly plan: WindowPlan
  readonly step: Step
  /** Called before each call that the plan did not count. */
  readonly beforeExtra: () => void
}

/** Where the rows of a window begin. */
export type Start = {
  readonly offset: number
  /** Whether rows lie behind it, against the reading direction. */
  readonly behind: boolean
  /** Rows, by their short hash, that the reader has passed already although they may stand at `offset` or beyond. */
  readonly passed: readonly number[]
}

const listStart: Start = { offset: 0, behind: false, passed: [] }

/** Finds the first row of the window among what the plan names, which is in hand. */
export function findStart<Row>(reading: Reading<Row>): Start | Promise<Start> {
  const { plan, step } = reading
  if (plan.cursor !== undefined) return findAfter(reading, plan.cursor)
  return step === 1 ? listStart : startAtEnd(reading)
}

async function startAtEnd<Row>(reading: Reading<Row>): Promise<Start> {
  return { ...listStart, offset: (await findEnd(reading)) - 1 }
}

/**
 * The row at an offset, with the `count` rows from there on asked for together; undefined beyond either end of the list. At once where
 * nothing has to be read for it.
 */
export function rowAt<Row>(
  { source, step, beforeExtra }: Reading<Row>,
  offset: number,
  count: number,
): Row | undefined | Promise<Row | undefined> {
  const row = source.at(offset)
  if (row !== undefined || offset < 0 || offset >= (source.length() ?? Number.POSITIVE_INFINITY)) return row
  const [from, to] = step === 1 ? [offset, offset + count] : [Math.max(0, offset + 1 - count), offset + 1]
  return source.ensure(from, to, beforeExtra).then(() => source.at(offset))
}

// While nothing moved, this costs nothing. Else the cursor's own row and its neighbours are looked for among the rows in hand, then on
// one page around their old place; where all are gone, the list goes on from where they stood.
async function findAfter<Row>(reading: Reading<Row>, cursor: Cursor): Promise<Start> {
  const { source, step, beforeExtra } = reading
  const row = source.at(cursor.offset)
  if (row !== undefined && source.markOf(row) === cursor.mark) {
    return { offset: cursor.offset + step, behind: true, passed: [] }
  }
  await source.checkSizes(beforeExtra)
  const inHand = findLandmark(cursor, source, step, 1)
  const landmark = isEnough(inHand, cursor, step) ? inHand : await lookAround(reading, cursor)
  if (landmark === undefined) return goOnFrom(reading, Math.max(0, cursor.offset - cursor.before.length))
  if (landmark.place * step > 0) return startAt(reading, landmark.offset)
  const passed = [neighbourMark(cursor.mark), ...(step === 1 ? cursor.before : cursor.after)]
  return { offset: landmark.offset + step, behind: true, passed: passed.slice(0, Math.abs(landmark.place)) }
}

// A row ahead of the cursor only tells where the cursor stood if it came nearer: else, rows between them would be missed.
function isEnough(landmark: Landmark | undefined, cursor: Cursor, step: Step): boolean {
  return (
    landmark !== undefined && (landmark.place * step <= 0 || (landmark.offset - cursor.offset) * step <= 0)
  )
}

async function lookAround<Row>({ source, plan, step, beforeExtra }: Reading<Row>, cursor: Cursor) {
  const place = Math.min(cursor.offset, source.length() ?? cursor.offset)
  const reach = step === 1 ? { below: 0, above: plan.size } : { below: plan.size, above: 0 }
  const { offset, limit } = source.around(place, reach)
  await source.ensure(offset, offset + limit, beforeExtra)
  return findLandmark(cursor, source, step)
}

async function goOnFrom<Row>(reading: Reading<Row>, gap: number): Promise<Start> {
  const { source, step } = reading
  if (step === 1) return startAt(reading, Math.min(gap, source.length() ?? gap))
  const isPastEnd = gap > 0 && (await rowAt(reading, gap - 1, 1)) === undefined
  return startAt(reading, isPastEnd ? (await findEnd(reading)) - 1 : gap - 1)
}

async function startAt<Row>(reading: Reading<Row>, offset: number): Promise<Start> {
  const behind = reading.step === 1 ? offset > 0 : (await rowAt(reading, offset + 1, 1)) !== undefined
  return { offset, behind, passed: [] }
}

// Where a list ends that can only be read forwards: its total tells, or else a walk.
async function findEnd<Row>({ source, plan, beforeExtra }: Reading<Row>): Promise<number> {
  for (;;) {
    let end = source.length()
    for (let row = 0; end === undefined; row += 1) {
      if (source.at(row) === undefined) await source.ensure(row, row + source.maxPage(), beforeExtra)
      // Pages turned out to be smaller than was thought, so that rows before this one are missing.
      if (source.at(row) === undefined) row = -1
      end = source.length()
    }
    await source.ensure(Math.max(0, end - plan.size), end, beforeExtra)
    // Else the total counted rows that the upstream does not give.
    if ((source.length() ?? -1) >= end) return end
  }
}
