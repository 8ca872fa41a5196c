import fc, { type GeneratorValue } from 'fast-check'
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import type { Material } from './material.ts'

export type RandomOperation = {
  readonly document: string
  readonly variables: Readonly<Record<string, unknown>>
  /** The fields that it selects, as `Type.field`. */
  readonly fields: ReadonlySet<string>
}

type Place = { readonly name: string; readonly owner: string; readonly field: GraphQLField<unknown, unknown> }

// Below the limits that documents have, a fragment that is spread again further down included.
const mostFields = 30
const deepest = 9

/**
 * A valid operation over any fields of the schema: nested connections, aliases, merged fields, fragments, variables with and without
 * defaults, `@skip` and `@include`. Its ids and cursors are real ones of `material`, some of them in the wrong place, or made up.
 */
export function randomOperation(
  g: GeneratorValue,
  schema: GraphQLSchema,
  { material, kind }: { readonly material: Material; readonly kind: 'query' | 'mutation' },
): RandomOperation {
  const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType()
  if (!root) throw new Error(`the schema has no ${kind}`)
  const definitions: string[] = []
  const variables: Record<string, unknown> = {}
  const fragments: {
    readonly name: string
    readonly on: string
    readonly depth: number
    readonly text: string
  }[] = []
  const fields = new Set<string>()
  let names = 0
  let selected = 0

  const chance = (percent: number) => g(fc.nat, { max: 99 }) >= 100 - percent
  const pick = <T>(values: readonly T[]): T => {
    const value = values[g(fc.nat, { max: Math.max(0, values.length - 1) })]
    if (value === undefined) throw new Error('nothing to pick from')
    return value
  }
  const nextName = (prefix: string) => `${prefix}${names++}`

  function selectionSet(type: GraphQLCompositeType, depth: number): string {
    if (isAbstractType(type)) {
      const possible = schema.getPossibleTypes(type)
      const chosen = [pick(possible), ...(chance(50) ? [pick(possible)] : [])]
      return `{ __typename ${chosen.map((one) => `... on ${one.name} ${selectionSet(one, depth + 1)}`).join(' ')} }`
    }
    if (!isObjectType(type)) throw new Error('every composite type is abstract or an object')
    const wanted = 1 + g(fc.nat, { max: 2 })
    const parts = Array.from({ length: wanted }, () => selection(type, depth))
    return `{ ${parts.join(' ')} }`
  }

  function selection(type: GraphQLObjectType, depth: number): string {
    const one = () => fieldSelection(type, depth)
    if (!chance(20)) return one()
    const directives = directive()
    if (chance(50)) return `...${chance(70) ? ` on ${type.name}` : ''}${directives} { ${one()} ${one()} }`
    const known = fragments.find(
      (one) => one.on === type.name && depth <= one.depth + 5 && !one.text.includes('...F'),
    )
    if (known !== undefined) return `...${known.name}${directives}`
    const name = nextName('F')
    fragments.push({ name, on: type.name, depth, text: `fragment ${name} on ${type.name} { ${one()} }` })
    return `...${name}${directives}`
  }

  function fieldSelection(type: GraphQLObjectType, depth: number): string {
    const all = Object.values(type.getFields()).filter(({ name }) => name !== '_service')
    const leaves = all.filter((field) => !isCompositeType(getNamedType(field.type)))
    const isFull = depth >= deepest || selected >= mostFields
    const choice = isFull && leaves.length > 0 ? leaves : all
    // Most of what there is to ask lies under an account.
    const field = type === root && kind === 'query' && chance(50) ? type.getFields().account : pick(choice)
    if (field === undefined) throw new Error('no field account')
    fields.add(`${type.name}.${field.name}`)
    selected += 1
    const returned = getNamedType(field.type)
    if (!isCompositeType(returned)) {
      // One name for one field of one type: where it comes twice GraphQL merges it, and it never clashes.
      return `${type.name}_${field.name}: ${field.name}${directive()}`
    }
    if (isFull) return '__typename'
    const head = `${nextName('a')}: ${field.name}${argumentList(type, field)}`
    const first = `${head}${directive()} ${selectionSet(returned, depth + 1)}`
    // The same field twice, which GraphQL merges.
    return chance(10) ? `${first} ${head} ${selectionSet(returned, depth + 1)}` : first
  }

  function directive(): string {
    if (!chance(8)) return ''
    const name = pick(['include', 'skip'])
    return ` @${name}(if: ${value(pick([true, false]), 'Boolean!', String)})`
  }

  function argumentList(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): string {
    const isWindow = field.args.some(({ name }) => name === 'last')
    const side = isWindow ? pick(['first', 'first', 'last', 'none', chance(10) ? 'both' : 'first']) : 'both'
    const given = field.args.filter(
      ({ name }) => (name !== 'first' && name !== 'last') || side === 'both' || side === name,
    )
    const texts = given.flatMap((argument) =>
      argumentText(argument, { name: argument.name, owner: type.name, field }),
    )
    return texts.length === 0 ? '' : `(${texts.join(', ')})`
  }

  function argumentText(argument: GraphQLArgument, place: Place): readonly string[] {
    const given = inputValue(argument.type, place)
    if (given === undefined) return []
    const isAny =
      getNamedType(argument.type).name === '_Any' || getNamedType(argument.type).name === 'DateTime'
    const print = (plain: unknown) => literal(argument.type, plain)
    return [`${argument.name}: ${value(given, String(argument.type), print, isAny || chance(30))}`]
  }

  // A value as it stands, or a variable that is given, has it as its default, or both.
  function value(
    plain: unknown,
    type: string,
    print: (plain: unknown) => string,
    asVariable = chance(40),
  ): string {
    if (!asVariable) return print(plain)
    const name = nextName('v')
    const isPrintable = !type.includes('_Any') && !type.includes('DateTime')
    const byDefault = isPrintable && plain !== null && chance(30)
    definitions.push(`$${name}: ${type}${byDefault ? ` = ${print(plain)}` : ''}`)
    if (!byDefault) variables[name] = plain
    return `$${name}`
  }

  function inputValue(type: GraphQLInputType, place: Place): unknown {
    if (isNonNullType(type)) return requiredValue(type.ofType, place)
    // Few filters: most of them match nothing. No cursors behind a write: the rows that it moved have to be looked for.
    const cursors = kind === 'query' ? { after: 10, before: 6 } : { after: 0, before: 0 }
    const likelihood = { first: 100, last: 100, filter: 15, ...cursors }[place.name] ?? 25
    if (!chance(likelihood)) return undefined
    return chance(4) ? null : requiredValue(type, place)
  }

  function requiredValue(type: GraphQLInputType, place: Place): unknown {
    if (isNonNullType(type)) return requiredValue(type.ofType, place)
    if (isListType(type)) {
      const length = chance(12) ? 3 + g(fc.nat, { max: 40 }) : g(fc.nat, { max: 4 })
      const same = typeOfId(place)
      return Array.from({ length }, () =>
        requiredValue(type.ofType, { ...place, owner: `${place.owner}/${same}` }),
      )
    }
    if (isEnumType(type)) return pick(type.getValues().map(({ name }) => name))
    if (isInputObjectType(type)) {
      const entries = Object.values(type.getFields()).map((field): [string, unknown] => [
        field.name,
        inputValue(field.type, { ...place, name: field.name, owner: type.name }),
      ])
      return Object.fromEntries(entries.filter(([, one]) => one !== undefined))
    }
    if (type.name === 'Int') return pick([2, 1, 3, 4, 0, 5, 7, 12, 20, 26, 51, 100, 500])
    if (type.name === 'Boolean') return pick([true, false])
    if (type.name === 'ID') return idValue(typeOfId(place))
    if (type.name === 'DateTime') return pick([...material.times, '2020-01-01T00:00:00Z'])
    if (type.name === '_Any') return representation()
    if (place.name === 'after' || place.name === 'before') return cursorValue(place.field.name)
    return pick([...material.texts, `new ${g(fc.nat, { max: 1e6 })}`])
  }

  function typeOfId({ name, owner, field }: Place): string {
    const listed = owner.split('/')[1]
    if (listed !== undefined) return listed
    const named = /^(account|userGroup|member|permissionGroup|resourceGroup)Ids?$/.exec(name)?.[1]
    if (named !== undefined) return named.charAt(0).toUpperCase() + named.slice(1)
    const inInput = /(ResourceGroup|UserGroup|SSOConnector)/.exec(owner)?.[1]
    if (name === 'id' && inInput !== undefined && owner.endsWith('Input')) return inInput
    const returned = getNamedType(field.type).name
    return returned in material.ids ? returned : pick(Object.keys(material.ids))
  }

  function idValue(type: string): string {
    const known = material.ids[type] ?? []
    const [first = ''] = known
    if (chance(5)) return pick(Object.values(material.ids).flatMap((ids) => ids.slice(0, 1)))
    if (chance(8)) return first.slice(0, -6) + String(100_000 + g(fc.nat, { max: 899_999 }))
    const id = pick(known)
    return chance(10) ? id.slice(-32) : id
  }

  function representation(): unknown {
    const type = pick(Object.keys(material.ids))
    const id = idValue(type)
    if (chance(50) || id.length < 60) return { __typename: type, id }
    return { __typename: type, tag: id.slice(-32), account: { tag: id.slice(3, 35) } }
  }

  function cursorValue(field: string): string {
    const own = material.cursors[field] ?? []
    return own.length > 0 && chance(85)
      ? pick(own)
      : pick([...Object.values(material.cursors).flat(), 'no cursor'])
  }

  const body = selectionSet(root, 0)
  const head = definitions.length === 0 ? '' : `(${definitions.join(', ')})`
  const document = [`${kind} Op${head} ${body}`, ...fragments.map(({ text }) => text)].join('\n')
  return { document, variables, fields }
}

function literal(type: GraphQLInputType, plain: unknown): string {
  if (isNonNullType(type)) return literal(type.ofType, plain)
  if (plain === null) return 'null'
  if (isListType(type))
    return `[${(Array.isArray(plain) ? plain : []).map((one) => literal(type.ofType, one)).join(', ')}]`
  if (isEnumType(type)) return String(plain)
  if (isInputObjectType(type)) {
    const inputFields = type.getFields()
    const entries = Object.entries(Object(plain)).flatMap(([name, one]) => {
      const field = inputFields[name]
      return field === undefined ? [] : [`${name}: ${literal(field.type, one)}`]
    })
    return `{ ${entries.join(', ')} }`
  }
  return JSON.stringify(plain)
}
