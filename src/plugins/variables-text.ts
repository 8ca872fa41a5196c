/** Variables as text, by which equal ones are told; undefined where they are nested too deeply to be written. */
export function variablesText(
  variables: Readonly<Record<string, unknown>> | null | undefined,
): string | undefined {
  try {
    return JSON.stringify(variables ?? {})
  } catch (error) {
    // They were parsed by a loop, and are written by a function that calls itself.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
