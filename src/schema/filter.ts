import { InvalidArgument } from '../paging/invalid-argument.ts'

// Longer ones can match nothing and only blow up the URL.
const maxFilterLength = 1_000

/**
 * The exact-match entries of a filter argument that are given. A filter for an empty text is refused: the
 * upstream ignores empty parameters and would list everything.
 * @throws InvalidArgument naming the entry.
 */
export function exactFilter<Name extends string>(
  filter: unknown,
  names: readonly Name[],
): { readonly [N in Name]?: string | undefined } {
  return pick(filter, names, (text, argument) => {
    if (text !== '') return text
    throw new InvalidArgument(argument, `${argument} must not be empty: leave it out to list all`)
  })
}

/**
 * The search entries of a filter argument; an empty text searches for nothing, as an empty search box does.
 */
export function searchFilter<Name extends string>(
  filter: unknown,
  names: readonly Name[],
): { readonly [N in Name]?: string | undefined } {
  return pick(filter, names, (text) => (text === '' ? undefined : text))
}

function pick<Name extends string>(
  filter: unknown,
  names: readonly Name[],
  check: (text: string, argument: string) => string | undefined,
): { readonly [N in Name]?: string | undefined } {
  const picked: { [N in Name]?: string | undefined } = {}
  if (typeof filter !== 'object' || filter === null) return picked
  const entries = new Map<string, unknown>(Object.entries(filter))
  for (const name of names) {
    const text = entries.get(name)
    if (typeof text !== 'string') continue
    const argument = `filter.${name}`
    if (text.length > maxFilterLength) {
      throw new InvalidArgument(
        argument,
        `${argument} must have at most ${maxFilterLength} characters, not ${text.length}`,
      )
    }
    picked[name] = check(text, argument)
  }
  return picked
}
