import { isAscii } from 'node:buffer'

/** An object as `JSON.parse` makes it. */
export type JsonObject = Record<string, unknown>

/** Whether a value from the wire is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a text of JSON says; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The text of bytes in UTF-8. Most are plain ASCII, and become text much faster when that is known. */
export function textOf(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8')
}
