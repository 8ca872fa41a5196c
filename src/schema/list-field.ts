import { type GraphQLResolveInfo, getNamedType } from 'graphql'
import type { Context } from '../context.ts'
import { type PricedField, type Site, times } from '../cost/estimate.ts'
import { type ListSpec, traitsOf } from '../loaders/list-spec.ts'
import { loadWindow } from '../loaders/load-window.ts'
import { listHash } from '../paging/cursor.ts'
import { type ConnectionArguments, parseWindow, type Window } from '../paging/window.ts'
import { planWindow, type WindowNeeds } from '../paging/window-plan.ts'
import {
  type Connection,
  connectionOf,
  needsAnything,
  needsOf,
  type SelectedConnection,
} from './connection.ts'
import { pathOf } from './path-of.ts'

/** The object that a list hangs under. */
type Owner = { readonly accountTag: string; readonly tag: string }

/** The arguments of a connection that say which list it is. */
export type ListArguments = { readonly filter?: unknown; readonly orderBy?: unknown }

/**
 * Price and resolver of a connection over a list of the REST API. `isKnown` tells whether a site says all of
 * its owner that `list` needs; where it does not, the owners are rows yet to be read, and any list of the
 * kind stands for theirs.
 */
export function listField<Row extends { readonly id: string }, Node>(
  list: (owner: Owner, args: ListArguments) => ListSpec<Row>,
  toNode: (row: Row, owner: Owner) => Node,
  isKnown: (site: Site) => boolean = ({ accountTag }) => accountTag !== undefined,
) {
  return {
    extensions: {
      price: (field: PricedField) => {
        const { accountTag = '', tag = '' } = field.site
        return priceList(field, list({ accountTag, tag }, field.args), isKnown(field.site))
      },
    },
    resolve: (
      owner: Owner,
      args: ConnectionArguments & ListArguments,
      context: Context,
      info: GraphQLResolveInfo,
    ) => connectList({ args, context, info }, list(owner, args), (row) => toNode(row, owner)),
  }
}

type Asked = {
  readonly args: ConnectionArguments
  readonly context: Context
  readonly info: GraphQLResolveInfo
}

/**
 * Reads the window that the arguments ask for out of a list.
 * @throws InvalidArgument, before anything is read.
 */
export function connectList<Row extends { readonly id: string }, Node>(
  { args, context, info }: Asked,
  spec: ListSpec<Row>,
  toNode: (row: Row) => Node,
): Promise<Connection<Node>> {
  const window = parseWindow(args, hashFor(args, spec.key))
  const needs = needsOfList(spec, window, {
    scope: info,
    fieldNodes: info.fieldNodes,
    returnType: getNamedType(info.returnType).name,
  })
  const loaded = loadWindow(context, spec, { window, needs, path: pathOf(info) })
  return loaded.then((rows) => connectionOf(rows, spec.key, toNode))
}

// Only a cursor has to tell its list.
function hashFor({ after, before }: ConnectionArguments, key: string): number | undefined {
  return (after ?? before ?? undefined) === undefined ? undefined : listHash(key)
}

/**
 * Prices a connection over a list of the REST API. Where `isKnown` is false the list belongs to rows that are
 * yet to be read: `spec` stands for any of them.
 */
export function priceList<Row>(
  { site, args, path, bill, scope, fieldNodes, returnType, pageCaps }: PricedField,
  spec: ListSpec<Row>,
  isKnown: boolean,
): readonly Site[] {
  const list = isKnown ? { key: spec.key, count: 1 } : { key: `${site.key}/${spec.key}`, count: site.count }
  const window = parseWindow(args, isKnown ? hashFor(args, spec.key) : undefined)
  const needs = needsOfList(spec, window, { scope, fieldNodes, returnType })
  const plan = planWindow(window, traitsOf(spec, pageCaps), needs)
  const key = `${list.key}#${JSON.stringify([args.first, args.after, args.last, args.before])}`
  if (spec.sizes === undefined)
    bill.addCalls(site.scope + list.key, path, needsAnything(needs) ? list.count : 0)
  else bill.addCalls(site.scope + key + JSON.stringify(needs), path, times(list.count, plan.calls))
  if (plan.openEnded) bill.addUnknown()
  const rows = { key, atMost: times(list.count, window.size) }
  return [
    {
      ...site,
      type: returnType,
      key,
      count: rows.atMost,
      tag: undefined,
      accounts: spec.kind === 'accounts' ? rows : site.accounts,
      hasRecord: spec.kind !== 'user_group_members',
      isLater: true,
      windowSize: window.size,
    },
  ]
}

// The upstream's total is a guess under a filter (quirk 14): nothing is asked for it then.
function needsOfList<Row>(spec: ListSpec<Row>, window: Window, selected: SelectedConnection): WindowNeeds {
  const needs = needsOf(selected, window)
  return { ...needs, totalCount: needs.totalCount && !spec.isFiltered }
}
