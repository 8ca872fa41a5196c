import { type GraphQLObjectType, type GraphQLResolveInfo, isObjectType } from 'graphql'
import type { Context } from '../context.ts'
import type { Rows, TagLoad } from '../cost/bill.ts'
import type { PricedField, Site } from '../cost/estimate.ts'
import { type Selection, selectionOf, selectsField } from '../cost/selection.ts'
import { loadByTag, type TaggedKind } from '../loaders/load-by-tag.ts'
import { builder } from './builder.ts'
import { decodeGlobalId, encodeGlobalId, idArgument, type NodeType } from './global-id.ts'
import { pathOf } from './path-of.ts'

/**
 * An object with an identity. `record` is undefined where only the identity is known: then nothing was
 * fetched, and it is not checked that the object exists.
 */
export type NodeOf<Type extends NodeType, Row> = {
  readonly __typename: Type
  /** The global id. */
  readonly id: string
  readonly accountTag: string
  readonly tag: string
  readonly record: Row | undefined
  /** Where the price took for granted that the record comes along: fetching it is announced first. */
  readonly isUnpriced?: boolean
}

/** Where a node is. */
export type Identity = Pick<NodeOf<NodeType, unknown>, 'accountTag' | 'tag' | 'isUnpriced'>

type AnyNode = NodeOf<NodeType, unknown>

export const Node = builder.interfaceRef<AnyNode>('Node').implement({
  description: 'An object with a globally unique ID (Relay Global Object Identification).',
  resolveType: (node) => node.__typename,
  fields: (t) => ({
    id: t.exposeID('id', {
      nullable: false,
      description: 'Opaque and globally unique; `Query.node` takes it back.',
    }),
  }),
})

/** A class for the sake of `id`, which every query asks for: compiled queries read it in place, and a resolver is several closures. */
export class NodeObject<Type extends NodeType, Row> implements NodeOf<Type, Row> {
  readonly __typename: Type
  readonly accountTag: string
  readonly tag: string
  readonly record: Row | undefined
  readonly isUnpriced: boolean

  constructor(type: Type, { accountTag, tag, isUnpriced = false }: Identity, record: Row | undefined) {
    this.__typename = type
    this.accountTag = accountTag
    this.tag = tag
    this.record = record
    this.isUnpriced = isUnpriced
  }

  get id(): string {
    return encodeGlobalId(this.__typename, this.accountTag, this.tag)
  }
}

/** One type of node: how its records are fetched and how they become nodes. */
export type NodeKind<Type extends NodeType, Row extends { readonly id: string }> = {
  readonly type: Type
  readonly records: TaggedKind<Row>
  /** Whether an object that cannot be fetched costs its own fields alone, not what hangs under it. */
  readonly failsByField?: true
}

/** A node with its record. */
export function createNode<Type extends NodeType, Row extends { readonly id: string }>(
  kind: NodeKind<Type, Row>,
  accountTag: string,
  record: Row,
): NodeOf<Type, Row> {
  return new NodeObject(kind.type, { accountTag, tag: record.id }, record)
}

/** A node of which nothing but its identity is known. */
export function identifyNode<Type extends NodeType, Row extends { readonly id: string }>(
  kind: NodeKind<Type, Row>,
  identity: Identity,
): NodeOf<Type, Row> {
  return new NodeObject<Type, Row>(kind.type, identity, undefined)
}

/**
 * The node with this identity, fetched only where something is selected that its record holds; null where it
 * was fetched and does not exist.
 */
