import type { PageQuery, PageSizes, RestClient, RestPage, SortDirection } from './client.ts'
import type { Part } from './deferred-part.ts'
import { nullIfNotFound } from './errors.ts'
import { type PermissionGroupRecord, permissionGroupShape } from './permission-groups.ts'
import { detail, fields, instant, list, part, record, text } from './record-shape.ts'
import { type ResourceGroupRecord, resourceGroupShape } from './resource-groups.ts'
import { type Route, route } from './route.ts'

/** A policy with its groups embedded. Its `id` is no identity: every update makes fresh ones (quirk 30). */
export type PolicyRecord = {
  readonly id?: string | null
  readonly access?: string | null
  readonly permission_groups?: readonly PermissionGroupRecord[] | null
  readonly resource_groups?: readonly ResourceGroupRecord[] | null
}

/** A user group with its policies embedded, see `readPart`; times are RFC 3339. */
export type UserGroupRecord = {
  readonly id: string
  readonly name: string
  readonly created_on: string
  readonly modified_on: string
  readonly policies?: Part<readonly PolicyRecord[]> | null
}

/** The policies of an answer. */
export const policiesShape = list(
  fields({
    id: detail(text),
    access: detail(text),
    permission_groups: part(list(permissionGroupShape)),
    resource_groups: part(list(resourceGroupShape)),
  }),
)

// Most of an answer is policies, which many queries do not ask for: fifty user groups are 8 KiB without them and 160 with.
const shape = record({ name: text, created_on: instant, modified_on: instant }, { policies: policiesShape })

/** A policy as it is written: groups by id, and no id of its own, which an update refuses (quirk 30). */
export type PolicyBody = {
  readonly access: 'allow' | 'deny'
  readonly permission_groups: readonly { readonly id: string }[]
  readonly resource_groups: readonly { readonly id: string }[]
}

/** Both members go into an update, which replaces all policies (quirks 30 and 37). */
export type UserGroupBody = { readonly name: string; readonly policies: readonly PolicyBody[] }

/** Rows of one page. */
export const userGroupPages: PageSizes = { min: 1, max: 500, default: 100 }

/** `name` is exact, `fuzzyName` a part of the name (quirk 19); sorted by name, ascending unless `direction` says else. */
export type UserGroupQuery = PageQuery & {
  readonly name?: string | undefined
  readonly fuzzyName?: string | undefined
  readonly direction?: SortDirection | undefined
}

/** One page of the account's user groups, their policies included. */
export function listUserGroups(
  rest: RestClient,
  accountTag: string,
  query: UserGroupQuery,
): Promise<RestPage<UserGroupRecord>> {
  const { page, perPage, name, fuzzyName, direction } = query
  return rest.list(listRoute(accountTag), { name, fuzzyName, direction, page, per_page: perPage }, shape)
}

/** Null where the account has no such user group. */
export function getUserGroup(
  rest: RestClient,
  accountTag: string,
  userGroupTag: string,
): Promise<UserGroupRecord | null> {
  return nullIfNotFound(rest.get(oneRoute(accountTag, userGroupTag), {}, shape))
}

/** The new user group as the upstream shows it; reading it back at once may not find it yet (quirk 35). */
export function createUserGroup(
  rest: RestClient,
  accountTag: string,
  body: UserGroupBody,
): Promise<UserGroupRecord | null> {
  return rest.post(listRoute(accountTag), body, shape)
}

/** Writes name and policies whole. */
export function updateUserGroup(
  rest: RestClient,
  accountTag: string,
  userGroupTag: string,
  body: UserGroupBody,
): Promise<UserGroupRecord | null> {
  return rest.put(oneRoute(accountTag, userGroupTag), body, shape)
}

/** Ends the group and its memberships, not its members (quirk 36). */
export async function deleteUserGroup(
  rest: RestClient,
  accountTag: string,
  userGroupTag: string,
): Promise<void> {
  await rest.delete(oneRoute(accountTag, userGroupTag))
}

function listRoute(accountTag: string): Route {
  return route('/accounts/{account_id}/iam/user_groups', { account_id: accountTag })
}

function oneRoute(accountTag: string, userGroupTag: string): Route {
  return route('/accounts/{account_id}/iam/user_groups/{user_group_id}', {
    account_id: accountTag,
    user_group_id: userGroupTag,
  })
}
