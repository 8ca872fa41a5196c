import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { defaultWindowSize, maxWindowSize } from '../paging/window.ts'

/** An operation about to run. */
export type SizedOperation = {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
}

/**
 * How many values an answer can hold as far as arguments tell: each field, times the rows of the windows and the ids above it. Lists that
 * come embedded in a row count as one value, since nothing tells their length.
 */
export function estimateAnswerSize({ schema, document, operationName, variables }: SizedOperation): number {
  const operation = getOperationAST(document, operationName)
  const root = operation && schema.getRootType(operation.operation)
  if (!operation || !root) return 0
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {})
  if (coerced === undefined) return 0
  const ofFragments = new Map<string, number>()

  function sizeOf(type: GraphQLNamedType | undefined, selectionSet: SelectionSetNode | undefined): number {
    let size = 0
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FIELD) size += sizeOfField(type, selection)
      else if (selection.kind === Kind.FRAGMENT_SPREAD) size += sizeOfFragment(selection.name.value)
      else size += sizeOf(narrowed(type, selection.typeCondition?.name.value), selection.selectionSet)
    }
    return size
  }

  function sizeOfField(type: GraphQLNamedType | undefined, node: FieldNode): number {
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
    if (field === undefined) return 1
    return 1 + rowsOf(field, node) * sizeOf(getNamedType(field.type), node.selectionSet)
  }

  function sizeOfFragment(name: string): number {
    const known = ofFragments.get(name)
    if (known !== undefined) return known
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
    )
    if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return 0
    const size = sizeOf(schema.getType(fragment.typeCondition.name.value), fragment.selectionSet)
    ofFragments.set(name, size)
    return size
  }

  function narrowed(type: GraphQLNamedType | undefined, condition: string | undefined) {
    return condition === undefined ? type : schema.getType(condition)
  }

  function rowsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): number {
    const args = argumentsOf(field, node)
    const { first, last } = args
    const [list] = ['ids', 'representations'].map((name) => args[name]).filter(Array.isArray)
    if (list !== undefined) return list.length
    if (!field.args.some(({ name }) => name === 'first')) return 1
    const rows = [first, last].find((asked) => typeof asked === 'number') ?? defaultWindowSize
    // What execution will refuse has no rows.
    return rows < 0 || rows > maxWindowSize ? 0 : rows
  }

  function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Record<string, unknown> {
    try {
      return getArgumentValues(field, node, coerced)
    } catch {
      return {}
    }
  }

  return sizeOf(root, operation.selectionSet)
}
