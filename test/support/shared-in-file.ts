import { afterAll } from 'vitest'

/** One for all tests of a file that calls this: made when the first asks, with what that one gives, ended after the last. */
export function sharedInFile<Shared, Given extends readonly unknown[]>(
  make: (...given: Given) => Promise<Shared>,
  end: (shared: Shared) => Promise<void>,
): (...given: Given) => Promise<Shared> {
  let made: Promise<Shared> | undefined
  afterAll(async () => {
    if (made !== undefined) await end(await made)
  })
  return (...given) => {
    made ??= make(...given)
    return made
  }
}
