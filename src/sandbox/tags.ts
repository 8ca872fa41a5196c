import { createHash } from 'node:crypto'

/** A 32-character hexadecimal identifier, the same for the same parts in every run. */
export function createTag(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)
}

/** Route parameter pattern of an identifier: anything else does not reach a handler (quirk 11). */
export const tagPattern = '[0-9a-fA-F]{32}'

export function isTag(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text)
}
