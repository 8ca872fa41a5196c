import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
} from 'graphql'
import { InvalidArgument } from '../paging/invalid-argument.ts'
import { type Bill, createBill, type Price, type Rows } from './bill.ts'
import { type SelectionScope, selectionOf } from './selection.ts'

/** Page sizes that the upstream was seen to give instead of the documented ones, by list kind. */
export type PageCaps = Pick<ReadonlyMap<string, number>, 'get'>

/** Objects that a field will be asked on, as far as they are known before anything was fetched. */
export type Site = {
  readonly type: string
  /** Prefix of every billed key: what mutations read is read afresh, so nothing is shared between them. */
  readonly scope: string
  /** Names the objects: sites of one key are the same objects. */
  readonly key: string
  /** How many objects at most; Infinity where only the upstream can tell. */
  readonly count: number
  /** Undefined where the rows of a list will tell. */
  readonly tag: string | undefined
  readonly accountTag: string | undefined
  /** The accounts that the objects are in. */
  readonly accounts: Rows
  /** Whether the objects come with their record, so that its fields cost nothing more. */
  readonly hasRecord: boolean
  /** Whether something has to be fetched before the objects are there. */
  readonly isLater: boolean
  /** Rows that the connection they are of shows at most; 0 where they are of none. */
  readonly windowSize: number
}

/** A field whose price is asked. */
export type PricedField = {
  readonly site: Site
  readonly args: Readonly<Record<string, unknown>>
  /** Response path, with dots. */
  readonly path: string
  readonly bill: Bill
  readonly scope: SelectionScope
  readonly fieldNodes: readonly FieldNode[]
  /** Name of the type that the field returns, without lists and non-null. */
  readonly returnType: string
  /** Page sizes that the upstream was seen to give instead of the documented ones, by list kind. */
  readonly pageCaps: PageCaps
}

/** Bills a field's REST calls and tells what its own fields will be asked on; kept in the field's `extensions.price`. */
export type FieldPricing = (field: PricedField) => readonly Site[]

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    price?: FieldPricing
    /** The field is read from the object's record: asking for it costs fetching the object, where it has none yet. */
    fromRecord?: boolean
    /** The field lists the rows of its connection's window. */
    showsWindow?: boolean
  }
}

/** An operation to be priced. */
export type PricedOperation = {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  readonly pageCaps: PageCaps
}

/** How many fields the answer of an operation has at most; of lists that come embedded, a guess. */
export type AnswerSize = { readonly answerFields: number }

/**
 * How many REST calls an operation can cause, by the same plans that will run. Variables count with their values. What execution
 * will refuse (bad variables, bad arguments) costs nothing.
 */
export function estimatePrice({
  schema,
  document,
  operationName,
  variables,
  pageCaps,
}: PricedOperation): Price & AnswerSize {
  const bill = createBill()
  const operation = getOperationAST(document, operationName)
  const root = operation && schema.getRootType(operation.operation)
  if (!operation || !root) return { ...bill.total(), answerFields: 0 }
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {})
  if (coerced.coerced === undefined) return { ...bill.total(), answerFields: 0 }
  const scope = { schema, fragments: fragmentsOf(document), variableValues: coerced.coerced }

  let answerFields = 0
  // `objects`: how many times the answer shows such an object at most, each with all of its fields.
  const walk = (
    site: Site,
    nodes: Parameters<typeof selectionOf>[2],
    path: string,
    objects: number,
  ): void => {
    const type = schema.getType(site.type)
    if (!isObjectType(type)) return
    for (const [responseKey, fieldNodes] of selectionOf(scope, type, nodes)) {
      answerFields += objects
      const field = type.getFields()[fieldNodes[0]?.name.value ?? '']
      if (field === undefined) continue
      const fieldPath = path === '' ? responseKey : `${path}.${responseKey}`
      const from =
        path === '' && operation.operation === 'mutation' ? { ...site, scope: `${responseKey}|` } : site
      for (const child of priceField({
        field,
        fieldNodes,
        site: from,
        path: fieldPath,
        scope,
        bill,
        pageCaps,
      })) {
        walk(child, fieldNodes, fieldPath, objects * lengthOf(field, site, path))
      }
    }
  }
  walk({ ...rootSite, type: root.name }, [operation], '', 1)
  return { ...bill.total(), answerFields }
}

/** `rows` of each of `parents` rows; none of endlessly many are none. */
export function times(parents: number, rows: number): number {
  return rows === 0 ? 0 : parents * rows
}

const rootSite = {
  scope: '',
  key: '',
  count: 1,
  tag: undefined,
  accountTag: undefined,
  accounts: { key: '', atMost: 0 },
  hasRecord: true,
  isLater: false,
  windowSize: 0,
} as const

// Nothing bounds what comes embedded (policies, their groups); this is about what there is. What comes is bounded by the size of a page.
const embeddedLength = 4

// How many objects one field shows for each of its sites. The lists of the root are lists of references, each of them a site.
function lengthOf(field: GraphQLField<unknown, unknown>, parent: Site, parentPath: string): number {
  if (parentPath === '' || !isListType(isNonNullType(field.type) ? field.type.ofType : field.type)) return 1
  return field.extensions.showsWindow ? parent.windowSize : embeddedLength
}

function priceField(asked: {
  readonly field: GraphQLField<unknown, unknown>
  readonly fieldNodes: readonly FieldNode[]
  readonly site: Site
  readonly path: string
  readonly scope: SelectionScope
  readonly bill: Bill
  readonly pageCaps: PageCaps
}): readonly Site[] {
  const { field, fieldNodes, site, path, scope, bill, pageCaps } = asked
  const [node] = fieldNodes
  if (node === undefined) return []
  const { price } = field.extensions
  if (price === undefined) return [siteOfEmbedded(field, site)]
  const returnType = getNamedType(field.type).name
  try {
    const args = getArgumentValues(field, node, scope.variableValues)
    return price({ site, args, path, bill, scope, fieldNodes, returnType, pageCaps })
  } catch (error) {
    if (error instanceof InvalidArgument || error instanceof GraphQLError) return []
    throw error
  }
}

// What comes with its parent costs nothing; how many objects an embedded list holds is anybody's guess.
function siteOfEmbedded(field: GraphQLField<unknown, unknown>, site: Site): Site {
  const type = isNonNullType(field.type) ? field.type.ofType : field.type
  return {
    ...site,
    type: getNamedType(field.type).name,
    key: `${site.key}.${field.name}`,
    tag: undefined,
    count: isListType(type) ? Number.POSITIVE_INFINITY : site.count,
    hasRecord: true,
  }
}

function fragmentsOf(document: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments: Record<string, FragmentDefinitionNode> = {}
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition
  }
  return fragments
}
