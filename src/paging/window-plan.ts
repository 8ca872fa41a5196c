import type { Cursor } from './cursor.ts'
import { type PageSizes, planPages } from './page-plan.ts'
import type { Window } from './window.ts'

/** What is known of a list before it is read. */
export type ListTraits = {
  /** Page sizes of the endpoint; undefined where the whole list is in hand without paging. */
  readonly sizes: PageSizes | undefined
  /** Whether any page tells how many rows the list has. */
  readonly tellsLength: boolean
  /** Whether the endpoint also sorts the other way round. */
  readonly reversible: boolean
}

/** What of a window is asked for; what is not asked for is not paid for. */
export type WindowNeeds = {
  /** The rows, or cursors of them. */
  readonly rows: boolean
  /** Whether there are more rows behind the window, in its reading direction. */
  readonly more: boolean
  readonly totalCount: boolean
}

/** How a window is read, and what that costs. */
export type WindowPlan = {
  /** Whether the reverse order is read; offsets then count from the end of the list. */
  readonly fromEnd: boolean
  /** Whether offsets grow in reading direction. */
  readonly ascending: boolean
  /** The cursor that the window starts from. */
  readonly cursor: Cursor | undefined
  /** Rows to read, `to` excluded. They include the cursor's own row, which tells whether anything moved since. */
  readonly from: number
  readonly to: number
  /** REST calls, at most, while the upstream keeps its word and nothing moved. */
  readonly calls: number
  /** Whether only the upstream can tell the rest of the price: a walk to the end of a list that does not tell its length. */
  readonly openEnded: boolean
}

/** Plans a window. The same plan is priced before an operation and read when it runs. */
export function planWindow(window: Window, traits: ListTraits, needs: WindowNeeds): WindowPlan {
  const cursor = window.from === 'start' ? window.after : window.before
  const fromEnd = cursor?.fromEnd ?? (window.from === 'end' && traits.reversible)
  const ascending = (window.from === 'start') !== fromEnd
  const way = { fromEnd, ascending, cursor, openEnded: false }
  if (!needs.rows && !needs.more) {
    return { ...way, from: 0, to: 0, calls: needs.totalCount && traits.sizes !== undefined ? 1 : 0 }
  }
  if (ascending) return { ...way, ...planAscending(window.size, cursor, traits, needs) }
  if (cursor === undefined) {
    const walks = traits.sizes !== undefined
    return { ...way, from: 0, to: traits.sizes?.max ?? 0, calls: walks ? 1 : 0, openEnded: walks }
  }
  const range = { from: Math.max(0, cursor.offset - window.size), to: cursor.offset + 1 }
  return { ...way, ...range, calls: callsFor(range.from, range.to, traits.sizes) }
}

function planAscending(size: number, cursor: Cursor | undefined, traits: ListTraits, needs: WindowNeeds) {
  const from = cursor?.offset ?? 0
  const to = from + size + (cursor === undefined ? 0 : 1)
  const calls = callsFor(from, to, traits.sizes)
  if (!needs.more || traits.tellsLength) {
    // A window without rows still has to ask once whether there are any.
    return { from, to, calls: needs.more && traits.sizes !== undefined ? Math.max(1, calls) : calls }
  }
  // One row more tells whether there are others. It goes along where that adds no call; else it is asked for when the rows leave it open.
  const withProbe = callsFor(from, to + 1, traits.sizes)
  return withProbe <= Math.max(1, calls) ? { from, to: to + 1, calls: withProbe } : { from, to, calls: calls + 1 }
}

function callsFor(from: number, to: number, sizes: PageSizes | undefined): number {
  return sizes === undefined ? 0 : planPages({ offset: from, limit: to - from }, sizes).length
}
