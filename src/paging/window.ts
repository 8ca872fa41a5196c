import { type Cursor, decodeCursor } from './cursor.ts'
import { InvalidArgument } from './invalid-argument.ts'

/** Relay's connection arguments as GraphQL hands them over. */
export type ConnectionArguments = {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/** `size` rows from the start (or the end) of what lies between two cursors. */
export type Window = {
  readonly size: number
  readonly from: 'start' | 'end'
  readonly after: Cursor | undefined
  readonly before: Cursor | undefined
}

/** Rows of a connection where neither `first` nor `last` is given, and the most that may be asked. */
export const defaultWindowSize = 20
export const maxWindowSize = 500

/**
 * Reads connection arguments for the list that `hash` names (see `listHash`); without one, cursors of any list will do.
 * @throws InvalidArgument for both `first` and `last`, one below 0 or above 500, or a cursor that is not of this list.
 */
export function parseWindow(args: ConnectionArguments, hash: number | undefined): Window {
  const first = args.first ?? undefined
  const last = args.last ?? undefined
  if (first !== undefined && last !== undefined) {
    throw new InvalidArgument('last', 'first and last exclude each other: give one of them')
  }
  checkSize('first', first)
  checkSize('last', last)
  return {
    size: first ?? last ?? defaultWindowSize,
    from: last === undefined ? 'start' : 'end',
    after: cursorArgument('after', args.after, hash),
    before: cursorArgument('before', args.before, hash),
  }
}

function checkSize(argument: string, size: number | undefined): void {
  if (size === undefined || (size >= 0 && size <= maxWindowSize)) return
  throw new InvalidArgument(argument, `${argument} must be 0 to ${maxWindowSize}, not ${size}`)
}

function cursorArgument(
  argument: string,
  text: string | null | undefined,
  hash: number | undefined,
): Cursor | undefined {
  return text === null || text === undefined ? undefined : decodeCursor(text, hash, argument)
}
