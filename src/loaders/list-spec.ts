import type { RestClient, RestPage, SortDirection } from '../cloudflare/client.ts'
import type { PageCaps } from '../cost/estimate.ts'
import type { PageSizes } from '../paging/page-plan.ts'
import type { ListTraits } from '../paging/window-plan.ts'

/** The kinds of records that the REST API lists, as its paths call them. */
export type RecordKind =
  | 'accounts'
  | 'permission_groups'
  | 'resource_groups'
  | 'user_groups'
  | 'user_group_members'
  | 'members'
  | 'sso_connectors'

/** One list of the REST API with its filter: what to call, and what its answers can be believed of. */
export type ListSpec<Row> = {
  readonly kind: RecordKind
  /** Empty where the list is of no account. */
  readonly accountTag: string
  /** Names the list with its account, parent and filter. */
  readonly key: string
  /** Prefix of all that a request remembers of the kind in this account, see `recordsKeyOf`. */
  readonly recordsKey: string
  /** Page sizes; undefined for endpoints that answer everything at once (quirk 18). */
  readonly sizes: PageSizes | undefined
  /**
   * Whether `result_info` is expected to tell the list's length: not under a filter, not everywhere (quirks
   * 13 and 14).
   */
  readonly tellsLength: boolean
  readonly isFiltered: boolean
  readonly isReversible: boolean
  readonly matches: ((row: Row) => boolean) | undefined
  readonly keyOf: (row: Row) => string
  readonly fetch: (
    rest: RestClient,
    page: { readonly page: number; readonly perPage: number; readonly direction: SortDirection | undefined },
  ) => Promise<RestPage<Row>>
}

/** Prefix of all that a request remembers of one kind in one account. */
export function recordsKeyOf(kind: RecordKind, accountTag: string): string {
  return kind === 'accounts' ? 'accounts' : `${accountTag}/${kind}`
}

/** What the window planner needs to know of a list, with the page sizes that this upstream was seen to give. */
export function traitsOf<Row>(spec: ListSpec<Row>, pageCaps: PageCaps): ListTraits {
  const cap = pageCaps.get(spec.kind)
  const sizes =
    spec.sizes === undefined || cap === undefined || cap >= spec.sizes.max
      ? spec.sizes
      : { ...spec.sizes, min: Math.min(spec.sizes.min, cap), max: cap }
  return { sizes, tellsLength: spec.tellsLength, reversible: spec.isReversible }
}