export async function resolveNode<Type extends NodeType, Row extends { readonly id: string }>(
  kind: NodeKind<Type, Row>,
  identity: Identity,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<NodeOf<Type, Row> | null> {
  const type = info.schema.getType(kind.type)
  const known = identifyNode(kind, identity)
  if (!isObjectType(type) || !needsRecord(type, selectionOf(info, type, info.fieldNodes))) return known
  try {
    const record = await recordOf(kind, known, context, info)
    return record && createNode(kind, identity.accountTag, record)
  } catch (error) {
    // Its fields meet the same failure, without another call.
    if (kind.failsByField) return known
    throw error
  }
}

/** The record of a node, fetched where it has not come along; null where the object does not exist. */
export function recordOf<Row extends { readonly id: string }>(
  kind: NodeKind<NodeType, Row>,
  node: NodeOf<NodeType, Row>,
  context: Context,
  info: GraphQLResolveInfo,
): Row | null | Promise<Row | null> {
  const { accountTag, tag, record, isUnpriced } = node
  return record ?? loadByTag(context, kind.records, { accountTag, tag, path: pathOf(info), isUnpriced })
}

/**
 * A resolver for a nullable field of a node's record: at once where the record came along, else fetched; null
 * without one.
 */
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

/**
 * The same for a field that is never null; `missing` is its value for an object that is named somewhere and
 * does not exist.
 */
export function requiredRecordField<Row extends { readonly id: string }, Value>(
  kind: NodeKind<NodeType, Row>,
  read: (record: Row, context: Context) => Value,
  missing: Value,
) {
  const resolve = recordField(kind, read)
  return (...args: Parameters<typeof resolve>): Value | Promise<Value> => {
    const value = resolve(...args)
    return value instanceof Promise ? value.then((fetched) => fetched ?? missing) : (value ?? missing)
  }
}

/**
 * The record of a node of a kind that is only handed on with what its selection needs.
 * @throws Error where one was handed on without.
 */
export function recordIn<Row>({ __typename, tag, record }: NodeOf<NodeType, Row>): Row {
  if (record === undefined) throw new Error(`${__typename} ${tag} came without its record`)
  return record
}

/** Prices a field that gives the node with this identity. */
export function priceNode<Type extends NodeType, Row extends { readonly id: string }>(
  kind: NodeKind<Type, Row>,
  identity: { readonly accountTag: string; readonly tag: string },
  field: PricedField,
): readonly Site[] {
  const { scope, fieldNodes, site } = field
  const { accountTag, tag } = identity
  const type = scope.schema.getType(kind.type)
  const hasRecord = isObjectType(type) && needsRecord(type, selectionOf(scope, type, fieldNodes))
  const accounts = { key: accountTag, atMost: 1 }
  if (hasRecord) billRecords(kind, field, { accounts, tags: [tag] })
  return [
    {
      type: kind.type,
      scope: site.scope,
      key: `${kind.type}/${accountTag}/${tag}`,
      count: 1,
      tag,
      accountTag,
      accounts,
      hasRecord,
      isLater: site.isLater || hasRecord,
      windowSize: 0,
    },
  ]
}

/** Price and resolver of a field of an account that gives the node with the id of its argument. */
export function nodeById<Type extends NodeType, Row extends { readonly id: string }>(
  kind: NodeKind<Type, Row>,
) {
  return {
    extensions: { price: (field: PricedField) => priceById(kind, field) },
    resolve: (
      { accountTag }: { readonly accountTag: string },
      { id }: { readonly id: string },
      context: Context,
      info: GraphQLResolveInfo,
    ) => resolveNode(kind, idArgument(id, 'id', { type: kind.type, accountTag }), context, info),
  }
}

function priceById<Type extends NodeType, Row extends { readonly id: string }>(
  kind: NodeKind<Type, Row>,
  field: PricedField,
): readonly Site[] {
  const { scope, fieldNodes, site } = field
  const { accountTag, accounts } = site
  const id = String(field.args.id)
  if (accountTag !== undefined || decodeGlobalId(id) !== undefined) {
    return priceNode(kind, idArgument(id, 'id', { type: kind.type, accountTag }), field)
  }
  // A bare tag in accounts that are yet to be read: each of them may be asked.
  const { tag } = idArgument(id, 'id', { type: kind.type, accountTag: id })
  const type = scope.schema.getType(kind.type)
  const hasRecord = isObjectType(type) && needsRecord(type, selectionOf(scope, type, fieldNodes))
  if (hasRecord) billRecords(kind, field, { accounts, tags: [tag] })
  const key = `${kind.type}/${accounts.key}/${tag}`
  return [{ ...site, type: kind.type, key, count: accounts.atMost, tag: undefined, hasRecord }]
}

/**
 * Bills fetching the records of nodes: those of `tags`, which may be in each of the accounts, or of rows that
 * are in any.
 */
export function billRecords<Row extends { readonly id: string }>(
  kind: NodeKind<NodeType, Row>,
  { bill, path, site }: PricedField,
  { accounts, tags }: { readonly accounts: Rows; readonly tags: TagLoad['tags'] },
): void {
  const { neverList, list } = kind.records
  const listing = neverList ? 'never' : list('').sizes === undefined ? 'whole' : 'paged'
  // No write makes this gateway forget an account, so that it is fetched once an operation.
  const name = kind.type === 'Account' ? kind.type : `${site.scope}${kind.type}/${accounts.key}`
  bill.addTags({ list: name, lists: accounts.atMost, path, listing, tags, isLater: site.isLater })
}

/** Whether a selection has fields that only the object's record can answer. */
export function needsRecord(type: GraphQLObjectType, selection: Selection): boolean {
  const fields = type.getFields()
  return selectsField(selection, (name) => fields[name]?.extensions.fromRecord === true)
}
