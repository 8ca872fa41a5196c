import type { PageQuery, PageSizes, RestClient, RestPage } from './client.ts'
import { nullIfNotFound } from './errors.ts'
import { detail, map, record, text } from './record-shape.ts'
import { route } from './route.ts'

/** Free-form keys and values; those seen are strings, `editable` and `deprecated` included (quirk 20). */
export type MetaRecord = Readonly<Record<string, unknown>>

/** A permission group. `meta` carries `label`, `description`, `scopes` and more (quirks 20 and 21). */
export type PermissionGroupRecord = {
  readonly id: string
  readonly name?: string | null
  readonly meta?: MetaRecord | null
}

/** A permission group of an answer. */
export const permissionGroupShape = record({ name: detail(text), meta: detail(map) })

/** Rows of one page. */
export const permissionGroupPages: PageSizes = { min: 5, max: 50, default: 20 }

/** Both filters are exact, `label` being the stable handle (quirk 19). */
export type PermissionGroupQuery = PageQuery & {
  readonly name?: string | undefined
  readonly label?: string | undefined
}

/** One page; there is no sort parameter, and `result_info` may be missing (quirks 13 and 17). */
export function listPermissionGroups(
  rest: RestClient,
  accountTag: string,
  query: PermissionGroupQuery,
): Promise<RestPage<PermissionGroupRecord>> {
  const { page, perPage, name, label } = query
  const list = route('/accounts/{account_id}/iam/permission_groups', { account_id: accountTag })
  return rest.list(list, { name, label, page, per_page: perPage }, permissionGroupShape)
}

/** Null where the account has no such permission group. */
export function getPermissionGroup(
  rest: RestClient,
  accountTag: string,
  permissionGroupTag: string,
): Promise<PermissionGroupRecord | null> {
  const one = route('/accounts/{account_id}/iam/permission_groups/{permission_group_id}', {
    account_id: accountTag,
    permission_group_id: permissionGroupTag,
  })
  return nullIfNotFound(rest.get(one, {}, permissionGroupShape))
}
