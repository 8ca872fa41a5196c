/**
 * Lets through so many different names and makes `other` of those beyond, and of long ones: whoever sends names must not be able to make as
 * many time series. Those that are `known` beforehand always pass.
 */
export function createBoundedNames(
  most: number,
  known: Iterable<string> = [],
): (name: string | undefined) => string {
  const reserved = new Set(known)
  const seen = new Set<string>()
  return (name) => {
    if (name === undefined) return 'anonymous'
    if (reserved.has(name) || seen.has(name)) return name
    if (seen.size >= most || name.length > longestName) return 'other'
    seen.add(name)
    return name
  }
}

const longestName = 64
