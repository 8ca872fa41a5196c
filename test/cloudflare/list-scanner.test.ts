import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import wabt from 'wabt'
import { ListScanner } from '../../src/cloudflare/list-scanner.ts'
import { listScannerWasm } from '../../src/cloudflare/list-scanner-wasm.ts'
import { propertyRuns } from '../support/property-runs.ts'

/** What is looked for, a byte at a time. */
function endOf(body: string, start: number): number | undefined {
  let depth = 0
  let isText = false
  for (let at = start; at < body.length; at += 1) {
    const byte = body[at]
    // It escapes more, but within texts, where nothing else counts.
    if (byte === '\\' && /["\\]/.test(body[at + 1] ?? '')) at += 1
    else if (byte === '"') isText = !isText
    else if (!isText && (byte === '[' || byte === '{')) depth += 1
    else if (!isText && (byte === ']' || byte === '}')) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return undefined
}

const pieces = fc.oneof(
  fc.constantFrom('[', ']', '{', '}', '"', '\\', '\\"', '[]', '"]"', '"\\\\"', ';', '\u00fb', '\u00fd'),
  fc.nat({ max: 70 }).map((length) => 'x'.repeat(length)),
  fc.nat({ max: 130 }).map((length) => '\\'.repeat(length)),
)
const endlessTexts = fc.array(pieces, { maxLength: 40 }).map((some) => some.join(''))

test('a list ends where its brackets do, whatever stands in its texts and wherever it begins', () => {
  let ends = 0
  fc.assert(
    fc.property(endlessTexts, endlessTexts, endlessTexts, (before, within, after) => {
      const body = `${before}[${within}]${after}`
      const end = new ListScanner(Buffer.from(body, 'latin1')).endOf(before.length)
      expect(end).toBe(endOf(body, before.length))
      if (end !== undefined) ends += 1
    }),
    propertyRuns(5_000),
  )
  expect(ends).toBeGreaterThan(1_000)
})

test('lists of one body are found wherever they are, and only those that are longer than a MiB are not', () => {
  const mebibyte = 1024 * 1024
  const lengths = [10, mebibyte - 64, mebibyte, mebibyte + 1, 100, 64]
  const lists = lengths.map((length) => `["${']'.repeat(length - 4)}"]`)
  const body = Buffer.from(lists.join(','))
  const scanner = new ListScanner(body)
  let start = 0
  const found = lists.map((list) => {
    const end = scanner.endOf(start)
    const length = end === undefined ? undefined : end - start
    start += list.length + 1
    return length
  })
  expect(found).toEqual([10, mebibyte - 64, mebibyte, undefined, 100, 64])
  expect(scanner.endOf(0)).toBe(lists[0]?.length)
})

test('nothing of a longer body before it is taken for the end of a list', () => {
  expect(new ListScanner(Buffer.from(']'.repeat(1_000))).endOf(0)).toBeUndefined()
  expect(new ListScanner(Buffer.from('[1')).endOf(0)).toBeUndefined()
})

test('what runs is what list-scanner.wat says', async () => {
  const source = readFileSync(new URL('../../src/cloudflare/list-scanner.wat', import.meta.url), 'utf8')
  const module = (await wabt()).parseWat('list-scanner.wat', source, { simd: true })
  module.validate()
  expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(listScannerWasm)
})
