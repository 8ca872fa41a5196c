import { isObject } from './json.ts'
import { list, type RecordShape, unusable } from './record-shape.ts'

/** What a call needs its `result` to be: one record, rows of them, or nothing in particular. */
export type ResultShape = 'record' | 'rows' | 'anything'

/** What makes a result usable to a call: how many records, and the shape of each. */
export type Expectation = {
  readonly method: string
  readonly shape: ResultShape
  readonly record: RecordShape
}

/**
 * The result as its records' shape reads it; `unusable` where it cannot be what was asked for. Null is an empty list
 * (quirk 12) or no record; one object is a list of one (quirk 38).
 */
export function readResult(result: unknown, { method, shape, record }: Expectation): unknown {
  if (shape === 'anything' || result === null) return result
  // Only a write may leave `result` out; a read that does has not been answered.
  if (result === undefined) return method === 'GET' ? unusable : result
  return shape === 'rows' && Array.isArray(result) ? list(record)(result) : record(result)
}

/** The rows of a result that was read as 'rows'. */
export function rowsOf(result: unknown): readonly unknown[] {
  if (Array.isArray(result)) return result
  return isObject(result) ? [result] : []
}
