import { isAscii } from 'node:buffer'

/** A part of a record: in hand, or left as it came until somebody asks for it. */
export type Part<T> = T | DeferredPart<T>

/** What is in a part. @throws CloudflareError of kind 'unavailable' where it was left as it came and is not what it has to be. */
export function readPart<T>(part: Part<T>): T {
  return part instanceof DeferredPart ? part.read() : part
}

/** Reads a part out of a value of JSON; undefined where it is not one. */
export type PartReader = (value: unknown) => unknown

/** An answer with parts that nobody has asked for yet. */
export type PartSource = {
  readonly bytes: Buffer
  /** Makes the error for a part that cannot be used. */
  readonly broken: () => Error
}

/**
 * A part of a record that nobody has asked for yet: the bytes of its JSON, where they came. As texts, parts would be copied by each garbage
 * collection that an answer waits through.
 */
export class DeferredPart<T> {
  private source: PartSource | undefined
  private readonly start: number
  private readonly end: number
  private reader: PartReader | undefined
  private value: unknown

  constructor(source: PartSource, start: number, end: number) {
    this.source = source
    this.start = start
    this.end = end
  }

  /** To be told before it is read. */
  readWith(reader: PartReader): this {
    this.reader = reader
    return this
  }

  read(): T {
    const { source, reader } = this
    if (source !== undefined) {
      const value = reader?.(parsed(source.bytes.subarray(this.start, this.end)))
      if (value === undefined) throw source.broken()
      this.value = value
      this.source = undefined
    }
    return this.value as T
  }
}

function parsed(bytes: Buffer): unknown {
  try {
    // Most are plain, and become text much faster when that is known.
    return JSON.parse(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8'))
  } catch {
    return undefined
  }
}
