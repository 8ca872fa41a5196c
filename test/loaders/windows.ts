import fc from 'fast-check'
import { type RowWindow, readWindow } from '../../src/loaders/read-window.ts'
import { encodeCursor } from '../../src/paging/cursor.ts'
import { type ConnectionArguments, parseWindow, type Window } from '../../src/paging/window.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { everything, openList, type Place, places, type Upstream } from './list-upstream.ts'

export const listHash = 7
export const sizes = fc.integer({ min: 0, max: 60 })
export const runs = propertyRuns(2_000)

export type Bounds = { readonly size: number; readonly from: Window['from'] }
export type Cursors = { readonly after?: number | undefined; readonly before?: number | undefined }

/** A window between two rows by their index, with cursors as other requests were given them. */
export async function windowBetween(
  upstream: Upstream,
  { size, from }: Bounds,
  { after, before }: { readonly after?: Place | undefined; readonly before?: Place | undefined },
): Promise<{ readonly window: Window; readonly indexes: Cursors }> {
  const rows = upstream.filter ? upstream.rows.filter(upstream.filter.matches) : upstream.rows
  const cursorAt = async (place: Place | undefined) => {
    if (place === undefined || rows.length === 0) return undefined
    const args = place.backwards ? { last: rows.length } : { first: rows.length }
    const read = await readWindow(openList(upstream), parseWindow(args, listHash), everything)
    const index = Math.floor(place.at * rows.length)
    return read.rows.length === 0 ? undefined : { index, text: encodeCursor(listHash, read.cursorAt(index)) }
  }
  const [start, end] = [await cursorAt(after), await cursorAt(before)]
  upstream.calls.length = 0
  const args = { [from === 'start' ? 'first' : 'last']: size, after: start?.text, before: end?.text }
  return { window: parseWindow(args, listHash), indexes: { after: start?.index, before: end?.index } }
}

/** What a window has to show of these rows. */
export function slice(
  rows: readonly string[],
  { size, from }: Bounds,
  { after = -1, before = rows.length }: Cursors,
) {
  const low = after + 1
  const start = from === 'start' ? low : Math.min(before, Math.max(low, before - size))
  const end = from === 'start' ? Math.max(low, Math.min(before, low + size)) : before
  return { rows: rows.slice(start, end), hasPreviousPage: start > 0, hasNextPage: end < rows.length }
}

/** What is compared of a window. */
export function shown({ rows, hasPreviousPage, hasNextPage }: RowWindow<string>) {
  return { rows, hasPreviousPage, hasNextPage }
}

export const sides = fc.constantFrom<Window['from']>('start', 'end')
export const anyWindow = [sizes, sides, places, places] as const

/** Cursors as they were given while the list was that of the upstream. */
export async function cursorsOf(
  upstream: Upstream,
  size = upstream.rows.length,
): Promise<(index: number) => string> {
  const { cursorAt } = await readWindow(
    openList(upstream),
    parseWindow({ first: size }, listHash),
    everything,
  )
  upstream.calls.length = 0
  return (index) => encodeCursor(listHash, cursorAt(index))
}

/** Reads a window in a request of its own. */
export function read(upstream: Upstream, args: ConnectionArguments): Promise<RowWindow<string>> {
  return readWindow(openList(upstream), parseWindow(args, listHash), everything)
}
