import { type Cursor, maxCursorNeighbours, neighbourMark } from '../paging/cursor.ts'
import { findLandmark, type Step } from '../paging/landmark.ts'
import type { Window } from '../paging/window.ts'
import { type ListTraits, planWindow, type WindowNeeds, type WindowPlan } from '../paging/window-plan.ts'
import type { PlacedRow, RowSource } from './row-source.ts'

/** A list that can be read in its own order and, where the endpoint sorts both ways, backwards. */
export type ReadableList<Row> = {
  readonly traits: ListTraits
  readonly forward: RowSource<Row>
  /** Present where `traits.reversible`. */
  readonly reverse: RowSource<Row> | undefined
  /** Whether a row belongs to the list: the filter, checked again on what the upstream let through (quirk 19). */
  readonly matches: ((row: Row) => boolean) | undefined
  /**
   * Called before each call beyond `WindowPlan.calls`: a further page of a walk to the end, a look around for a row that has moved,
   * what a filter that was ignored costs. What it throws ends the reading.
   */
  readonly beforeWalk: () => void
}

/** A row of a window, and the place from which a cursor is made. */
export type WindowRow<Row> = { readonly row: Row; readonly mark: string; readonly cursor: () => Cursor }

/** The rows of one window, in list order. */
export type RowWindow<Row> = {
  readonly rows: readonly WindowRow<Row>[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  /** Rows in the whole list; null where the upstream does not say. */
  readonly totalCount: number | null
}

/** Reads exactly the rows of a window, whatever the pages are and whatever moved since its cursors were given. */
export async function readWindow<Row>(
  list: ReadableList<Row>,
  window: Window,
  needs: WindowNeeds,
): Promise<RowWindow<Row>> {
  const plan = planWindow(window, list.traits, needs)
  const source = plan.fromEnd && list.reverse !== undefined ? list.reverse : list.forward
  source.expect(plan.calls)
  if (!needs.rows && !needs.more) {
    if (needs.totalCount && list.matches === undefined && totalOf(list) === null) {
      await source.ensure(plan.from, plan.to, list.beforeWalk)
    }
    return { rows: [], hasNextPage: false, hasPreviousPage: false, totalCount: totalOf(list) }
  }
  const reading: Reading<Row> = { list, source, plan, needs, window, step: plan.ascending ? 1 : -1 }
  let { revision } = source
  let walked = await walk(reading)
  // What is in hand costs nothing to read again where it turned out to stand elsewhere.
  for (; source.revision !== revision; walked = await walk(reading)) ({ revision } = source)
  const { found, ahead, behind } = walked
  const rows = found.map((row) => toWindowRow(reading, row))
  const totalCount = totalOf(list)
  return window.from === 'start'
    ? { rows, hasNextPage: ahead, hasPreviousPage: behind, totalCount }
    : { rows: rows.toReversed(), hasNextPage: behind, hasPreviousPage: ahead, totalCount }
}

type Reading<Row> = {
  readonly list: ReadableList<Row>
  readonly source: RowSource<Row>
  readonly plan: WindowPlan
  readonly needs: WindowNeeds
  readonly window: Window
  readonly step: Step
}

type FoundRow<Row> = { readonly placed: PlacedRow<Row>; readonly offset: number }

/** In reading direction: rows of the window, and whether there are others behind the reader and ahead. */
type Walk<Row> = {
  readonly found: readonly FoundRow<Row>[]
  readonly ahead: boolean
  readonly behind: boolean
}

/** Where a window begins. `passed` are rows, by their short hash, that come before it although they may stand after `offset`. */
type Start = { readonly offset: number; readonly behind: boolean; readonly passed: readonly number[] }

async function walk<Row>(reading: Reading<Row>): Promise<Walk<Row>> {
  const { source, window, plan, needs, step } = reading
  const start = await findStart(reading)
  const sieve = createSieve(reading, start)
  const found: FoundRow<Row>[] = []
  let offset = start.offset + (window.size - plan.size) * reading.step
  const size = cursorsCross(reading, start) ? 0 : plan.size
  for (; found.length < size; offset += reading.step) {
    const probe = needs.more && step === 1 && source.length === undefined ? 1 : 0
    const placed = await rowAt(reading, offset, sieve.rowsFor(size - found.length + probe))
    if (placed === undefined || isAtOtherCursor(reading, offset)) break
    if (sieve.takes(placed)) found.push({ placed, offset })
  }
  const ahead = needs.more && (await isAnyFrom(reading, offset, sieve))
  return { found, ahead, behind: start.behind }
}

async function findStart<Row>(reading: Reading<Row>): Promise<Start> {
  const { source, plan, step, list } = reading
  await source.ensure(plan.from, plan.to, list.beforeWalk)
  if (plan.cursor !== undefined) return locate(reading, plan.cursor)
  return { offset: step === 1 ? 0 : (await findEnd(reading)) - 1, behind: false, passed: [] }
}

/**
 * Finds the row after a cursor. While nothing moved, this costs nothing. Else the cursor's own row and its neighbours are looked for
 * among the rows in hand, then on one page around their old place; where all are gone, the list goes on from where they stood.
 */
async function locate<Row>(reading: Reading<Row>, cursor: Cursor): Promise<Start> {
  const { source, step, list } = reading
  if (source.at(cursor.offset)?.mark === cursor.mark) {
    return { offset: cursor.offset + step, behind: true, passed: [] }
  }
  await source.checkSizes(list.beforeWalk)
  const inHand = findLandmark(cursor, source, step, 1)
  // A row ahead of the cursor will only do where it moved towards it: else rows between them would be missed.
  const isEnough =
    inHand !== undefined && (inHand.place * step <= 0 || (inHand.offset - cursor.offset) * step <= 0)
  const landmark = isEnough ? inHand : await lookAround(reading, cursor)
  if (landmark === undefined) return goOnFrom(reading, Math.max(0, cursor.offset - cursor.before.length))
  if (landmark.place * step > 0) return startAt(reading, landmark.offset)
  const passed = [neighbourMark(cursor.mark), ...(step === 1 ? cursor.before : cursor.after)]
  return { offset: landmark.offset + step, behind: true, passed: passed.slice(0, Math.abs(landmark.place)) }
}

async function lookAround<Row>({ source, plan, step, list }: Reading<Row>, cursor: Cursor) {
  const place = Math.min(cursor.offset, source.length ?? cursor.offset)
  const reach = step === 1 ? { below: 0, above: plan.size } : { below: plan.size, above: 0 }
  const { offset, limit } = source.around(place, reach)
  await source.ensure(offset, offset + limit, list.beforeWalk)
  return findLandmark(cursor, source, step)
}

async function goOnFrom<Row>(reading: Reading<Row>, gap: number): Promise<Start> {
  const { source, step } = reading
  if (step === 1) return startAt(reading, Math.min(gap, source.length ?? gap))
  const isPastEnd = gap > 0 && (await rowAt(reading, gap - 1, 1)) === undefined
  return startAt(reading, isPastEnd ? (await findEnd(reading)) - 1 : gap - 1)
}

async function startAt<Row>(reading: Reading<Row>, offset: number): Promise<Start> {
  const isAnyBehind = reading.step === 1 ? offset > 0 : (await rowAt(reading, offset + 1, 1)) !== undefined
  return { offset, behind: isAnyBehind, passed: [] }
}

// Where a list ends that can only be read forwards: its total tells, or else a walk.
async function findEnd<Row>({ list, source, plan }: Reading<Row>): Promise<number> {
  let row = plan.from
  for (;;) {
    while (source.length === undefined) {
      while (source.at(row) !== undefined) row += 1
      await source.ensure(row, row + source.maxPage(), list.beforeWalk)
      // The list has become shorter than where the walk began.
      if (source.length === undefined && source.at(row) === undefined) row = 0
    }
    const end = source.length
    await source.ensure(Math.max(0, end - plan.size), end, list.beforeWalk)
    // Else the total counted rows that the upstream does not give.
    if (source.length !== undefined && source.length >= end) return end
  }
}

async function rowAt<Row>({ source, step, list }: Reading<Row>, offset: number, count: number) {
  const placed = source.at(offset)
  if (placed !== undefined || offset < 0 || offset >= (source.length ?? Number.POSITIVE_INFINITY))
    return placed
  const [from, to] = step === 1 ? [offset, offset + count] : [Math.max(0, offset + 1 - count), offset + 1]
  await source.ensure(from, to, list.beforeWalk)
  return source.at(offset)
}

type Sieve<Row> = {
  takes(placed: PlacedRow<Row>): boolean
  /** Rows to ask for where so many are needed: whole pages once the filter is seen to be ignored. */
  rowsFor(needed: number): number
}

// Rows that move while several pages are read show up twice, the cursor's own may have moved ahead, a filter may have been ignored.
function createSieve<Row>({ list, source }: Reading<Row>, { passed }: Start): Sieve<Row> {
  const seen = new Set<string>()
  let isFilterIgnored = false
  return {
    takes({ row, mark }) {
      const isMatch = list.matches === undefined || list.matches(row)
      if (!isMatch) isFilterIgnored = true
      if (!isMatch || seen.has(mark) || passed.includes(neighbourMark(mark))) return false
      seen.add(mark)
      return true
    },
    rowsFor(needed) {
      const count = needed + passed.length
      return isFilterIgnored ? Math.max(count, source.maxPage()) : count
    },
  }
}

async function isAnyFrom<Row>(reading: Reading<Row>, from: number, sieve: Sieve<Row>): Promise<boolean> {
  const { list, source, step } = reading
  for (let offset = from; ; offset += step) {
    if (list.matches === undefined) {
      if (step === -1) return offset >= 0
      if (source.length !== undefined && source.at(offset) === undefined) return offset < source.length
    }
    const placed = await rowAt(reading, offset, sieve.rowsFor(1))
    if (placed === undefined) return false
    if (sieve.takes(placed)) return true
  }
}

// With both cursors given, the one that the window did not start from ends it: at its row, or where that is gone, where it stood.
function isAtOtherCursor<Row>({ window, plan, source, step }: Reading<Row>, offset: number): boolean {
  const other = window.from === 'start' ? window.before : window.after
  if (other === undefined) return false
  const landmark = findLandmark(other.fromEnd === plan.fromEnd ? other : turned(other), source, step)
  if (landmark === undefined) return false
  const gap = landmark.place * step < 0 ? landmark.offset + step : landmark.offset
  return (offset - gap) * step >= 0
}

// Cursors in the wrong order leave no rows between them, as far as nothing moved.
function cursorsCross<Row>({ window, plan, step }: Reading<Row>, start: Start): boolean {
  const other = window.from === 'start' ? window.before : window.after
  if (plan.cursor === undefined || other?.fromEnd !== plan.fromEnd) return false
  return start.offset === plan.cursor.offset + step && (plan.cursor.offset - other.offset) * step >= 0
}

function turned(cursor: Cursor): Cursor {
  return { ...cursor, fromEnd: !cursor.fromEnd, before: cursor.after, after: cursor.before }
}

function toWindowRow<Row>(reading: Reading<Row>, { placed, offset }: FoundRow<Row>): WindowRow<Row> {
  const { source, plan } = reading
  return {
    row: placed.row,
    mark: placed.mark,
    cursor: () => {
      const before = neighboursOf(reading, offset, -1)
      const after = neighboursOf(reading, offset, 1)
      const cursor = { mark: placed.mark, offset, fromEnd: plan.fromEnd, before, after }
      // Counted from the start wherever that is known, so that the cursor goes with either reading direction at its best price.
      if (!plan.fromEnd || source.length === undefined) return cursor
      return { ...turned(cursor), offset: source.length - 1 - offset }
    },
  }
}

// The rows in hand next to a row, and beyond them those that the window's own cursor remembers.
function neighboursOf<Row>(
  { source, plan, step }: Reading<Row>,
  offset: number,
  way: Step,
): readonly number[] {
  const near: number[] = []
  for (let i = 1; i <= maxCursorNeighbours; i += 1) {
    const placed = source.at(offset + way * i)
    if (placed === undefined) break
    near.push(neighbourMark(placed.mark))
  }
  if (plan.cursor === undefined || way === step) return near
  const remembered = [
    neighbourMark(plan.cursor.mark),
    ...(way === 1 ? plan.cursor.after : plan.cursor.before),
  ]
  return [...near, ...remembered.filter((mark) => !near.includes(mark))].slice(0, maxCursorNeighbours)
}

function totalOf<Row>(list: ReadableList<Row>): number | null {
  return list.matches === undefined ? (list.forward.totalCount ?? list.reverse?.totalCount ?? null) : null
}
