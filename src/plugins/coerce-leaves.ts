import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql'
import { isObject } from '../cloudflare/json.ts'

/** Gives each leaf of an answer's data the form in which it is sent, in place; false, and half done, where one is not of its type. */
export type LeafCoercion = (data: Record<string, unknown>) => boolean

/**
 * Result coercion (GraphQL specification, 3.5 and 3.9) of a valid document's specified scalars and enums, for data whose leaves are what
 * resolvers gave. Leaves of other scalars stay as they are.
 */
export function createLeafCoercion(schema: GraphQLSchema, document: DocumentNode): LeafCoercion {
  const plan = planOf(schema, document)
  return (data) => {
    try {
      coerceFields(data, plan)
      return true
    } catch {
      return false
    }
  }
}

type PlannedField = {
  readonly key: string
  /** How many lists are around each value. */
  readonly depth: number
  /** Whether it is one leaf, of which a text is sent as it stands, as most are. */
  readonly isText: boolean
  /** Gives the form in which a leaf is sent, or throws; undefined for an object. */
  readonly serialize: ((leaf: unknown) => unknown) | undefined
  readonly fields: PlannedField[]
}

/**
 * Response keys with leaves of their own or beneath. Type conditions do not matter: what is selected under one key has one shape, whatever
 * the object (GraphQL specification, 5.3.2).
 */
function planOf(schema: GraphQLSchema, document: DocumentNode): readonly PlannedField[] {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }

  function addFields(
    plan: PlannedField[],
    { selections }: SelectionSetNode,
    parent: GraphQLNamedType | undefined,
  ): void {
    for (const node of selections) {
      if (node.kind === Kind.FIELD) {
        const type = typeOfField(schema, parent, node.name.value)
        const key = node.alias?.value ?? node.name.value
        const known = plan.find((field) => field.key === key)
        const field = known ?? { key, ...coercionOf(type), fields: [] }
        if (known === undefined) plan.push(field)
        if (node.selectionSet !== undefined) addFields(field.fields, node.selectionSet, getNamedType(type))
        continue
      }
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value)
      if (fragment === undefined) continue
      const condition = fragment.typeCondition?.name.value
      addFields(plan, fragment.selectionSet, condition === undefined ? parent : schema.getType(condition))
    }
  }

  const plan: PlannedField[] = []
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    addFields(plan, definition.selectionSet, schema.getRootType(definition.operation) ?? undefined)
  }
  return withLeaves(plan)
}

function withLeaves(plan: readonly PlannedField[]): PlannedField[] {
  return plan
    .map((field) => ({ ...field, fields: withLeaves(field.fields) }))
    .filter(({ serialize, fields }) => serialize !== undefined || fields.length > 0)
}

// `__typename` is written by whoever executes, and has none here.
function typeOfField(
  schema: GraphQLSchema,
  parent: GraphQLNamedType | undefined,
  name: string,
): GraphQLOutputType | undefined {
  if (parent === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef.type
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef.type
  }
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name]?.type : undefined
}

function depthOf(type: GraphQLType | undefined): number {
  if (isNonNullType(type)) return depthOf(type.ofType)
  return isListType(type) ? 1 + depthOf(type.ofType) : 0
}

function coercionOf(type: GraphQLOutputType | undefined): Omit<PlannedField, 'key' | 'fields'> {
  const depth = depthOf(type)
  const leaf = getNamedType(type)
  if (!isEnumType(leaf) && !(isScalarType(leaf) && isSpecifiedScalarType(leaf))) {
    return { depth, isText: false, serialize: undefined }
  }
  const isText = depth === 0 && (leaf.name === 'String' || leaf.name === 'ID')
  return { depth, isText, serialize: (value) => leaf.serialize(value) }
}

function coerceFields(object: Record<string, unknown>, plan: readonly PlannedField[]): void {
  for (const field of plan) {
    const value = object[field.key]
    if (value === null || value === undefined || (field.isText && typeof value === 'string')) continue
    const coerced = coerceValue(value, field, field.depth)
    if (coerced !== value) object[field.key] = coerced
  }
}

function coerceValue(value: unknown, field: PlannedField, depth: number): unknown {
  if (depth > 0) return coerceItems(value, field, depth - 1)
  if (field.serialize === undefined) {
    if (!isObject(value)) throw new Error(`${field.key} is no object`)
    coerceFields(value, field.fields)
    return value
  }
  const leaf = field.serialize(value)
  if (leaf === null || leaf === undefined) throw new Error(`${field.key} is nothing that can be sent`)
  return leaf
}

function coerceItems(items: unknown, field: PlannedField, depth: number): unknown {
  if (!Array.isArray(items)) throw new Error(`${field.key} is no list`)
  for (let index = 0; index < items.length; index += 1) {
    const item: unknown = items[index]
    if (item === null || item === undefined) continue
    const coerced = coerceValue(item, field, depth)
    if (coerced !== item) items[index] = coerced
  }
  return items
}
