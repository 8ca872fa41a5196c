import type { Context } from '../context.ts'

/**
 * The values of an enum, each with the upstream's word for it, which is also its value inside the gateway.
 */
type UpstreamValues<Word extends string> = Readonly<
  Record<string, { readonly value: Word; readonly description?: string }>
>

/**
 * Reads an enum value of the upstream. A word that this schema does not know is null and logged, never an
 * error: the upstream may add some any day (quirk 9).
 */
export function upstreamEnum<Word extends string>(
  name: string,
  values: UpstreamValues<Word>,
): (raw: unknown, context: Context) => Word | null {
  const words = new Map<unknown, Word>(Object.values(values).map(({ value }) => [value, value]))
  return (raw, context) => {
    if (raw === null || raw === undefined) return null
    const word = words.get(typeof raw === 'string' ? raw.toLowerCase() : raw)
    if (word === undefined)
      context.log.warn({ enum: name, value: raw }, 'upstream sent an unknown enum value')
    return word ?? null
  }
}
