import { type Cursor, maxCursorNeighbours, neighbourMark } from '../paging/cursor.ts'
import type { Window } from '../paging/window.ts'
import { type ListTraits, planWindow, type WindowNeeds, type WindowPlan } from '../paging/window-plan.ts'
import type { PlacedRow, RowSource } from './row-source.ts'

/** A list that can be read in its own order and, where the endpoint sorts both ways, backwards. */
export type ReadableList<Row> = {
  readonly traits: ListTraits
  readonly forward: RowSource<Row>
  readonly reverse: RowSource<Row> | undefined
  /** Whether a row belongs to the list: the filter, checked again on what the upstream let through (quirk 19). */
  readonly matches: ((row: Row) => boolean) | undefined
  /** Called before each further page of a walk to the end whose length nobody could tell beforehand. */
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
  if (!needs.rows && !needs.more) {
    if (needs.totalCount && list.forward.length === undefined) await list.forward.ensure(0, 1)
    return { rows: [], hasNextPage: false, hasPreviousPage: false, totalCount: totalOf(list) }
  }
  const reading = { list, source: plan.fromEnd ? (list.reverse ?? list.forward) : list.forward, plan, needs, size: window.size }
  const walk = await (plan.ascending ? ascend(reading) : descend(reading))
  // Rows come in the order of the source that was read; `ahead` lies in reading direction, `behind` is what the reader came from.
  const rows = plan.fromEnd ? walk.rows.toReversed() : walk.rows
  const [hasNextPage, hasPreviousPage] =
    window.from === 'start' ? [walk.ahead, walk.behind] : [walk.behind, walk.ahead]
  return { ...cutAtOtherCursor({ rows, hasNextPage, hasPreviousPage }, window), totalCount: totalOf(list) }
}

type Reading<Row> = {
  readonly list: ReadableList<Row>
  readonly source: RowSource<Row>
  readonly plan: WindowPlan
  readonly needs: WindowNeeds
  readonly size: number
}

type Walk<Row> = { readonly rows: readonly WindowRow<Row>[]; readonly ahead: boolean; readonly behind: boolean }

type Found<Row> = { readonly placed: PlacedRow<Row>; readonly offset: number }

async function ascend<Row>(reading: Reading<Row>): Promise<Walk<Row>> {
  const { source, plan, size, needs } = reading
  await readPlanned(source, plan)
  const start = plan.cursor === undefined ? 0 : (await locate(source, plan.cursor)).next
  const take = createSieve(reading.list)
  const found: Found<Row>[] = []
  let offset = start
  for (; found.length < size; offset += 1) {
    const placed = await rowAt(source, offset, [offset, offset + size - found.length])
    if (placed === undefined) break
    if (take(placed)) found.push({ placed, offset })
  }
  const ahead = needs.more && (await anyRowFrom(reading, offset))
  return { rows: withCursors(reading, found), ahead, behind: start > 0 }
}

async function descend<Row>(reading: Reading<Row>): Promise<Walk<Row>> {
  const { source, plan, size } = reading
  let end: number
  if (plan.cursor === undefined) {
    end = await findEnd(reading)
  } else {
    await readPlanned(source, plan)
    const gap = await locate(source, plan.cursor)
    end = gap.anchor ? gap.next - 1 : gap.next
  }
  const take = createSieve(reading.list)
  const found: Found<Row>[] = []
  let offset = end - 1
  for (; found.length < size && offset >= 0; offset -= 1) {
    const placed = await rowAt(source, offset, [Math.max(0, offset + 1 - (size - found.length)), offset + 1])
    if (placed !== undefined && take(placed)) found.unshift({ placed, offset })
  }
  const behind = plan.cursor !== undefined && (source.length === undefined || end < source.length)
  return { rows: withCursors(reading, found), ahead: offset >= 0, behind }
}

// Announced first and read a moment later, so that windows of one tick on one list can share pages.
async function readPlanned<Row>(source: RowSource<Row>, plan: WindowPlan): Promise<void> {
  source.want(plan.from, plan.to)
  await Promise.resolve()
  await source.ensure(plan.from, plan.to)
}

async function rowAt<Row>(source: RowSource<Row>, offset: number, [from, to]: readonly [number, number]) {
  const placed = source.at(offset)
  if (placed !== undefined || offset >= (source.length ?? Number.POSITIVE_INFINITY)) return placed
  await source.ensure(from, to)
  return source.at(offset)
}

// Rows that move while several pages are read show up twice, and an upstream may ignore a filter.
function createSieve<Row>(list: ReadableList<Row>): (placed: PlacedRow<Row>) => boolean {
  const seen = new Set<string>()
  return ({ row, mark }) => {
    if (seen.has(mark) || (list.matches !== undefined && !list.matches(row))) return false
    seen.add(mark)
    return true
  }
}

