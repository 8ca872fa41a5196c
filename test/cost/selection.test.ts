import { buildSchema, type FragmentDefinitionNode, isObjectType, Kind, parse } from 'graphql'
import { expect, test } from 'vitest'
import { nodesOfField, selectionOf, selectsField } from '../../src/cost/selection.ts'

const schema = buildSchema(/* GraphQL */ `
  interface Named {
    name: String
  }
  type Cat implements Named {
    name: String
    lives: Int
    kittens(first: Int): [Cat]
  }
  type Dog implements Named {
    name: String
    tricks: Int
  }
  union Pet = Cat | Dog
  type Query {
    pets: [Pet]
  }
`)

/** The selection on a type by a document's operation, whose fields are written as if they were the type's own. */
function select(typeName: string, document: string, variableValues: Record<string, unknown> = {}) {
  const { definitions } = parse(document)
  const fragments: Record<string, FragmentDefinitionNode> = {}
  for (const one of definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) fragments[one.name.value] = one
  const operation = definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  const type = schema.getType(typeName)
  if (!isObjectType(type) || operation === undefined) throw new Error('nothing to select')
  return selectionOf({ schema, fragments, variableValues }, type, [operation])
}

const keys = (...args: Parameters<typeof select>) => [...select(...args).keys()]

test('fields are told by response key, in order', () => {
  expect(keys('Cat', '{ lives nick: name name }')).toEqual(['lives', 'nick', 'name'])
})

test('fields of one key are merged', () => {
  const selection = select('Cat', '{ kittens { name } lives kittens { lives } }')
  expect([...selection.keys()]).toEqual(['kittens', 'lives'])
  expect(selection.get('kittens')).toHaveLength(2)
})

test('fragments count where their type condition holds', () => {
  const document =
    '{ ... on Cat { lives } ... on Dog { tricks } ... on Named { name } ... on Pet { pet: name } ... { bare: name } }'
  expect(keys('Cat', document)).toEqual(['lives', 'name', 'pet', 'bare'])
  expect(keys('Dog', document)).toEqual(['tricks', 'name', 'pet', 'bare'])
})

test('named fragments are followed, through others and once each', () => {
  const document = '{ ...A ...A } fragment A on Cat { name ...B } fragment B on Cat { lives ...A }'
  expect(keys('Cat', document)).toEqual(['name', 'lives'])
})

test('a fragment that is not defined selects nothing', () => {
  expect(keys('Cat', '{ ...Nowhere lives }')).toEqual(['lives'])
})

test('@skip and @include decide, with the values of variables', () => {
  const document =
    'query ($yes: Boolean!, $no: Boolean!) { a: name @skip(if: $yes) b: name @skip(if: $no) c: name @include(if: $yes) d: name @include(if: $no) e: name @include(if: true) @skip(if: true) }'
  expect(keys('Cat', document, { yes: true, no: false })).toEqual(['b', 'c'])
})

test('they decide on fragments as well, and a spread that is skipped may come again', () => {
  const document =
    '{ ... on Cat @skip(if: true) { lives } ...A @include(if: false) ...A } fragment A on Cat { name }'
  expect(keys('Cat', document)).toEqual(['name'])
})

test('fields are found by the name that the schema gives them', () => {
  const selection = select(
    'Cat',
    '{ offspring: kittens { name } youngest: kittens(first: 1) { lives } name: lives }',
  )
  expect(selectsField(selection, (name) => name === 'kittens')).toBe(true)
  expect(selectsField(selection, (name) => name === 'name')).toBe(false)
  expect(nodesOfField(selection, 'kittens')).toHaveLength(2)
  expect(nodesOfField(selection, 'name')).toEqual([])
})
