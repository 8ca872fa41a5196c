import { type GraphQLResolveInfo, getNamedType } from 'graphql'
import type { Context } from '../context.ts'
import { type PricedField, type Site, times } from '../cost/estimate.ts'
import { readWindow } from '../loaders/read-window.ts'
import { createWholeList } from '../loaders/whole-list.ts'
import { listHash } from '../paging/cursor.ts'
import { type ConnectionArguments, parseWindow } from '../paging/window.ts'
import { type Connection, connectionOf, needsAnything, needsOf } from './connection.ts'

/** A list that a join makes in this gateway. `key` names it with its arguments. */
export type JoinedList<Row> = {
  readonly key: string
  readonly load: () => Promise<readonly Row[]>
  readonly keyOf: (row: Row) => string
}

/** Price and resolver of a connection over a join, which is made only where something of it is selected. */
export function joinField<Owner, Args extends ConnectionArguments, Row, Node>(
  join: (owner: Owner, args: Args, context: Context, info: GraphQLResolveInfo) => JoinedList<Row>,
  toNode: (row: Row, owner: Owner) => Node,
) {
  return {
    extensions: { price: priceJoin },
    async resolve(
      owner: Owner,
      args: Args,
      context: Context,
      info: GraphQLResolveInfo,
    ): Promise<Connection<Node>> {
      const { key, load, keyOf } = join(owner, args, context, info)
      const hash = listHash(key)
      const window = parseWindow(args, hash)
      const returnType = getNamedType(info.returnType).name
      const needs = needsOf({ scope: info, fieldNodes: info.fieldNodes, returnType }, window)
      const rows = needsAnything(needs) ? await load() : []
      const list = {
        traits: { sizes: undefined, tellsLength: true, reversible: false },
        forward: createWholeList(rows, keyOf),
        reverse: undefined,
        matches: undefined,
        beforeWalk: () => undefined,
      }
      return connectionOf(await readWindow(list, window, needs), key, (row) => toNode(row, owner))
    },
  }
}

/**
 * Prices a connection over a join. The first page of its account's user groups is certain, and the upstream
 * has to tell the rest; it is made once for an account, however many objects ask.
 */
export function priceJoin({
  site,
  args,
  path,
  bill,
  scope,
  fieldNodes,
  returnType,
}: PricedField): readonly Site[] {
  const window = parseWindow(args, undefined)
  if (needsAnything(needsOf({ scope, fieldNodes, returnType }, window))) {
    bill.addCalls(`${site.scope}${site.accounts.key}/user_groups*`, path, site.accounts.atMost)
    bill.addUnknown()
  }
  const key = `${site.key}.${fieldNodes[0]?.name.value}${JSON.stringify(args)}`
  return [
    {
      ...site,
      type: returnType,
      key,
      count: times(site.count, window.size),
      tag: undefined,
      hasRecord: true,
      isLater: true,
      windowSize: window.size,
    },
  ]
}
