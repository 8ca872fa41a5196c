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
  /** Rows that the window shall hold; 0 where they need not be looked at to tell whether more follow. */
  readonly size: number
  /** REST calls, at most, while the upstream keeps its word and nothing moved. */
  readonly calls: number
  /** Whether only the upstream can tell the rest of the price: a walk to the end of a list that does not tell its length. */
  readonly openEnded: boolean
}

/** Plans a window. The same plan is priced before an operation and read when it runs. */
export function planWindow(window: Window, traits: ListTraits, needs: WindowNeeds): WindowPlan {
  const [cursor, other] =
    window.from === 'start' ? [window.after, window.before] : [window.before, window.after]
  const fromEnd = traits.reversible && (cursor?.fromEnd ?? window.from === 'end')
  const ascending = (window.from === 'start') !== fromEnd
  // Only a cursor that counts from the same end tells beforehand where the window has to stop.
  const stop = other?.fromEnd === fromEnd ? other.offset : undefined
  const isTold = !needs.rows && traits.tellsLength && other === undefined
  const size = isTold ? 0 : window.size
  const { from, to } = planRows(size, cursor, { ascending, stop, traits, needs })
  const openEnded = !ascending && cursor === undefined && traits.sizes !== undefined && wantsWindow(needs)
  return { fromEnd, ascending, cursor, from, to, size, calls: callsFor(from, to, traits.sizes), openEnded }
}

type Course = {
  readonly ascending: boolean
  readonly stop: number | undefined
  readonly traits: ListTraits
  readonly needs: WindowNeeds
}

function planRows(size: number, cursor: Cursor | undefined, { ascending, stop, traits, needs }: Course) {
  if (!wantsWindow(needs)) return { from: 0, to: needs.totalCount ? 1 : 0 }
  // One row more tells whether there are others, where no total does.
  const probe = needs.more && !traits.tellsLength ? 1 : 0
  if (ascending) {
    const from = cursor?.offset ?? 0
    const end = from + size + (cursor === undefined ? 0 : 1) + probe
    // A window without rows still has to ask once where anything else is wanted of it.
    const least = needs.more || needs.totalCount || cursor !== undefined ? from + 1 : from
    // The row of the other cursor ends the window, and is one more behind it; a cursor that comes first leaves no rows at all.
    const isCrossed = cursor !== undefined && stop !== undefined && stop <= from
    const bound = isCrossed ? from + 1 + probe : (stop ?? Number.POSITIVE_INFINITY) + 1
    return { from, to: Math.max(least, Math.min(end, bound)) }
  }
  // The end of the list is not known yet: its largest page tells it, or is the first step of the walk there.
  if (cursor === undefined) return { from: 0, to: traits.sizes?.max ?? 0 }
  const to = cursor.offset + 1
  const from = Math.max(0, cursor.offset - size, Math.min(stop ?? 0, cursor.offset))
  // That rows come before this one is known without reading them, except under a filter that may have been ignored: take one along
  // where it is free.
  const probed = Math.max(0, from - probe)
  const free = callsFor(probed, to, traits.sizes) === callsFor(from, to, traits.sizes)
  return { from: free ? probed : from, to }
}

function wantsWindow(needs: WindowNeeds): boolean {
  return needs.rows || needs.more
}

function callsFor(from: number, to: number, sizes: PageSizes | undefined): number {
  return sizes === undefined ? 0 : planPages({ offset: from, limit: to - from }, sizes).length
}
