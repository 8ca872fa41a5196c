import type { ArgBuilder, ObjectRef } from '@pothos/core'
import { type GraphQLResolveInfo, getNamedType, isObjectType } from 'graphql'
import type { Context } from '../context.ts'
import type { FieldPricing, PricedField, Site } from '../cost/estimate.ts'
import { nodesOfField, type SelectionScope, selectionOf, selectsField } from '../cost/selection.ts'
import { type ListSpec, traitsOf } from '../loaders/list-spec.ts'
import { loadWindow } from '../loaders/load-window.ts'
import { type RowWindow, readWindow } from '../loaders/read-window.ts'
import { createWholeList } from '../loaders/whole-list.ts'
import { encodeCursor, listHash } from '../paging/cursor.ts'
import {
  type ConnectionArguments,
  defaultWindowSize,
  maxWindowSize,
  parseWindow,
  type Window,
} from '../paging/window.ts'
import { planWindow, type WindowNeeds } from '../paging/window-plan.ts'
import { builder } from './builder.ts'
import { pathOf } from './path-of.ts'

/** A node of a connection and what belongs to its place in it. */
export type Edge<Node> = { readonly node: Node; readonly cursor: () => string }

/** A window of a list, as GraphQL objects are made of it. */
export type Connection<Node> = {
  readonly edges: readonly Edge<Node>[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly totalCount: number | null
}

type Types = typeof builder.$inferSchemaTypes

const PageInfo = builder.objectRef<Connection<unknown>>('PageInfo').implement({
  description: 'Where a window lies in its list.',
  shareable: true,
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      nullable: false,
      description:
        'Whether rows follow. May cost a REST call where the upstream tells no total and the window ends its page.',
    }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      nullable: false,
      description: 'Whether rows precede the window.',
    }),
    startCursor: t.string({
      description: 'Cursor of the first row; null where the window is empty.',
      resolve: ({ edges }) => edges[0]?.cursor() ?? null,
    }),
    endCursor: t.string({
      description: 'Cursor of the last row; null where the window is empty.',
      resolve: ({ edges }) => edges.at(-1)?.cursor() ?? null,
    }),
  }),
})

// A connection hands on the objects that its own field was priced for: nothing below it is billed twice.
const sameObjects: FieldPricing = ({ site, returnType }) => [{ ...site, type: returnType }]

/** Defines `<name>Edge` and `<name>Connection` over a type of node. */
export function defineConnection(name: string, node: ObjectRef<Types, unknown>) {
  const edge = builder.objectRef<Edge<unknown>>(`${name}Edge`).implement({
    description: 'A row of a connection and its place.',
    fields: (t) => ({
      cursor: t.string({
        nullable: false,
        description: 'Opaque; `after` and `before` of the same list, filter and order take it back.',
        resolve: ({ cursor }) => cursor(),
      }),
      node: t.field({
        type: node,
        nullable: false,
        extensions: { price: sameObjects },
        resolve: (parent) => parent.node,
      }),
    }),
  })
  const connection = builder.objectRef<Connection<unknown>>(`${name}Connection`).implement({
    description: 'One window of a list, by the Relay cursor connections specification.',
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        nullable: { list: false, items: false },
        extensions: { price: sameObjects },
        resolve: ({ edges }) => edges,
      }),
      nodes: t.field({
        type: [node],
        nullable: { list: false, items: false },
        description: 'The rows without their cursors.',
        extensions: { price: sameObjects },
        resolve: ({ edges }) => edges.map((one) => one.node),
      }),
      pageInfo: t.field({ type: PageInfo, nullable: false, resolve: (parent) => parent }),
      totalCount: t.exposeInt('totalCount', {
        description:
          'Rows in the whole list; null where the upstream does not say, or where a filter makes its number a guess.',
      }),
    }),
  })
  return { edge, connection }
}

/** The arguments that every connection has. */
export function connectionArgs(arg: ArgBuilder<Types>) {
  return {
    first: arg.int({ description: `Rows from the start, 0 to ${maxWindowSize}; ${defaultWindowSize} unless \`last\` is given.` }),
    after: arg.string({ description: 'Only rows behind this cursor.' }),
    last: arg.int({ description: `Rows from the end, 0 to ${maxWindowSize}; excludes \`first\`.` }),
    before: arg.string({ description: 'Only rows ahead of this cursor.' }),
  }
}

type Asked = { readonly args: ConnectionArguments; readonly context: Context; readonly info: GraphQLResolveInfo }

/** Reads the window that the arguments ask for out of a list of the REST API. */
export async function connectList<Row extends { readonly id: string }, Node>(
  { args, context, info }: Asked,
  spec: ListSpec<Row>,
  toNode: (row: Row) => Node,
): Promise<Connection<Node>> {
  const hash = listHash(spec.key)
  const window = parseWindow(args, hash)
  const needs = needsOf(info, getNamedType(info.returnType).name, info.fieldNodes, window)
  return connectionOf(await loadWindow(context, spec, { window, needs, path: pathOf(info) }), hash, toNode)
}

