import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeferredPart } from '../../src/cloudflare/deferred-part.ts'
import { parseDeferring } from '../../src/cloudflare/parse-deferring.ts'
import { propertyRuns } from '../support/property-runs.ts'

const names = ['policies', 'roles']
const broken = () => new Error('broken')

/** The value of a body with every part read, as whole parsing would give it, and how many parts there were. */
function readAll(body: Buffer): { readonly value: unknown; readonly parts: number } {
  const value = parseDeferring(body, names, broken)?.value
  if (value === undefined) return { value: JSON.parse(body.toString()), parts: 0 }
  // What comes next may be written where the body was.
  body.fill('#')
  let parts = 0
  for (const record of [value.result].flat()) {
    for (const [name, part] of Object.entries(record ?? {})) {
      if (!(part instanceof DeferredPart)) continue
      parts += 1
      Object.assign(record ?? {}, { [name]: part.readWith((read) => read).read() })
    }
  }
  return { value, parts }
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('"policies":[', '\\"policies":[', '"roles":', ']}', '[{', '\\', '\\\\"', 'ö', '権限', '😀'),
)
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, fc.constant(null), fc.integer(), text, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...names), text), tie('value'), { maxKeys: 3 }),
}))
const lists = fc.array(anything, { maxLength: 3 })
const rows = fc
  .record(
    { id: text, policies: fc.oneof(lists, anything), roles: lists, meta: anything },
    { requiredKeys: ['id'], noNullPrototype: true },
  )
  .chain((row) => fc.shuffledSubarray(Object.entries(row), { minLength: 1 }))
  .map((entries) => Object.fromEntries(entries))
const bodies = fc.record(
  { success: fc.boolean(), result: fc.oneof(fc.array(rows), rows, anything), policies: anything },
  { requiredKeys: ['result'], noNullPrototype: true },
)

test('with its parts read, a body is what it is when parsed whole', () => {
  let parts = 0
  fc.assert(
    fc.property(bodies, fc.constantFrom(undefined, 1), (body, indent) => {
      const json = JSON.stringify(body, null, indent)
      const read = readAll(Buffer.from(json))
      expect(read.value).toEqual(JSON.parse(json))
      parts += read.parts
    }),
    propertyRuns(3_000),
  )
  expect(parts).toBeGreaterThan(1_000)
})

test('a body that was cut or changed is what it is when parsed whole, or is parsed whole', () => {
  fc.assert(
    fc.property(bodies, fc.nat(), fc.constantFrom('', '"', '[', '}', ',', '\\', 'ä'), (body, at, put) => {
      const json = JSON.stringify(body)
      const place = at % json.length
      const changed = Buffer.from(json.slice(0, place) + put + json.slice(place + 1))
      if (parseDeferring(changed, names, broken) === undefined) return
      // Only within a part, which shows when it is read, may it be no JSON.
      const whole = parsed(changed.toString())
      if (whole === undefined) expect(() => readAll(changed)).toThrow('broken')
      else expect(readAll(changed).value).toEqual(whole)
    }),
    propertyRuns(3_000),
  )
})

test('nothing of a part is parsed before it is read, and it is parsed once', () => {
  const body = Buffer.from('{"result":[{"id":"a","policies":[{1}]},{"id":"b","policies":[3]}]}')
  const value = parseDeferring(body, names, broken)?.value
  expect(value?.result).toMatchObject([{ id: 'a' }, { id: 'b' }])
  const [spoilt, good] = [value?.result].flat().map((row) => Object(row).policies)
  let reads = 0
  const count = (read: unknown) => {
    reads += 1
    return read
  }
  expect(() => spoilt.readWith(count).read()).toThrow('broken')
  expect([good.readWith(count).read(), good.read()]).toEqual([[3], [3]])
  expect(reads).toBe(2)
})

test.each([
  ['no such list', '{"result":[{"id":"a","policies":null}]}'],
  ['a list of the envelope', '{"result":[{"id":"a"}],"policies":[1]}'],
  ['a list of something in a record', '{"result":[{"id":"a","meta":{"policies":[1]}}]}'],
  ['a list that does not end', '{"result":[{"id":"a","policies":[1'],
  ['a text that does not end', '{"result":[{"id":"a","policies":["b'],
  ['two lists of one name', '{"result":[{"id":"a","policies":[1],"policies":[2]}]}'],
  ['no JSON around a list', '{"result":[{"id":"a","policies":[1]}}'],
])('%s is for whole parsing', (_what, body) => {
  expect(parseDeferring(Buffer.from(body), names, broken)).toBeUndefined()
})

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
