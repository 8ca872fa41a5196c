import { DeferredPart } from './deferred-part.ts'
import { isObject } from './json.ts'

/** Says that a value is not what its place needs. */
export const unusable = Symbol('unusable')

/** Reads one value of an answer: as it stands, without what is of the wrong kind, or `unusable`. */
export type Shape = (value: unknown) => unknown

/** A text that has to be there. */
export const text: Shape = (value) => (typeof value === 'string' ? value : unusable)

/** A moment, as RFC 3339 writes it, that has to be there. */
export const instant: Shape = (value) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : unusable

/** True or false. */
export const flag: Shape = (value) => (typeof value === 'boolean' ? value : unusable)

/** Keys and values of any kind (quirk 20). */
export const map: Shape = (value) => (isObject(value) ? value : unusable)

/** A detail: null where it is of another kind, because optional really means optional (quirk 9). */
export function detail(shape: Shape): Shape {
  return (value) => {
    if (value === null || value === undefined) return value
    const read = shape(value)
    return read === unusable ? null : read
  }
}

/**
 * A part that may be absent or null. One of another kind makes its owner unusable: a policy or a member left out
 * would go unnoticed, and would be lost where the rest is written back.
 */
export function part(shape: Shape): Shape {
  return (value) => (value === null || value === undefined ? value : shape(value))
}

/** A list, all of whose items have this shape. */
export function list(shape: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return unusable
    // Most lists stand as they came, and are not copied.
    let read: unknown[] = value
    for (let index = 0; index < value.length; index += 1) {
      const given: unknown = value[index]
      const item = shape(given)
      if (item === given) continue
      if (item === unusable) return unusable
      if (read === value) read = value.slice()
      read[index] = item
    }
    return read
  }
}

/** An object with these fields; others stay as they are. */
export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(shapes).map(([name, shape]) => ({ name, shape }))
  return (value) => {
    if (!isObject(value)) return unusable
    let read: Record<string, unknown> | undefined
    for (const { name, shape } of entries) {
      const given = value[name]
      const field = shape(given)
      if (field === given) continue
      if (field === unusable) return unusable
      read ??= { ...value }
      read[name] = field
    }
    return read ?? value
  }
}

/** The shape of a record, and the names of its parts that may be left as they came until somebody reads them. */
export type RecordShape = Shape & { readonly deferrable: readonly string[] }

/**
 * An object with an id, without which it can be neither addressed nor told from another, and these fields. `deferrable` are lists that are
 * parts of it, see `part`; one that was left as it came is read when somebody asks.
 */
export function record(
  shapes: Readonly<Record<string, Shape>> = {},
  deferrable: Readonly<Record<string, Shape>> = {},
): RecordShape {
  const parts = Object.entries(deferrable).map(([name, shape]) => [name, deferrablePart(shape)] as const)
  const shape = fields({
    id: (value) => (value === '' ? unusable : text(value)),
    ...shapes,
    ...Object.fromEntries(parts),
  })
  return Object.assign(shape, { deferrable: Object.keys(deferrable) })
}

function deferrablePart(shape: Shape): Shape {
  const inHand = part(shape)
  const read = (value: unknown) => {
    const usable = shape(value)
    return usable === unusable ? undefined : usable
  }
  return (value) => (value instanceof DeferredPart ? value.readWith(read) : inHand(value))
}
