import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  isObjectType,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** What one needs to know of an operation to tell which of its fields will be asked; a `GraphQLResolveInfo` is one. */
export type SelectionScope = Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>

/** The fields selected on objects of one type, by response key; several nodes of a key are merged by GraphQL's execution. */
export type Selection = ReadonlyMap<string, readonly FieldNode[]>

/**
 * Collects the fields that `nodes` select on objects of `type`, fragments, `@skip` and `@include` applied: CollectFields of the
 * GraphQL specification, which graphql-js keeps to itself.
 */
export function selectionOf(scope: SelectionScope, type: GraphQLObjectType, nodes: Selecting): Selection {
  if (nodes.length === 0) return nothing
  if (latest.variableValues !== scope.variableValues) {
    latest = { variableValues: scope.variableValues, byNodes: new Map() }
  }
  const byType = latest.byNodes.get(nodes) ?? new Map<GraphQLObjectType, Selection>()
  latest.byNodes.set(nodes, byType)
  const known = byType.get(type) ?? collectSelection(scope, type, nodes)
  byType.set(type, known)
  return known
}

type Selecting = readonly { readonly selectionSet?: SelectionSetNode | undefined }[]

const nothing: Selection = new Map()

// Of the operation that asked last, told by its variables: all rows of a list ask for the same selection, one after the other.
let latest: {
  readonly variableValues: object
  readonly byNodes: Map<Selecting, Map<GraphQLObjectType, Selection>>
} = { variableValues: {}, byNodes: new Map() }

function collectSelection(scope: SelectionScope, type: GraphQLObjectType, nodes: Selecting): Selection {
  const selection = new Map<string, FieldNode[]>()
  const visited = new Set<string>()
  const collect = (selections: readonly SelectionNode[]): void => {
    for (const node of selections) {
      if (!isIncluded(scope, node)) continue
      if (node.kind === 'Field') {
        const key = node.alias?.value ?? node.name.value
        const known = selection.get(key)
        if (known === undefined) selection.set(key, [node])
        else known.push(node)
        continue
      }
      const fragment =
        node.kind === 'InlineFragment' ? node : unvisited(scope.fragments, node.name.value, visited)
      if (fragment !== undefined && appliesTo(scope.schema, fragment.typeCondition?.name.value, type)) {
        collect(fragment.selectionSet.selections)
      }
    }
  }
  for (const node of nodes) collect(node.selectionSet?.selections ?? [])
  return selection
}

/** Whether any selected field of `type` satisfies `test`, told by the field's name in the schema. */
export function selectsField(selection: Selection, test: (fieldName: string) => boolean): boolean {
  for (const [node] of selection.values()) if (node !== undefined && test(node.name.value)) return true
  return false
}

/** The nodes of every selected field called `fieldName`, whatever its alias. */
export function nodesOfField(selection: Selection, fieldName: string): readonly FieldNode[] {
  const found: FieldNode[] = []
  for (const nodes of selection.values())
    for (const node of nodes) if (node.name.value === fieldName) found.push(node)
  return found
}

function isIncluded(scope: SelectionScope, node: SelectionNode): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true
  if (getDirectiveValues(GraphQLSkipDirective, node, scope.variableValues)?.if === true) return false
  return getDirectiveValues(GraphQLIncludeDirective, node, scope.variableValues)?.if !== false
}

function unvisited(
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
  name: string,
  visited: Set<string>,
): FragmentDefinitionNode | undefined {
  if (visited.has(name)) return undefined
  visited.add(name)
  return fragments[name]
}

function appliesTo(schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition === type.name) return true
  const conditional = schema.getType(condition)
  return isAbstractType(conditional) && isObjectType(type) && schema.isSubType(conditional, type)
}
