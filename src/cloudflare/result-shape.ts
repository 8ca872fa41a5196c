import { isObject } from './envelope.ts'

/** What a call needs its `result` to be: one record, rows of them, or nothing in particular. */
export type ResultShape = 'record' | 'rows' | 'anything'

/** What makes a result usable to a call: its shape, and the texts that each record must have besides its id. */
export type Expectation = {
  readonly method: string
  readonly shape: ResultShape
  readonly requires: readonly string[]
}

/**
 * Whether a result can be used. Null is an empty list (quirk 12) or no record; one object is a list of one (quirk 38).
 * Every record must have an id: without one it can be neither addressed nor told from another.
 */
export function fitsShape(result: unknown, { method, shape, requires }: Expectation): boolean {
  if (shape === 'anything' || result === null) return true
  // Only a write may leave `result` out; a read that does has not been answered.
  if (result === undefined) return method !== 'GET'
  if (shape === 'rows' && Array.isArray(result)) return result.every((row) => isRecord(row, requires))
  return isRecord(result, requires)
}

/** The rows of a result that fits 'rows'. */
export function rowsOf(result: unknown): readonly unknown[] {
  if (Array.isArray(result)) return result
  return isObject(result) ? [result] : []
}

function isRecord(value: unknown, requires: readonly string[]): boolean {
  if (!isObject(value) || value.id === '') return false
  return ['id', ...requires].every((name) => typeof value[name] === 'string')
}
