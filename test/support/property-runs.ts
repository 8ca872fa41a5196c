import fc from 'fast-check'

/**
 * How often a property is tried: `count` times. `PROPERTY_FACTOR=20` tries each twenty times as often, as one does after a change of
 * what it is about.
 */
export function propertyRuns(count: number): { readonly numRuns: number } {
  return { numRuns: count * Number(process.env.PROPERTY_FACTOR ?? 1) }
}

/**
 * Lets every property of this process draw the same cases each time: a change is judged by its own doing and not by a draw. New ones
 * come with `PROPERTY_SEED=<number>`.
 */
export function seedProperties(): void {
  fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) })
}
