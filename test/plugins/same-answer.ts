import type { ExecutionResult } from 'graphql'
import { expect } from 'vitest'

/**
 * Holds an answer against another. Where several failures make one place null, or had come to pass below it before, which of them are
 * told is left open by the specification (section 6.4.4); all others have to be the same, with message, path and locations.
 */
export function sameAnswer(
  answer: ExecutionResult | undefined,
  expected: ExecutionResult,
  about: string,
): void {
  expect(answer?.data, about).toEqual(expected.data)
  expect(failuresOf(answer ?? {}), about).toEqual(failuresOf(expected))
}

function failuresOf({ data, errors = [] }: ExecutionResult): readonly string[] {
  const told = errors.map(({ path = [], message, locations }) => {
    const depth = nullDepth(data, path)
    if (depth < path.length) return `below ${path.slice(0, depth).join('.')}`
    // One executor puts names of fields in quotation marks where the other does not.
    return `${path.join('.')}: ${message.replaceAll('"', '')} ${JSON.stringify(locations)}`
  })
  return [...new Set(told)].toSorted()
}

function nullDepth(data: unknown, path: readonly (string | number)[]): number {
  let depth = 0
  let value = data
  while (value !== null && value !== undefined && depth < path.length) {
    value = new Map<unknown, unknown>(entriesOf(value)).get(path[depth])
    depth += 1
  }
  return depth
}

function entriesOf(value: unknown): Iterable<readonly [unknown, unknown]> {
  return Array.isArray(value) ? value.entries() : Object.entries(Object(value))
}
