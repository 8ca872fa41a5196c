import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { InvalidArgument } from './invalid-argument.ts'

/**
 * A place in a list, told by where it was and by who stood there: rows may come and go between two pages, so the offset alone
 * is only a first guess.
 */
export type Cursor = {
  /** Offset of the row when it was read, from 0. */
  readonly offset: number
  /** Whether the offset counts from the end of the list: where only the reverse order was read and no total is known. */
  readonly fromEnd: boolean
  /** The row, see `rowMark`. */
  readonly mark: string
  /** Short hashes of the rows next to it, nearest first: they keep the place when the row itself is deleted. */
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** How many neighbours a cursor remembers on each side. */
export const maxCursorNeighbours = 4

/** A row's identity in a cursor: its tag where that is Cloudflare's 32 hexadecimal characters, else a digest of it. */
export function rowMark(key: string): string {
  return /^[0-9a-f]{32}$/.test(key) ? key : createHash('sha256').update(key).digest('hex').slice(0, 32)
}

/** A row's short hash as a neighbour of a cursor. */
export function neighbourMark(mark: string): number {
  return crc32(mark)
}

/** Names one list with its filter and order, so that a cursor is only taken back where it came from. */
export function listHash(listKey: string): number {
  return crc32(listKey)
}

// Far beyond any list, so that what lies around such a place still has a cursor.
const maxOffset = 2 ** 31 - 1

const headerBytes = 1 + 4 + 4 + 16 + 1
const version = 1

/** Writes a cursor for the list that `hash` names, as base64url. */
export function encodeCursor(hash: number, cursor: Cursor): string {
  const before = cursor.before.slice(0, maxCursorNeighbours)
  const after = cursor.after.slice(0, maxCursorNeighbours)
  const bytes = Buffer.allocUnsafe(headerBytes + 4 * (before.length + after.length))
  bytes.writeUInt8((version << 1) | Number(cursor.fromEnd), 0)
  bytes.writeUInt32BE(hash, 1)
  bytes.writeUInt32BE(cursor.offset, 5)
  bytes.write(cursor.mark, 9, 16, 'hex')
  bytes.writeUInt8((before.length << 4) | after.length, 25)
  let position = headerBytes
  for (const neighbour of [...before, ...after]) position = bytes.writeUInt32BE(neighbour, position)
  return bytes.toString('base64url')
}

/**
 * Reads a cursor back.
 * @throws InvalidArgument naming `argument` where the text is no cursor, or one of another list, filter or order.
 */
export function decodeCursor(text: string, hash: number | undefined, argument: string): Cursor {
  const bytes = Buffer.from(text, 'base64url')
  const counts = bytes.length >= headerBytes ? bytes.readUInt8(25) : 0
  const [beforeCount, afterCount] = [counts >> 4, counts & 15]
  const wellFormed =
    bytes.length === headerBytes + 4 * (beforeCount + afterCount) &&
    Math.max(beforeCount, afterCount) <= maxCursorNeighbours &&
    bytes.readUInt8(0) >> 1 === version &&
    bytes.readUInt32BE(5) <= maxOffset &&
    bytes.toString('base64url') === text
  if (!wellFormed) {
    throw new InvalidArgument(argument, `${argument} is not a cursor: pass one that this API gave, unchanged`)
  }
  if (hash !== undefined && bytes.readUInt32BE(1) !== hash) {
    throw new InvalidArgument(
      argument,
      `${argument} is a cursor of another list, filter or order: start this one without it`,
    )
  }
  const neighbours = Array.from({ length: beforeCount + afterCount }, (_, index) =>
    bytes.readUInt32BE(headerBytes + 4 * index),
  )
  return {
    offset: bytes.readUInt32BE(5),
    fromEnd: (bytes.readUInt8(0) & 1) === 1,
    mark: bytes.toString('hex', 9, 25),
    before: neighbours.slice(0, beforeCount),
    after: neighbours.slice(beforeCount),
  }
}
