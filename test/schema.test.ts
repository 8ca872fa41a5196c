import { existsSync, readFileSync } from 'node:fs'
import type { ConstDirectiveNode, FieldDefinitionNode, InputValueDefinitionNode } from 'graphql'
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  print,
  validateSchema,
} from 'graphql'
import { expect, test } from 'vitest'
import { printAPI } from '../src/schema/print-api.ts'
import { buildSchema } from '../src/schema/schema.ts'
import { startGateway } from './support/gateway.ts'

const printed = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8')
/** What was promised to callers, a coordinate a line: more may be added, nothing of it renamed, loosened or taken back. */
const promise = readFileSync(new URL('schema/promise.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
const design = new URL('../../shared/design/schema.graphql', import.meta.url)

test('schema.graphql is what the code prints', () => {
  expect(printAPI(buildSchema())).toBe(printed)
})

test('the schema is valid, and can be built twice', () => {
  const [first, second] = [buildSchema(), buildSchema()]
  expect(validateSchema(first)).toEqual([])
  expect(first).not.toBe(second)
  expect(printAPI(first)).toBe(printAPI(second))
})

test('everything that was promised is there: types, fields, arguments, defaults, values, directives', () => {
  const coordinates = new Set(coordinatesOf(printed))
  expect(promise.filter((line) => !coordinates.has(line))).toEqual([])
  expect(promise.length).toBeGreaterThan(300)
})

test.skipIf(!existsSync(design))('what was promised is what was designed', () => {
  expect(coordinatesOf(readFileSync(design, 'utf8'))).toEqual(promise)
})

test('a supergraph is given all of it but node and nodes', async () => {
  const { query } = await startGateway()
  const { data } = await query<{ readonly _service: { readonly sdl: string } }>('{ _service { sdl } }')
  expect(coordinatesOf(data._service.sdl)).toEqual(
    coordinatesOf(printed).filter((line) => !/^Query\.nodes?[:(]/.test(line)),
  )
})

test('every type, field, argument and value explains itself', () => {
  const silent: string[] = []
  const note = (coordinate: string, { description }: { description?: string | null | undefined }) => {
    if (!description) silent.push(coordinate)
  }
  for (const type of Object.values(buildSchema().getTypeMap())) {
    if (type.name.startsWith('_') || isFederationField(type.name)) continue
    note(type.name, type)
    if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        if (isFederationField(field.name)) continue
        note(`${type.name}.${field.name}`, field)
        for (const arg of 'args' in field ? field.args : [])
          note(`${type.name}.${field.name}(${arg.name}:)`, arg)
      }
    }
    if (isEnumType(type)) for (const value of type.getValues()) note(`${type.name}.${value.name}`, value)
  }
  // The one argument of every mutation is what its type says, and these two values are words of the upstream.
  expect(silent.filter((coordinate) => !/^Mutation\.\w+\(input:\)$/.test(coordinate))).toEqual([
    'AccountType.ENTERPRISE',
    'AccountType.STANDARD',
  ])
})

function isFederationField(name: string): boolean {
  return name === '_service' || name === '_entities'
}

/** Every type, field, argument and value of an SDL with all that can be relied on of it, a line each, in order. */
function coordinatesOf(sdl: string): readonly string[] {
  const lines: string[] = []
  const addDirectives = (subject: string, directives: readonly ConstDirectiveNode[] = []) =>
    lines.push(...directives.map((directive) => `${subject} ${print(directive)}`))
  const addInput = (coordinate: string, { type, defaultValue }: InputValueDefinitionNode) =>
    lines.push(`${coordinate}: ${print(type)}${defaultValue ? ` = ${print(defaultValue)}` : ''}`)
  const addField = (owner: string, field: FieldDefinitionNode) => {
    const coordinate = `${owner}.${field.name.value}`
    lines.push(`${coordinate}: ${print(field.type)}`)
    addDirectives(coordinate, field.directives)
    for (const arg of field.arguments ?? []) addInput(`${coordinate}(${arg.name.value}:)`, arg)
  }
  for (const definition of parse(sdl).definitions) {
    const isSchema = definition.kind === Kind.SCHEMA_EXTENSION || definition.kind === Kind.SCHEMA_DEFINITION
    if (isSchema) addDirectives('schema', definition.directives)
    if (definition.kind === Kind.SCALAR_TYPE_DEFINITION) lines.push(`scalar ${definition.name.value}`)
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION) {
      for (const { name } of definition.values ?? []) lines.push(`${definition.name.value}.${name.value}`)
    }
    if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
      for (const field of definition.fields ?? [])
        addInput(`${definition.name.value}.${field.name.value}`, field)
    }
    if (
      definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
      definition.kind === Kind.INTERFACE_TYPE_DEFINITION
    ) {
      const owner = definition.name.value
      for (const { name } of definition.interfaces ?? []) lines.push(`${owner} implements ${name.value}`)
      addDirectives(owner, definition.directives)
      for (const field of definition.fields ?? []) addField(owner, field)
    }
  }
  return lines.toSorted()
}
