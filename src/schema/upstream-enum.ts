import type { Context } from '../context.ts'

/**
 * Reads an enum value of the upstream, which writes them in lower case. One that this schema does not know is null and logged, never
 * an error: the upstream may add values any day (quirk 9).
 */
export function upstreamEnum<Value extends string>(
  name: string,
  values: readonly Value[],
): (raw: string | null | undefined, context: Context) => Value | null {
  const known = new Map(values.map((value) => [value.toLowerCase(), value]))
  return (raw, context) => {
    if (raw === null || raw === undefined) return null
    const value = known.get(raw.toLowerCase())
    if (value === undefined) context.log.warn({ enum: name, value: raw }, 'upstream sent an unknown enum value')
    return value ?? null
  }
}
