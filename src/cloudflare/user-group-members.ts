import type { PageQuery, PageSizes, RestClient, RestPage, SortDirection } from './client.ts'
import { nullIfNotFound } from './errors.ts'
import { userShape } from './members.ts'
import { detail, record, text } from './record-shape.ts'
import { type Route, route } from './route.ts'

/**
 * A member of a user group. `id` is the account membership, not the user (quirk 42). A list shows id, e-mail and
 * status; only the detail has `created_at` and `user`.
 */
export type UserGroupMemberRecord = {
  readonly id: string
  readonly email?: string | null
  readonly status?: string | null
  readonly created_at?: string | null
  readonly user?: {
    readonly id?: string | null
    readonly email?: string | null
    readonly first_name?: string | null
    readonly last_name?: string | null
  } | null
}

const shape = record({
  email: detail(text),
  status: detail(text),
  created_at: detail(text),
  user: detail(userShape),
})

/** Rows of one page. */
export const userGroupMemberPages: PageSizes = { min: 1, max: 500, default: 100 }

/** `fuzzyEmail` is a part of the e-mail address; sorted by e-mail, ascending unless `direction` says else. */
export type UserGroupMemberQuery = PageQuery & {
  readonly fuzzyEmail?: string | undefined
  readonly direction?: SortDirection | undefined
}

/** One page of a group's members; refused with 400 where the group's own policy is bad (quirk 41). */
export function listUserGroupMembers(
  rest: RestClient,
  accountTag: string,
  userGroupTag: string,
  query: UserGroupMemberQuery,
): Promise<RestPage<UserGroupMemberRecord>> {
  const { page, perPage, fuzzyEmail, direction } = query
  return rest.list(
    listRoute(accountTag, userGroupTag),
    { fuzzyEmail, direction, page, per_page: perPage },
    shape,
  )
}

/** Null where the member is not in the group, or the group does not exist (quirk 40). */
export function getUserGroupMember(
  rest: RestClient,
  accountTag: string,
  userGroupTag: string,
  memberTag: string,
): Promise<UserGroupMemberRecord | null> {
  return nullIfNotFound(rest.get(oneRoute(accountTag, userGroupTag, memberTag), {}, shape))
}

/** Adds members; the answer is the whole set, or nothing at all, never only those added (quirk 38). */
export async function addUserGroupMembers(
  rest: RestClient,
  accountTag: string,
  userGroupTag: string,
  memberTags: readonly string[],
): Promise<readonly UserGroupMemberRecord[]> {
  const list = listRoute(accountTag, userGroupTag)
  const { rows } = await rest.postList<UserGroupMemberRecord>(list, idsOf(memberTags), shape)
  return rows
}

/** Makes the members exactly these; none empties the group (quirk 38). */
export async function setUserGroupMembers(
  rest: RestClient,
  accountTag: string,
  userGroupTag: string,
  memberTags: readonly string[],
): Promise<readonly UserGroupMemberRecord[]> {
  const list = listRoute(accountTag, userGroupTag)
  const { rows } = await rest.putList<UserGroupMemberRecord>(list, idsOf(memberTags), shape)
  return rows
}

/** Takes one member out; 400 or 404 where it was not in the group (quirk 40). */
export async function removeUserGroupMember(
  rest: RestClient,
  accountTag: string,
  userGroupTag: string,
  memberTag: string,
): Promise<void> {
  await rest.delete(oneRoute(accountTag, userGroupTag, memberTag))
}

// The wire has a bare array, although the official packages call it `members` (quirk 38).
function idsOf(memberTags: readonly string[]): readonly { readonly id: string }[] {
  return memberTags.map((id) => ({ id }))
}

function listRoute(accountTag: string, userGroupTag: string): Route {
  return route('/accounts/{account_id}/iam/user_groups/{user_group_id}/members', {
    account_id: accountTag,
    user_group_id: userGroupTag,
  })
}

function oneRoute(accountTag: string, userGroupTag: string, memberTag: string): Route {
  return route('/accounts/{account_id}/iam/user_groups/{user_group_id}/members/{member_id}', {
    account_id: accountTag,
    user_group_id: userGroupTag,
    member_id: memberTag,
  })
}
