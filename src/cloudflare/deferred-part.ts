import { parseJson, textOf } from './json.ts'

/** A part of a record: in hand, or left as it came until somebody asks for it. */
export type Part<T> = T | DeferredPart<T>

/** What is in a part. @throws CloudflareError of kind 'unavailable' where it was left as it came and is not what it has to be. */
export function readPart<T>(part: Part<T>): T {
  return part instanceof DeferredPart ? part.read() : part
}

/** Reads a part out of a value of JSON; undefined where it is not one. */
export type PartReader = (value: unknown) => unknown

/** The parts of one answer that are read when somebody asks for them. */
export class PartSource {
  private bytes: Buffer | undefined
  private readonly broken: () => Error
  private readonly inHand: DeferredPart<unknown>[] = []
  private isShared = false

  /** `broken` makes the error for a part that cannot be used. */
  constructor(bytes: Buffer, broken: () => Error) {
    this.bytes = bytes
    this.broken = broken
  }

  /** From now on nobody lets go of it for others, who have the same answer. */
  share(): void {
    this.isShared = true
  }

  /** Reads a part that is not in hand: the JSON from `start` to `end - 1`. */
  read(part: DeferredPart<unknown>, start: number, end: number): unknown {
    if (this.bytes === undefined) throw new Error('A part was asked for after its operation had ended')
    const value = part.reader(parseJson(textOf(this.bytes.subarray(start, end))))
    if (value === undefined) throw this.broken()
    this.inHand.push(part)
    return value
  }

  /** Lets go of all that it was read into, and of what is left to be read. */
  release(): void {
    if (this.isShared) return
    for (const part of this.inHand) part.forget()
    this.bytes = undefined
  }
}

/**
 * A part of a record that nobody has asked for yet: the bytes of its JSON, where they came. As texts, parts would be copied by each garbage
 * collection that an answer waits through.
 */
export class DeferredPart<T> {
  private readonly source: PartSource
  private readonly start: number
  private readonly end: number
  /** Set before it is read. */
  reader: PartReader = (value) => value
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
    this.value ??= this.source.read(this, this.start, this.end)
    return this.value as T
  }

  /** To be called by its source. */
  forget(): void {
    this.value = undefined
  }
}
