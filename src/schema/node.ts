import { type GraphQLObjectType, type GraphQLResolveInfo, isObjectType } from 'graphql'
import type { Context } from '../context.ts'
import type { PricedField, Site } from '../cost/estimate.ts'
import { type Selection, selectionOf, selectsField } from '../cost/selection.ts'
import { loadByTag, type TaggedKind } from '../loaders/load-by-tag.ts'
import { InvalidArgument } from '../paging/invalid-argument.ts'
import { builder } from './builder.ts'
import { encodeGlobalId, type NodeType } from './global-id.ts'
import { pathOf } from './path-of.ts'

/**
 * An object with an identity. `record` is undefined where only the identity is known: then nothing was fetched, and it is not
 * checked that the object exists.
 */
export type NodeOf<Type extends NodeType, Row> = {
  readonly __typename: Type
  readonly accountTag: string
  readonly tag: string
  readonly record: Row | undefined
}

type AnyNode = NodeOf<NodeType, unknown>

export const Node = builder.interfaceRef<AnyNode>('Node').implement({
  description: 'An object with a globally unique ID (Relay Global Object Identification).',
  resolveType: (node) => node.__typename,
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'Opaque and globally unique; `Query.node` takes it back.',
      resolve: globalIdOf,
    }),
  }),
})

/** The global id of a node. */
export function globalIdOf(node: AnyNode): string {
  return encodeGlobalId(node.__typename, node.accountTag, node.tag)
}

/** One type of node: how its records are fetched and how they become nodes. */
export type NodeKind<Type extends NodeType, Row extends { readonly id: string }> = {
  readonly type: Type
  readonly records: TaggedKind<Row>
}

/** A node of which a record is at hand, or of which only the identity is known. */
export function createNode<Type extends NodeType, Row extends { readonly id: string }>(
  kind: NodeKind<Type, Row>,
  accountTag: string,
  known: Row | { readonly tag: string },
): NodeOf<Type, Row> {
  return 'tag' in known
    ? { __typename: kind.type, accountTag, tag: known.tag, record: undefined }
    : { __typename: kind.type, accountTag, tag: known.id, record: known }
}

/**
 * The node with this identity, fetched only where something is selected that its record holds; null where it was fetched and does
 * not exist.
 */
export async function resolveNode<Type extends NodeType, Row extends { readonly id: string }>(
  kind: NodeKind<Type, Row>,
  identity: { readonly accountTag: string; readonly tag: string },
  context: Context,
  info: GraphQLResolveInfo,
): Promise<NodeOf<Type, Row> | null> {
  const { accountTag, tag } = identity
  const type = info.schema.getType(kind.type)
  if (!isObjectType(type) || !needsRecord(type, selectionOf(info, type, info.fieldNodes))) return createNode(kind, accountTag, { tag })
  const record = await loadByTag(context, kind.records, { accountTag, tag, path: pathOf(info) })
  return record === null ? null : createNode(kind, accountTag, record)
}

/** The record of a node, fetched where it has not come along; null where the object does not exist. */
export function recordOf<Row extends { readonly id: string }>(
  kind: NodeKind<NodeType, Row>,
  node: NodeOf<NodeType, Row>,
  context: Context,
  info: GraphQLResolveInfo,
): Row | null | Promise<Row | null> {
  const { accountTag, tag, record } = node
  return record ?? loadByTag(context, kind.records, { accountTag, tag, path: pathOf(info) })
}

/** A resolver for a nullable field of a node's record: at once where the record came along, else fetched; null without one. */
export function recordField<Row extends { readonly id: string }, Value>(
  kind: NodeKind<NodeType, Row>,
  read: (record: Row, context: Context) => Value,
) {
  return (
    node: NodeOf<NodeType, Row>,
    _args: object,
    context: Context,
    info: GraphQLResolveInfo,
  ): Value | null | Promise<Value | null> => {
    const record = recordOf(kind, node, context, info)
    if (record instanceof Promise) return record.then((fetched) => fetched && read(fetched, context))
    return record && read(record, context)
  }
}

/** The same for a field that every object has: an object that vanished under way is then an error of that field. */
export function requiredRecordField<Row extends { readonly id: string }, Value>(
  kind: NodeKind<NodeType, Row>,
  read: (record: Row, context: Context) => Value,
) {
  const resolve = recordField(kind, (record: Row, context) => ({ value: read(record, context) }))
  const required = (found: { readonly value: Value } | null) => {
    if (found === null) throw new InvalidArgument('id', `this ${kind.type} does not exist any more`)
    return found.value
  }
  return (...args: Parameters<typeof resolve>): Value | Promise<Value> => {
    const found = resolve(...args)
    return found instanceof Promise ? found.then(required) : required(found)
  }
}

/** Prices a field that gives the node with this identity. */
export function priceNode<Type extends NodeType, Row extends { readonly id: string }>(
  kind: NodeKind<Type, Row>,
  identity: { readonly accountTag: string; readonly tag: string },
  { bill, path, scope, fieldNodes, site }: PricedField,
): readonly Site[] {
  const { accountTag, tag } = identity
  const type = scope.schema.getType(kind.type)
  const hasRecord = isObjectType(type) && needsRecord(type, selectionOf(scope, type, fieldNodes))
  const list = kind.records.list(accountTag)
  const key = `${list.kind}/${accountTag}`
  if (hasRecord && kind.records.neverList) bill.addCalls(`${site.scope}${key}/${tag}`, path, 1)
  else if (hasRecord) bill.addTags({ list: site.scope + key, path, sizes: list.sizes, tags: [tag] })
  return [{ type: kind.type, scope: site.scope, key: `${key}/${tag}`, accountTag, tag, count: 1, hasRecord }]
}

/** Whether a selection has fields that only the object's record can answer. */
export function needsRecord(type: GraphQLObjectType, selection: Selection): boolean {
  const fields = type.getFields()
  return selectsField(selection, (name) => fields[name]?.extensions.fromRecord === true)
}
