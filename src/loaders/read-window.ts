import { type Cursor, maxCursorNeighbours, neighbourMark } from '../paging/cursor.ts'
import { findLandmark, type Step } from '../paging/landmark.ts'
import type { Window } from '../paging/window.ts'
import { type ListTraits, planWindow, type WindowNeeds } from '../paging/window-plan.ts'
import { findStart, type Reading, rowAt, type Start } from './find-start.ts'
import type { LazySource, RowSource } from './row-source.ts'

/** A list that can be read in its own order and, where the endpoint sorts both ways, backwards. */
export type ReadableList<Row> = {
  readonly traits: ListTraits
  readonly forward: RowSource<Row>
  /** Present where `traits.reversible`. */
  readonly reverse: LazySource<Row> | undefined
  /** Whether a row belongs to the list: the filter, checked again on what the upstream let through (quirk 19). */
  readonly matches: ((row: Row) => boolean) | undefined
  /**
   * Called before each call beyond `WindowPlan.calls`: a further page of a walk to the end, a look around for a row that has moved,
   * what a filter that was ignored costs. What it throws ends the reading.
   */
  readonly beforeWalk: () => void
}

/** The rows of one window, in list order. */
export type RowWindow<Row> = {
  readonly rows: readonly Row[]
  /** The place of the row at an index. */
  readonly cursorAt: (index: number) => Cursor
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  /** Rows in the whole list; null where the upstream does not say. */
  readonly totalCount: number | null
}

/** A window that shows nothing of its list, but for how many rows that has. */
export function emptyWindow(totalCount: number | null): RowWindow<never> {
  return { rows: [], cursorAt: noCursor, hasNextPage: false, hasPreviousPage: false, totalCount }
}

function noCursor(index: number): never {
  throw new RangeError(`the window has no row ${index}`)
}

/** Reads exactly the rows of a window, whatever the pages are and whatever moved since its cursors were given. */
export async function readWindow<Row>(
  list: ReadableList<Row>,
  window: Window,
  needs: WindowNeeds,
): Promise<RowWindow<Row>> {
  const plan = planWindow(window, list.traits, needs)
  const source = plan.fromEnd && list.reverse !== undefined ? list.reverse.open() : list.forward
  const { beforeWalk } = list
  if (plan.calls === 0 && list.traits.sizes !== undefined) return emptyWindow(null)
  source.expect(plan.calls)
  if (!needs.rows && !needs.more) {
    if (needs.totalCount && list.matches === undefined && totalOf(list) === null)
      await source.ensure(plan.from, plan.to, beforeWalk)
    return emptyWindow(totalOf(list))
  }
  const step = plan.ascending ? 1 : -1
  const reading: WindowReading<Row> = { list, source, plan, needs, window, step, beforeExtra: beforeWalk }
  let walked: Walk<Row>
  let revision: number
  do {
    revision = source.revision()
    // Here and not further down, where more would have to wait with it.
    await source.ensure(plan.from, plan.to, beforeWalk)
    walked = await walk(reading)
    // What is in hand costs nothing to read again where it turned out to stand elsewhere.
  } while (source.revision() !== revision)
  return windowOf(reading, walked)
}

function windowOf<Row>(reading: WindowReading<Row>, walked: Walk<Row>): RowWindow<Row> {
  const { list, window } = reading
  const { ahead, behind } = walked
  const isForward = window.from === 'start'
  const rows = isForward ? walked.rows : walked.rows.toReversed()
  const offsets = isForward ? walked.offsets : walked.offsets.toReversed()
  return {
    rows,
    cursorAt(index) {
      const [row, offset] = [rows[index], offsets[index]]
      return row === undefined || offset === undefined ? noCursor(index) : cursorOf(reading, row, offset)
    },
    hasNextPage: isForward ? ahead : behind,
    hasPreviousPage: isForward ? behind : ahead,
    totalCount: totalOf(list),
  }
}

/** What the reader of a window needs besides. */
type WindowReading<Row> = Reading<Row> & {
  readonly list: ReadableList<Row>
  readonly needs: WindowNeeds
  readonly window: Window
}

/** In reading direction: rows of the window with their offsets, and whether there are others behind the reader and ahead. */
type Walk<Row> = {
  readonly rows: readonly Row[]
  readonly offsets: readonly number[]
  readonly ahead: boolean
  readonly behind: boolean
}

async function walk<Row>(reading: WindowReading<Row>): Promise<Walk<Row>> {
  const { source, window, plan, needs, step } = reading
  const found = findStart(reading)
  const start = found instanceof Promise ? await found : found
  const sieve = createSieve(reading, start)
  const rows: Row[] = []
  const offsets: number[] = []
  let offset = start.offset + (window.size - plan.size) * step
  const size = cursorsCross(reading, start) ? 0 : plan.size
  for (; rows.length < size; offset += step) {
    const probe = needs.more && step === 1 && source.length() === undefined ? 1 : 0
    // Mostly in hand: then nothing is waited for.
    const asked =
      source.at(offset) ?? rowAt(reading, offset, sieve.rowsFrom(offset, size - rows.length + probe))
    const row = asked instanceof Promise ? await asked : asked
    if (row === undefined || isAtOtherCursor(reading, offset)) break
    if (!sieve.takes(row)) continue
    rows.push(row)
    offsets.push(offset)
  }
  const ahead = needs.more && (await isAnyFrom(reading, offset, sieve))
  return { rows, offsets, ahead, behind: start.behind }
}

