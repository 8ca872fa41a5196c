import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { parseConfig, variableNames } from '../src/config.ts'
import { defaultWindowSize, maxWindowSize } from '../src/paging/window.ts'
import { maxAnswerFields } from '../src/plugins/use-cost-limit.ts'
import { defaultDocumentLimits } from '../src/plugins/use-document-limits.ts'
import { buildSchema } from '../src/schema/schema.ts'
import { readExampleNames } from './support/examples.ts'
import { startGateway } from './support/gateway.ts'

const directory = new URL('../docs/', import.meta.url)
const pages = readdirSync(directory)
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.replace(/\.md$/, ''))
const runnable = pages.filter((page) => endOf(page) !== undefined)
const reference = ['schema', 'paging', 'cost', 'errors']

test('the pages about the API end in a query', () => {
  expect(runnable).toEqual(expect.arrayContaining([...reference, 'federation', 'clients']))
})

test.each(runnable)(
  'the query at the end of %s runs on the sandbox, at the price and with the errors that are promised',
  async (page) => {
    const { query, variables, promise } = endOf(page) ?? { query: '', variables: {}, promise: '' }
    const gateway = await startGateway()
    const { status, data, errors = [], extensions } = await gateway.query(query, variables)
    expect(status).toBe(200)
    expect(data).not.toBeNull()
    const codes = [...promise.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code]) => code)
    expect([...new Set(errors.map((error) => error.extensions.code))]).toEqual(codes)

    const made = gateway.requests().length
    const [, price = String(made)] = /\b(\d+) REST calls?\b/.exec(promise) ?? []
    expect(extensions?.restCalls).toMatchObject({ estimated: Number(price), made: Number(price) })
    expect(made).toBe(Number(price))
  },
)

test.each(reference)('%s tells its price', (page) => {
  expect(endOf(page)?.promise).toMatch(/\d+ REST calls?\./)
})

test.each(reference)('every field, code and setting that %s names exists', (page) => {
  const named = [...textOf(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  const fields = named.filter((name) => /^[A-Z]\w+\.\w+$/.test(name))
  const words = named.filter((name) => /^[A-Z]+(_[A-Z]+)*$/.test(name))
  expect(fields.filter((field) => !coordinates.has(field))).toEqual([])
  expect(words.filter((word) => !constants.has(word))).toEqual([])
})

test('errors has every code that there is', () => {
  const text = textOf('errors')
  expect([...codesOfSource()].filter((code) => !text.includes(`\`${code}\``))).toEqual([])
})

test('limits are what the pages say they are', () => {
  const { depth, fields, aliases, directives, tokens, length } = defaultDocumentLimits
  const written = (limit: number) => limit.toLocaleString('en')
  const cost = textOf('cost').replaceAll('\n', ' ')
  expect(cost).toContain(`more than ${written(maxAnswerFields)} fields`)
  expect(cost).toMatch(
    new RegExp(
      `more than ${written(length)} characters, ${depth} +levels, ${written(fields)} fields, ${aliases} aliases, ${directives} directives or ${written(tokens)} tokens`,
    ),
  )
  expect(cost).toContain(`\`MAX_REST_CALLS\` (${parseConfig({}).maxRestCalls})`)
  expect(textOf('paging')).toContain(`0 to ${maxWindowSize}, ${defaultWindowSize} where neither is given`)
})

test.each(pages)('the links of %s lead somewhere', (page) => {
  const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link = '']) => link)
  const local = links.filter((link) => !/^https?:/.test(link))
  expect(local.filter((link) => !existsSync(new URL(link, directory)))).toEqual([])
})

test('the index has every page that ends in a query, and every example', () => {
  const index = textOf('README')
  expect(runnable.filter((page) => !index.includes(`](${page}.md)`))).toEqual([])
  const linked = [...index.matchAll(/\/graphql\?example=([\w-]+)\)/g)].map(([, name]) => name)
  expect(linked).toEqual(readExampleNames().map((name) => name.replace(/^\d+-/, '')))
})

type End = {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  /** What the last section says before the query. */
  readonly promise: string
}

/** The last section's query with the variables below it; undefined where the page does not end so. */
function endOf(page: string): End | undefined {
  const last = textOf(page).split(/^## /m).at(-1) ?? ''
  const [, promise = '', query, variables = '{}'] =
    /^([\s\S]*?)```graphql\n([\s\S]*?)```\s*(?:```json\n([\s\S]*?)```\s*)?$/.exec(last) ?? []
  return query === undefined ? undefined : { query, variables: JSON.parse(variables), promise }
}

function textOf(page: string): string {
  return readFileSync(new URL(`${page}.md`, directory), 'utf8')
}

const types = Object.values(buildSchema().getTypeMap())
const coordinates = new Set(
  types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
      ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
      : [],
  ),
)
const constants = new Set([
  ...types.flatMap((type) => (isEnumType(type) ? type.getValues().map(({ name }) => name) : [])),
  ...variableNames,
  ...codesOfSource(),
  // Yoga's own.
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
])

/** Every `extensions.code` that is written somewhere in the gateway. */
function codesOfSource(): ReadonlySet<string> {
  const source = new URL('../src/', import.meta.url)
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('sandbox'),
  )
  // In an object, and in the table of what a REST call's failure is called.
  const pattern = /^ *(?:.*\bcode|'?[\w-]+'?): '([A-Z]+(?:_[A-Z]+)+|UNAUTHENTICATED|FORBIDDEN)'/gm
  return new Set(
    files.flatMap((file) =>
      [...readFileSync(new URL(file, source), 'utf8').matchAll(pattern)].map(([, code = '']) => code),
    ),
  )
}
