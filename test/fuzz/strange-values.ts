import fc, { type Arbitrary } from 'fast-check'

const paths = '.|..|../..|/|//|%2e%2e%2f|%2F|%00|?|#|*|&x=y'.split('|')
const words = 'null|undefined|NaN|__proto__|constructor|; DROP TABLE|<script>|{{7*7}}|ac_|ug_'.split('|')

/** Texts on which careless code stumbles. */
export const strangeText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\n',
    '\r\nX: y',
    '💥',
    '\ud800',
    'x'.repeat(10_000),
    ...paths,
    ...words,
  ),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

/** Ids: real tags and others, bare and in global ids, whole and damaged, and what was never one. */
export function anyId(tags: readonly string[]): Arbitrary<string> {
  const hex = fc.constantFrom(...'0123456789abcdefABCDEF')
  const damaged = fc
    .tuple(fc.constantFrom(...tags), fc.nat({ max: 31 }), strangeText)
    .map(([text, at, odd]) => text.slice(0, at) + odd + text.slice(at + odd.length))
  const tag = fc.oneof(
    fc.constantFrom(...tags),
    fc.string({ unit: hex, minLength: 31, maxLength: 33 }),
    damaged,
  )
  const prefix = fc.constantFrom('ac', 'pg', 'rg', 'ug', 'me', 'sc', 'xx', 'UG', '')
  const global = fc.tuple(prefix, tag, tag).map(([kind, first, second]) => `${kind}_${first}${second}`)
  const relay = fc.tuple(prefix, tag).map(([kind, text]) => Buffer.from(`${kind}:${text}`).toString('base64'))
  return fc.oneof(tag, global, relay, strangeText, fc.integer().map(String))
}
