import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildSchema } from '../../src/schema/schema.ts'
import { readMaterial } from '../cost/material.ts'
import { randomOperation } from '../cost/random-operation.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { startSaneGateway } from './sane-gateway.ts'

const examples = new URL('../../examples/', import.meta.url)
const documents = readdirSync(examples)
  .filter((name) => name.endsWith('.graphql'))
  .map((name) => readFileSync(new URL(name, examples), 'utf8'))
const words = fc.constantFrom(
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ':',
    '!',
    '$',
    '@',
    '...',
    '=',
    '|',
    '&',
    '"',
    '"""',
    '#',
    ',',
    '\\',
    '\n',
  ],
  ...[
    'query',
    'mutation',
    'subscription',
    'fragment',
    'on',
    'true',
    'null',
    'include',
    'skip',
    'if',
    'defer',
  ],
  ...[
    'account',
    'id',
    'userGroups',
    'first',
    'nodes',
    '__typename',
    '__schema',
    '__type',
    '_service',
    '_entities',
  ],
  ...['"x"', '0', '-1', '1e999', '99999999999999999999', '\u0000', '\ufeff', '💥', '\ud800', ' '],
)

const hugeDocuments: readonly ((size: number) => string)[] = [
  (size) => '{a'.repeat(size) + '}'.repeat(size),
  (size) => `{ ${'a: __typename '.repeat(size)} }`,
  (size) => `{ ${'__typename '.repeat(size)} }`,
  (size) => `{ a(b: ${'['.repeat(size)}${']'.repeat(size)}) }`,
  (size) => `{ a(b: ${'{c:'.repeat(size)}1${'}'.repeat(size)}) }`,
  (size) => `query ($a: ${'['.repeat(size)}Int${']'.repeat(size)}) { b }`,
  (size) => `{ ${'... {'.repeat(size)} a ${'}'.repeat(size)} }`,
  (size) => `{ a } ${'fragment F on Query { ...F }'.repeat(size)}`,
  (size) => `{ a(b: "${'\\u0000'.repeat(size)}") }`,
  (size) => `#${'x'.repeat(size * 50)}\n{ a }`,
]

test('text that is no operation is refused as such', async () => {
  const { askQuery } = await startSaneGateway()
  const huge = fc
    .tuple(fc.nat({ max: 5_000 }), fc.constantFrom(...hugeDocuments))
    .map(([size, write]) => write(size))
  const text = fc.oneof(
    { weight: 10, arbitrary: fc.string({ maxLength: 200 }) },
    { weight: 10, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    { weight: 20, arbitrary: fc.array(words, { maxLength: 60 }).map((parts) => parts.join(' ')) },
    { weight: 10, arbitrary: fc.array(words, { maxLength: 60 }).map((parts) => parts.join('')) },
    { weight: 5, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: huge },
  )
  await fc.assert(
    fc.asyncProperty(text, async (document) => void (await askQuery(document))),
    propertyRuns(6_000),
  )
}, 60_000)

test('operations that were damaged are refused or answered', async () => {
  const { askQuery, gateway } = await startSaneGateway()
  const damage = fc.record({
    document: fc.constantFrom(...documents),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat({ max: 20 }),
    put: fc.oneof(words, fc.string({ maxLength: 5 }), fc.constant('')),
  })
  const codes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(damage, async ({ document, at, length, put }) => {
      const place = Math.floor(at * document.length)
      const damaged = document.slice(0, place) + put + document.slice(place + length)
      for (const code of await askQuery(damaged, { account: gateway.sandbox.accountTag })) codes.add(code)
    }),
    propertyRuns(3_000),
  )
  expect([...codes]).toEqual(expect.arrayContaining(['none', 'GRAPHQL_PARSE_FAILED']))
}, 60_000)

test('any operation of the schema is answered', async () => {
  const { askQuery, gateway } = await startSaneGateway()
  const material = await readMaterial(gateway)
  const schema = buildSchema()
  const kinds = fc.constantFrom('query' as const, 'query' as const, 'mutation' as const)
  await fc.assert(
    fc.asyncProperty(kinds, fc.gen(), async (kind, generate) => {
      const { document, variables } = randomOperation(generate, schema, { material, kind })
      await askQuery(document, variables)
    }),
    propertyRuns(500),
  )
}, 60_000)
