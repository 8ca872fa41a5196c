import fc, { type GeneratorValue } from 'fast-check'
import {
  buildSchema,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

const sdl = /* GraphQL */ `
  interface Named { name: String! }
  union Any = Thing | Other
  enum Kind { A B }
  input Where { name: String = "x", tags: [String!], deep: Where }
  type Query {
    thing: Thing
    must: Thing!
    things: [Thing!]!
    named: [Named]
    any: Any!
    grid: [[Float!]!]
  }
  type Thing implements Named {
    name: String!
    id: ID!
    maybe: String
    number: Float!
    count: Int
    kind: Kind
    list: [Thing]
    strict: [Other!]!
    nested: [[Named!]]
    other: Other!
    echo(text: String, n: Int = 5, ids: [ID!], where: Where, kind: Kind): String
  }
  type Other implements Named {
    name: String!
    size: Int!
    flag: Boolean
    thing: Thing
    any: Any
    anys: [Any!]
  }
`

type Source = { readonly __typename: string; readonly seed: number }

/** A schema with what executors differ in: every kind of type, values at once and later, and fields that fail in every way. */
export function createRandomSchema(): GraphQLSchema {
  const schema = buildSchema(sdl)
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      field.resolve = ({ seed = 0 }: Partial<Source> = {}, args: object) => outcome(field, seed, args)
    }
  }
  return schema
}

// What a field gives depends on where it is alone, so that every executor meets the same.
function outcome(field: GraphQLField<unknown, unknown>, seed: number, args: object): unknown {
  const draw = hash(`${field.name}${seed}`)
  if (field.name === 'echo') return draw % 3 === 0 ? later(sorted(args)) : sorted(args)
  const failure = new Error(`${field.name} of ${seed} fails`)
  if (draw % 61 === 0) throw failure
  if (draw % 61 === 1) return Promise.reject(failure)
  if (draw % 61 === 2) return failure
  if (draw % 61 === 3) return null
  if (draw % 61 === 4) return later(null)
  const value = valueFor(field.type, draw)
  return draw % 4 === 0 ? later(value) : value
}

function valueFor(type: GraphQLField<unknown, unknown>['type'], draw: number): unknown {
  if (isNonNullType(type)) return valueFor(type.ofType, draw)
  if (isListType(type)) {
    const items = Array.from({ length: draw % 3 }, (_, index) => {
      const seed = hash(`${draw}/${index}`)
      if (seed % 41 === 0) return null
      // As a value: see `settleItems`.
      if (seed % 41 === 1) return later(new Error(`item ${index} of ${draw} fails`))
      const item = valueFor(type.ofType, seed)
      return seed % 5 === 0 ? later(item) : item
    })
    return draw % 29 === 0 ? 'no list' : items
  }
  const { name } = type
  if (name === 'Float') return draw % 17 === 0 ? 'no number' : draw / 8
  if (name === 'Int') return draw % 17 === 0 ? 2 ** 40 : draw % 1000
  if (name === 'Boolean') return draw % 2 === 0
  if (name === 'Kind') return ['A', 'B', 'C'][draw % 3]
  if (name === 'Any' || name === 'Named')
    return { __typename: draw % 2 === 0 ? 'Thing' : 'Other', seed: draw }
  return isCompositeType(type) ? { __typename: name, seed: draw } : `${name} ${draw}`
}