async function anyRowFrom<Row>({ list, source }: Reading<Row>, from: number): Promise<boolean> {
  if (list.matches === undefined && source.length !== undefined) return from < source.length
  for (let offset = from; ; offset += 1) {
    const placed = await rowAt(source, offset, [offset, offset + 1])
    if (placed === undefined) return false
    if (list.matches === undefined || list.matches(placed.row)) return true
  }
}

/**
 * Finds the gap behind a cursor: `next` is the offset of the first row after it, `anchor` whether the cursor's own row still stands.
 * While nothing moved, this costs nothing. Else the row is looked for around its place, then its neighbours; where all are gone, the
 * list goes on from where they stood.
 */
async function locate<Row>(source: RowSource<Row>, cursor: Cursor): Promise<{ next: number; anchor: boolean }> {
  if (source.at(cursor.offset)?.mark === cursor.mark) return { next: cursor.offset + 1, anchor: true }
  const inHand = source.offsetOfMark(cursor.mark)
  if (inHand !== undefined) return { next: inHand + 1, anchor: true }
  await source.lookAround(cursor.offset)
  const around = source.offsetOfMark(cursor.mark)
  if (around !== undefined) return { next: around + 1, anchor: true }
  for (const neighbour of cursor.before) {
    const offset = source.offsetOfNeighbour(neighbour)
    if (offset !== undefined) return { next: offset + 1, anchor: false }
  }
  for (const neighbour of cursor.after) {
    const offset = source.offsetOfNeighbour(neighbour)
    if (offset !== undefined) return { next: offset, anchor: false }
  }
  return { next: Math.max(0, cursor.offset - cursor.before.length), anchor: false }
}

// Where a list ends that can only be read forwards: its total tells, or else a walk.
async function findEnd<Row>({ list, source, size }: Reading<Row>): Promise<number> {
  const page = source.maxPage()
  if (source.length === undefined) await source.ensure(0, page)
  for (let from = page; source.length === undefined; from += page) {
    list.beforeWalk()
    await source.ensure(from, from + page)
    if (source.at(from) === undefined) break
  }
  const end = source.length ?? 0
  await source.ensure(Math.max(0, end - size), end)
  return source.length ?? end
}

function withCursors<Row>({ plan, source, list }: Reading<Row>, found: readonly Found<Row>[]): readonly WindowRow<Row>[] {
  const edge = plan.cursor === undefined ? [] : [neighbourMark(plan.cursor.mark)]
  const edgeBefore = plan.ascending ? [...edge, ...(plan.cursor?.before ?? [])] : []
  const edgeAfter = plan.ascending ? [] : [...edge, ...(plan.cursor?.after ?? [])]
  const marks = (from: number, to: number) => found.slice(Math.max(0, from), to).map(({ placed }) => neighbourMark(placed.mark))
  return found.map(({ placed, offset }, index) => ({
    row: placed.row,
    mark: placed.mark,
    cursor: () => {
      const before = [...marks(index - maxCursorNeighbours, index).reverse(), ...edgeBefore].slice(0, maxCursorNeighbours)
      const after = [...marks(index + 1, index + 1 + maxCursorNeighbours), ...edgeAfter].slice(0, maxCursorNeighbours)
      if (plan.fromEnd && list.traits.tellsLength && source.length !== undefined) {
        // Counted from the start wherever that is known, so that the cursor goes with either reading direction at its best price.
        return { mark: placed.mark, offset: source.length - 1 - offset, fromEnd: false, before: after, after: before }
      }
      return { mark: placed.mark, offset, fromEnd: plan.fromEnd, before, after }
    },
  }))
}

type Bounds<Row> = Pick<RowWindow<Row>, 'rows' | 'hasNextPage' | 'hasPreviousPage'>

// With both cursors given, the one that the window did not start from ends it.
function cutAtOtherCursor<Row>(walk: Bounds<Row>, window: Window): Bounds<Row> {
  const other = window.from === 'start' ? window.before : window.after
  if (other === undefined) return walk
  const cut = walk.rows.findIndex((row) => row.mark === other.mark || isBeyond(row.cursor(), other, window.from))
  if (window.from === 'start') {
    return cut === -1 ? walk : { ...walk, rows: walk.rows.slice(0, cut), hasNextPage: true }
  }
  const last = walk.rows.findLastIndex((row) => row.mark === other.mark || isBeyond(row.cursor(), other, window.from))
  return last === -1 ? walk : { ...walk, rows: walk.rows.slice(last + 1), hasPreviousPage: true }
}

// Where the row of the other cursor is gone, its old offset has to do.
function isBeyond(place: Cursor, other: Cursor, from: Window['from']): boolean {
  if (place.fromEnd !== other.fromEnd) return false
  const towardsEnd = place.fromEnd ? other.offset - place.offset : place.offset - other.offset
  return from === 'start' ? towardsEnd > 0 : towardsEnd < 0
}

function totalOf<Row>(list: ReadableList<Row>): number | null {
  return list.matches === undefined ? (list.forward.length ?? list.reverse?.length ?? null) : null
}
