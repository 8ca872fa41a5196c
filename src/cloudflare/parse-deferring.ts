import { randomInt } from 'node:crypto'
import { DeferredPart, PartSource } from './deferred-part.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'
import { ListScanner } from './list-scanner.ts'

type Key = { readonly name: string; readonly bytes: Buffer; at: number }
type Cut = { readonly name: string; readonly start: number; readonly end: number }

// What stands in the place of a list until its part is put there: numbers that no upstream can foresee, and small ones, which V8 keeps in place.
const firstPlaceholder = randomInt(2 ** 29)

// As UTF-8 has them.
const backslash = 0x5c
const openList = 0x5b

/** A body that was parsed, and what is left to be read of it. */
export type Outline = { readonly value: JsonObject; readonly parts: PartSource }

/**
 * Parses a body of JSON whose `result` is a record or a list of them, but leaves the lists that these have under `names` as they came: to
 * find where a list ends takes a fraction of parsing it. Undefined where there are none, where the body does not show beyond doubt which
 * records they belong to, and where it is no JSON: it has to be parsed whole then. The body may be written over afterwards.
 */
export function parseDeferring(
  body: Buffer,
  names: readonly string[],
  broken: () => Error,
): Outline | undefined {
  const keys = names.map((name): Key => ({ name, bytes: Buffer.from(`"${name}":`), at: -1 }))
  const scanner = new ListScanner(body)
  const cuts: Cut[] = []
  let outline = ''
  let end = 0
  for (let key = nextKey(body, keys, end); key !== undefined; key = nextKey(body, keys, end)) {
    const start = key.at + key.bytes.length
    // Only a list is worth it. What else is there stays where it is.
    const listEnd = body[start] === openList ? scanner.endOf(start) : start
    if (listEnd === undefined) return undefined
    outline += body.toString('utf8', end, start)
    end = listEnd
    if (listEnd === start) continue
    outline += firstPlaceholder + cuts.length
    cuts.push({ name: key.name, start, end })
  }
  const [first] = cuts
  if (first === undefined) return undefined
  const value = parseJson(outline + body.toString('utf8', end))
  if (!isObject(value)) return undefined
  const parts = new PartSource(Buffer.from(body.subarray(0, end)), broken)
  return putParts(value.result, names, { cuts, parts }) === cuts.length ? { value, parts } : undefined
}

/**
 * The first of the keys from an offset on. Within a text its quotes would follow a backslash, so that what is found is a key; of what, the
 * outline tells.
 */
function nextKey(body: Buffer, keys: readonly Key[], from: number): Key | undefined {
  let next: Key | undefined
  for (const key of keys) {
    while (key.at < from || body[key.at - 1] === backslash) {
      const at = body.indexOf(key.bytes, Math.max(from, key.at + 1))
      key.at = at === -1 ? Number.POSITIVE_INFINITY : at
    }
    if (key.at !== Number.POSITIVE_INFINITY && key.at < (next?.at ?? Number.POSITIVE_INFINITY)) next = key
  }
  return next
}

/** Puts parts into the records that had them, and says how many found their place. */
function putParts(
  result: unknown,
  names: readonly string[],
  { cuts, parts }: { readonly cuts: readonly Cut[]; readonly parts: PartSource },
): number {
  let placed = 0
  for (const record of Array.isArray(result) ? result : [result]) {
    if (!isObject(record)) continue
    for (const name of names) {
      const place = record[name]
      const cut = typeof place === 'number' ? cuts[place - firstPlaceholder] : undefined
      if (cut?.name !== name) continue
      record[name] = new DeferredPart(parts, cut.start, cut.end)
      placed += 1
    }
  }
  return placed
}
