import { refuseParameter } from './refusal.ts'
import { isTag } from './tags.ts'

export type Query = Readonly<Record<string, string | undefined>>

/** A parameter that takes one of a few words. Throws a `Refusal` for any other word. */
export function parseChoice<Word extends string>(
  query: Query,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = query[name]
  if (text === undefined) return undefined
  const word = words.find((candidate) => candidate === text)
  if (word === undefined) throw refuseParameter(`${name} variable must be one of ${words.join(', ')}`)
  return word
}

/** True where `direction` asks for the descending order. */
export function isDescending(query: Query): boolean {
  return parseChoice(query, 'direction', ['asc', 'desc']) === 'desc'
}

/** The filter `id`. Throws a `Refusal` for what cannot be an identifier. */
export function parseIdFilter(query: Query): string | undefined {
  if (query.id !== undefined && !isTag(query.id))
    throw refuseParameter('id variable must be an identifier of 32 hexadecimal characters')
  return query.id
}

/** Whether `text` contains `part` in any case: how `fuzzyName` and `fuzzyEmail` are taken here. */
export function containsFuzzy(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase())
}