type Sieve<Row> = {
  takes(row: Row): boolean
  /** Rows to ask for from an offset on, where so many are needed: a whole page once the filter is seen to be ignored. */
  rowsFrom(offset: number, needed: number): number
}

// Rows that move while several pages are read show up twice, the cursor's own may have moved ahead, a filter may have been ignored.
function createSieve<Row>({ list, source, step }: WindowReading<Row>, { passed }: Start): Sieve<Row> {
  const seen = new Set<string>()
  let isFilterIgnored = false
  return {
    takes(row) {
      const isMatch = list.matches === undefined || list.matches(row)
      if (!isMatch) isFilterIgnored = true
      const key = source.keyOf(row)
      if (!isMatch || seen.has(key)) return false
      if (passed.length > 0 && passed.includes(neighbourMark(source.markOf(row)))) return false
      seen.add(key)
      return true
    },
    rowsFrom(offset, needed) {
      if (!isFilterIgnored) return needed + passed.length
      const perPage = source.maxPage()
      return step === 1 ? perPage - (offset % perPage) : (offset % perPage) + 1
    },
  }
}

async function isAnyFrom<Row>(
  reading: WindowReading<Row>,
  from: number,
  sieve: Sieve<Row>,
): Promise<boolean> {
  const { list, source, step } = reading
  for (let offset = from; ; offset += step) {
    if (list.matches === undefined) {
      if (step === -1) return offset >= 0
      const length = source.length()
      if (length !== undefined && source.at(offset) === undefined) return offset < length
    }
    const row = await rowAt(reading, offset, sieve.rowsFrom(offset, 1))
    if (row === undefined) return false
    if (sieve.takes(row)) return true
  }
}

// With both cursors given, the one that the window did not start from ends it: at its row, or where that is gone, where it stood.
function isAtOtherCursor<Row>({ window, plan, source, step }: WindowReading<Row>, offset: number): boolean {
  const other = window.from === 'start' ? window.before : window.after
  if (other === undefined) return false
  const landmark = findLandmark(other.fromEnd === plan.fromEnd ? other : turned(other), source, step)
  if (landmark === undefined) return false
  const gap = landmark.place * step < 0 ? landmark.offset + step : landmark.offset
  return (offset - gap) * step >= 0
}

// Cursors in the wrong order leave no rows between them, as far as nothing moved.
function cursorsCross<Row>({ window, plan, step }: WindowReading<Row>, start: Start): boolean {
  const other = window.from === 'start' ? window.before : window.after
  if (plan.cursor === undefined || other?.fromEnd !== plan.fromEnd) return false
  return start.offset === plan.cursor.offset + step && (plan.cursor.offset - other.offset) * step >= 0
}

function turned(cursor: Cursor): Cursor {
  return { ...cursor, fromEnd: !cursor.fromEnd, before: cursor.after, after: cursor.before }
}

function cursorOf<Row>(reading: WindowReading<Row>, row: Row, offset: number): Cursor {
  const { source, plan } = reading
  const cursor = {
    mark: source.markOf(row),
    offset,
    fromEnd: plan.fromEnd,
    before: neighboursOf(reading, offset, -1),
    after: neighboursOf(reading, offset, 1),
  }
  // Counted from the start wherever that is known, so that the cursor goes with either reading direction at its best price.
  const length = source.length()
  if (!plan.fromEnd || length === undefined || length <= offset) return cursor
  return { ...turned(cursor), offset: length - 1 - offset }
}

// The rows in hand next to a row, and beyond them those that the window's own cursor remembers.
function neighboursOf<Row>(
  { source, plan, step }: WindowReading<Row>,
  offset: number,
  way: Step,
): readonly number[] {
  const near: number[] = []
  for (let i = 1; i <= maxCursorNeighbours; i += 1) {
    const row = source.at(offset + way * i)
    if (row === undefined) break
    near.push(neighbourMark(source.markOf(row)))
  }
  if (plan.cursor === undefined || way === step) return near
  const remembered = [
    neighbourMark(plan.cursor.mark),
    ...(way === 1 ? plan.cursor.after : plan.cursor.before),
  ]
  return [...near, ...remembered.filter((mark) => !near.includes(mark))].slice(0, maxCursorNeighbours)
}

function totalOf<Row>(list: ReadableList<Row>): number | null {
  return list.matches === undefined
    ? (list.forward.totalCount() ?? list.reverse?.opened()?.totalCount() ?? null)
    : null
}
