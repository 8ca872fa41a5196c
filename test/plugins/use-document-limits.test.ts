import { getIntrospectionQuery } from 'graphql'
import { expect, test } from 'vitest'
import { type GatewayOptions, startGateway } from '../support/gateway.ts'

const account = '0123456789abcdef0123456789abcdef'
// No document here needs the upstream, so that nothing but its size can refuse it.
const offline: GatewayOptions = { baseUrl: 'http://127.0.0.1:9/client/v4', headers: {} }
/** `levels` fields within one another. */
const nested = (levels: number) => {
  const steps = Array.from({ length: levels - 2 }, (_, index) =>
    index % 2 === 0 ? 'userGroup(id: "x") { ' : 'account { ',
  )
  return `{ account(id: "${account}") { ${steps.join('')}id${' }'.repeat(levels)}`
}
const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ')
/** `count` fields, most of them by one fragment that is spread 47 times. */
const wide = (count: number) => {
  const accounts = repeat(47, (index) => `a${index}: account(id: "${account}") { ...Wide }`)
  const fragment = `fragment Wide on Account { ${repeat(20, (index) => `b${index}: id`)} }`
  return `{ ${accounts} ${repeat(count - 47 * 21, () => '__typename')} } ${fragment}`
}

test.each([
  ['16 levels', nested(16)],
  ['100 aliases', `{ ${repeat(100, (index) => `a${index}: __typename`)} }`],
  ['50 directives', `{ ${repeat(50, () => '__typename @skip(if: false)')} }`],
  ['1,000 fields', wide(1_000)],
  ['5,000 tokens', `{ nodes(ids: [${repeat(4_988, () => '"x"')}]) { id } }`],
  [
    'introspection by graphql-js',
    getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      inputValueDeprecation: true,
      schemaDescription: true,
      directiveIsRepeatable: true,
    }),
  ],
])('%s are allowed', async (_what, document) => {
  const { query } = await startGateway(offline)
  const { errors } = await query(document)
  expect(errors?.filter(({ extensions }) => extensions.code === 'QUERY_TOO_COMPLEX') ?? []).toEqual([])
})

test.each([
  ['17 levels', nested(17), /17 levels deep; 16 are allowed/],
  ['101 aliases', `{ ${repeat(101, (index) => `a${index}: __typename`)} }`, /more than 100 aliases/],
  ['51 directives', `{ ${repeat(51, () => '__typename @skip(if: false)')} }`, /more than 50 directives/],
  ['1,001 fields', wide(1_001), /more than 1000 fields/],
  ['5,001 tokens', `{ nodes(ids: [${repeat(4_989, () => '"x"')}]) { id } }`, /more than 5000 tokens/],
  ['a long comment', `{ __typename } # ${'x'.repeat(128 * 1024)}`, /more than 131072 characters/],
])('%s are too many', async (_what, document, message) => {
  const { query } = await startGateway(offline)
  const { data, errors } = await query(document)
  expect(data).toBeNull()
  expect(errors).toHaveLength(1)
  expect(errors).toMatchObject([
    { message: expect.stringMatching(message), extensions: { code: 'QUERY_TOO_COMPLEX' } },
  ])
  // Also the second time, when a cache knows the document.
  expect((await query(document)).errors).toEqual(errors)
})

test('fragments hide nothing, nor do entities: what they hold counts wherever they are spread', async () => {
  const { query } = await startGateway(offline)
  const fragments = repeat(
    8,
    (index) =>
      `fragment F${index} on Account { userGroup(id: "${account}") { account { ...F${index + 1} } } }`,
  )
  const document = `{ _entities(representations: []) { ...F0 } } ${fragments} fragment F8 on Account { id }`
  const { data, errors } = await query(document)
  expect(data).toBeNull()
  expect(errors).toMatchObject([{ message: expect.stringMatching(/18 levels/) }])
})

test('fragments that multiply are refused in no time, whatever they would cost', async () => {
  const { query } = await startGateway(offline)
  const fragment = (index: number) =>
    `fragment F${index} on Account { ${repeat(12, (alias) => `a${alias}: userGroup(id: "${account}") { account { ...F${index + 1} } }`)} }`
  const bomb = `{ account(id: "${account}") { ...F0 } } ${repeat(7, fragment)} fragment F7 on Account { id }`
  const started = performance.now()
  const { errors } = await query(bomb)
  expect(performance.now() - started).toBeLessThan(5_000)
  expect(errors).toMatchObject([{ message: expect.stringContaining('more than 1000 fields') }])
})

test('fragments in a circle are an error of their own', async () => {
  const { query } = await startGateway(offline)
  const { errors } = await query(
    '{ account(id: "x") { ...A } } fragment A on Account { id ...B } fragment B on Account { ...A }',
  )
  expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
})

test('a document of the same field over and over is judged in bounded time', async () => {
  const { query } = await startGateway(offline)
  const started = performance.now()
  await query(`{ ${repeat(550, () => `account(id: "${account}") { id }`)} }`)
  await query(`{ ${repeat(4_900, () => '__typename')} }`)
  expect(performance.now() - started).toBeLessThan(5_000)
})