// In which order arguments come is nobody's business.
function sorted(args: object): string {
  return JSON.stringify(args, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

function later<T>(value: T): Promise<T> {
  return Promise.resolve().then(() => value)
}

function hash(text: string): number {
  let value = 7
  for (const character of text) value = (value * 31 + character.charCodeAt(0)) % 1_000_003
  return value
}

/** A valid query over any fields of it: aliases, merged fields, fragments, arguments with and without variables, and with `conditions`, `@skip` and `@include`. */
export function randomQuery(
  g: GeneratorValue,
  schema: GraphQLSchema,
  { conditions }: { readonly conditions: boolean },
): { readonly document: string; readonly variables: Readonly<Record<string, unknown>> } {
  const root = schema.getQueryType()
  if (!root) throw new Error('the schema has no query')
  const variables: Record<string, unknown> = {}
  const definitions: string[] = []
  const fragments: string[] = []
  let names = 0
  let selected = 0
  const draw = (max: number) => g(fc.nat, { max })
  const chance = (percent: number) => draw(99) < percent

  function selectionSet(type: GraphQLCompositeType, depth: number): string {
    const wanted = selected > 30 ? 1 : 1 + draw(3)
    return `{ ${Array.from({ length: wanted }, () => selection(type, depth)).join(' ')} }`
  }

  function selection(type: GraphQLCompositeType, depth: number): string {
    if (!isObjectType(type) || chance(25)) {
      const possible = isObjectType(type) ? [type] : schema.getPossibleTypes(type)
      const on = possible[draw(possible.length - 1)]
      if (on === undefined || chance(10)) return `__typename${condition()}`
      const inner = selectionSet(on, depth + 1)
      if (chance(60)) return `... on ${on.name}${condition()} ${inner}`
      const name = `F${names++}`
      fragments.push(`fragment ${name} on ${on.name} ${inner}`)
      const spread = `...${name}${condition()}`
      return chance(30) ? `${spread} ...${name}${condition()}` : spread
    }
    selected += 1
    const fields = Object.values(type.getFields())
    const leaves = fields.filter((one) => !isCompositeType(getNamedType(one.type)))
    const choice = depth > 4 && leaves.length > 0 ? leaves : fields
    const field = choice[draw(choice.length - 1)]
    if (field === undefined || depth > 6) return '__typename'
    const returned = getNamedType(field.type)
    // One key for one field of one type: where it comes twice, GraphQL merges it.
    const key = `${type.name}_${field.name}${field.args.length > 0 ? names++ : ''}`
    const args = field.args.flatMap(({ name, type: of }) => (chance(50) ? [`${name}: ${value(of)}`] : []))
    const head = `${key}: ${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${condition()}`
    return isCompositeType(returned) ? `${head} ${selectionSet(returned, depth + 1)}` : head
  }

  function condition(): string {
    if (!conditions || !chance(30)) return ''
    const isOn = chance(50)
    const literal = chance(40) ? String(isOn) : variable('Boolean!', isOn)
    return ` @${chance(50) ? 'skip' : 'include'}(if: ${literal})`
  }

  function variable(type: string, plain: unknown): string {
    const name = `v${names++}`
    definitions.push(`$${name}: ${type}`)
    variables[name] = plain
    return `$${name}`
  }

  function value(type: GraphQLInputType): string {
    const plain = plainValue(type, 0)
    if (chance(40)) {
      const name = variable(String(type), plain)
      // Not given at all.
      if (!isNonNullType(type) && chance(20)) delete variables[name.slice(1)]
      return name
    }
    return print(type, plain)
  }

  function plainValue(type: GraphQLInputType, depth: number): unknown {
    if (isNonNullType(type)) return plainValue(type.ofType, depth)
    if (depth < 3 && chance(8)) return null
    if (isListType(type)) {
      if (chance(15)) return plainValue(type.ofType, 9)
      return Array.from({ length: draw(2) }, () => plainValue(type.ofType, 9))
    }
    if (isEnumType(type)) return ['A', 'B'][draw(1)]
    if (isInputObjectType(type)) {
      const entries = Object.values(type.getFields()).filter(() => depth < 3 && chance(50))
      return Object.fromEntries(entries.map((one) => [one.name, plainValue(one.type, depth + 1)]))
    }
    if (type.name === 'Int') return draw(50)
    return type.name === 'ID' && chance(50) ? draw(50) : `text ${draw(9)}`
  }

  function print(type: GraphQLInputType, plain: unknown): string {
    if (plain === null || plain === undefined) return 'null'
    if (isNonNullType(type)) return print(type.ofType, plain)
    if (isListType(type)) {
      const items = Array.isArray(plain) ? plain : undefined
      return items ? `[${items.map((one) => print(type.ofType, one)).join(', ')}]` : print(type.ofType, plain)
    }
    if (isEnumType(type)) return String(plain)
    if (!isInputObjectType(type)) return JSON.stringify(plain)
    const fields = type.getFields()
    const entries = Object.entries(Object(plain)).flatMap(([name, one]) => {
      const field = fields[name]
      return field === undefined ? [] : [`${name}: ${print(field.type, one)}`]
    })
    return `{ ${entries.join(', ')} }`
  }

  const body = selectionSet(root, 0)
  const head = definitions.length > 0 ? `(${definitions.join(', ')})` : ''
  return { document: [`query Q${head} ${body}`, ...fragments].join('\n'), variables }
}