/** A list that a join makes in this gateway. `key` names it with its arguments. */
export type JoinedList<Row> = {
  readonly key: string
  readonly load: () => Promise<readonly Row[]>
  readonly keyOf: (row: Row) => string
}

/** Cuts the window that the arguments ask for out of a join, which is made only where something of it is selected. */
export async function connectJoin<Row, Node>(
  { args, info }: Omit<Asked, 'context'>,
  list: JoinedList<Row>,
  toNode: (row: Row) => Node,
): Promise<Connection<Node>> {
  const hash = listHash(list.key)
  const window = parseWindow(args, hash)
  const needs = needsOf(info, getNamedType(info.returnType).name, info.fieldNodes, window)
  const rows = needsAnything(needs) ? await list.load() : []
  const traits = { sizes: undefined, tellsLength: true, reversible: false }
  const source = { traits, forward: createWholeList(rows, list.keyOf), reverse: undefined, matches: undefined }
  return connectionOf(await readWindow({ ...source, beforeWalk: () => undefined }, window, needs), hash, toNode)
}

/**
 * Prices a connection over a list of the REST API. Where `isKnown` is false the list belongs to rows that are yet to be read: `spec`
 * stands for any of them.
 */
export function priceList<Row>(
  { site, args, path, bill, scope, fieldNodes, returnType, pageCaps }: PricedField,
  spec: ListSpec<Row>,
  isKnown: boolean,
): readonly Site[] {
  const listKey = isKnown ? spec.key : `${site.key}/${spec.key}`
  const window = parseWindow(args, isKnown ? listHash(spec.key) : undefined)
  const needs = needsOf(scope, returnType, fieldNodes, window)
  const plan = planWindow(window, traitsOf(spec, pageCaps), needs)
  const key = `${listKey}#${JSON.stringify([args['first'], args['after'], args['last'], args['before']])}`
  if (spec.sizes !== undefined) bill.addCalls(site.scope + key, path, plan.calls * site.count)
  else if (needsAnything(needs)) bill.addCalls(site.scope + listKey, path, site.count)
  if (plan.openEnded) bill.addUnknown()
  const hasRecord = spec.kind !== 'user_group_members'
  return [{ ...site, type: returnType, key, tag: undefined, count: site.count * window.size, hasRecord }]
}

/** Prices a connection over a join: `calls` are certain, and the upstream has to tell the rest. */
export function priceJoin(
  { site, args, path, bill, scope, fieldNodes, returnType }: PricedField,
  joinKey: string,
): readonly Site[] {
  const window = parseWindow(args, undefined)
  if (needsAnything(needsOf(scope, returnType, fieldNodes, window))) {
    // Joins are made once for an account, however many objects ask; of rows in unknown accounts, once each at most.
    bill.addCalls(site.scope + joinKey, path, site.accountTag === undefined ? site.count : 1)
    bill.addUnknown()
  }
  const key = `${site.key}#${joinKey}${JSON.stringify(args)}`
  return [{ ...site, type: returnType, key, tag: undefined, count: site.count * window.size, hasRecord: true }]
}

function connectionOf<Row, Node>(window: RowWindow<Row>, hash: number, toNode: (row: Row) => Node): Connection<Node> {
  const { hasNextPage, hasPreviousPage, totalCount } = window
  const edges = window.rows.map((placed) => ({
    node: toNode(placed.row),
    cursor: () => encodeCursor(hash, placed.cursor()),
  }))
  return { edges, hasNextPage, hasPreviousPage, totalCount }
}

function needsAnything({ rows, more, totalCount }: WindowNeeds): boolean {
  return rows || more || totalCount
}

// What of a connection is selected: rows that nobody asks for are not read.
function needsOf(
  scope: SelectionScope,
  connectionType: string,
  fieldNodes: GraphQLResolveInfo['fieldNodes'],
  window: Window,
): WindowNeeds {
  const type = scope.schema.getType(connectionType)
  const pageInfoType = scope.schema.getType('PageInfo')
  if (!isObjectType(type) || !isObjectType(pageInfoType)) return { rows: true, more: true, totalCount: true }
  const selection = selectionOf(scope, type, fieldNodes)
  const pageInfo = selectionOf(scope, pageInfoType, nodesOfField(selection, 'pageInfo'))
  const selects = (name: string) => selectsField(pageInfo, (field) => field === name)
  const [ahead, behind] =
    window.from === 'start' ? ['hasNextPage', 'hasPreviousPage'] : ['hasPreviousPage', 'hasNextPage']
  return {
    rows:
      selectsField(selection, (name) => name === 'edges' || name === 'nodes') ||
      selects('startCursor') ||
      selects('endCursor') ||
      // Whether anything lies behind a cursor is only known once its place has been looked up.
      (selects(behind) && (window.after ?? window.before) !== undefined),
    more: selects(ahead),
    totalCount: selectsField(selection, (name) => name === 'totalCount'),
  }
}
