import type { ArgBuilder, ObjectRef } from '@pothos/core'
import { type FieldNode, isObjectType } from 'graphql'
import type { FieldPricing } from '../cost/estimate.ts'
import { nodesOfField, type SelectionScope, selectionOf, selectsField } from '../cost/selection.ts'
import type { RowWindow } from '../loaders/read-window.ts'
import { encodeCursor, listHash } from '../paging/cursor.ts'
import { defaultWindowSize, maxWindowSize, type Window } from '../paging/window.ts'
import type { WindowNeeds } from '../paging/window-plan.ts'
import { builder } from './builder.ts'

/** A node of a connection and what belongs to its place in it. */
export type Edge<Node> = { readonly node: Node; readonly cursor: () => string }

/** A window of a list, as GraphQL objects are made of it. */
export type Connection<Node> = {
  readonly nodes: readonly Node[]
  /** The cursor of the node at an index. */
  readonly cursorAt: (index: number) => string
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly totalCount: number | null
}

type Types = typeof builder.$inferSchemaTypes

const PageInfo = builder.objectRef<Connection<unknown>>('PageInfo').implement({
  description: 'Where a window lies in its list.',
  extensions: { directives: [{ name: 'shareable' }] },
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
      resolve: ({ nodes, cursorAt }) => (nodes.length === 0 ? null : cursorAt(0)),
    }),
    endCursor: t.string({
      description: 'Cursor of the last row; null where the window is empty.',
      resolve: ({ nodes, cursorAt }) => (nodes.length === 0 ? null : cursorAt(nodes.length - 1)),
    }),
  }),
})

// A connection hands on the objects that its own field was priced for: nothing below it is billed twice.
const sameObjects: FieldPricing = ({ site, returnType }) => [{ ...site, type: returnType }]

/** Defines `<name>Edge` and `<name>Connection` over a type of node. */
export function defineConnection(name: string, node: ObjectRef<Types, object>) {
  const edge = builder.objectRef<Edge<object>>(`${name}Edge`).implement({
    description: 'A row of a connection and its place.',
    fields: (t) => ({
      cursor: t.string({
        nullable: false,
        description: 'Opaque; `after` and `before` of the same list, filter and order take it back.',
        resolve: ({ cursor }) => cursor(),
      }),
      node: t.expose('node', {
        type: node,
        nullable: false,
        description: 'The row itself.',
        extensions: { price: sameObjects },
      }),
    }),
  })
  const connection = builder.objectRef<Connection<object>>(`${name}Connection`).implement({
    description: 'One window of a list, by the Relay cursor connections specification.',
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        nullable: { list: false, items: false },
        description: 'The rows with their cursors.',
        extensions: { price: sameObjects, showsWindow: true },
        resolve: ({ nodes, cursorAt }) =>
          nodes.map((one, index) => ({ node: one, cursor: () => cursorAt(index) })),
      }),
      nodes: t.expose('nodes', {
        type: [node],
        nullable: { list: false, items: false },
        description: 'The rows without their cursors.',
        extensions: { price: sameObjects, showsWindow: true },
      }),
      pageInfo: t.field({
        type: PageInfo,
        nullable: false,
        description: 'Where the window lies.',
        resolve: (parent) => parent,
      }),
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
    first: arg.int({
      description: `Rows from the start, 0 to ${maxWindowSize}; ${defaultWindowSize} unless \`last\` is given.`,
    }),
    after: arg.string({ description: 'Only rows behind this cursor.' }),
    last: arg.int({ description: `Rows from the end, 0 to ${maxWindowSize}; excludes \`first\`.` }),
    before: arg.string({ description: 'Only rows ahead of this cursor.' }),
  }
}

/** A window as GraphQL objects; `key` names the list, and so its cursors. */
export function connectionOf<Row, Node>(
  window: RowWindow<Row>,
  key: string,
  toNode: (row: Row) => Node,
): Connection<Node> {
  const { rows, hasNextPage, hasPreviousPage, totalCount } = window
  let hash: number | undefined
  return {
    nodes: rows.map(toNode),
    cursorAt(index) {
      hash ??= listHash(key)
      return encodeCursor(hash, window.cursorAt(index))
    },
    hasNextPage,
    hasPreviousPage,
    totalCount,
  }
}

/** Whether anything is selected that takes reading the list. */
export function needsAnything({ rows, more, totalCount }: WindowNeeds): boolean {
  return rows || more || totalCount
}

/** A field that returns a connection, and where it is selected. */
export type SelectedConnection = {
  readonly scope: SelectionScope
  readonly fieldNodes: readonly FieldNode[]
  readonly returnType: string
}

/** What of a connection is selected: rows that nobody asks for are not read. */
export function needsOf({ scope, fieldNodes, returnType }: SelectedConnection, window: Window): WindowNeeds {
  const type = scope.schema.getType(returnType)
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
