import type { PageQuery, PageSizes, RestClient, RestPage, SortDirection } from './client.ts'
import type { Part } from './deferred-part.ts'
import { CloudflareError, nullIfNotFound } from './errors.ts'
import { detail, fields, list, record, text } from './record-shape.ts'
import { route } from './route.ts'
import { type PolicyRecord, policiesShape } from './user-groups.ts'

/** A role that a member holds directly. */
export type RoleRecord = {
  readonly id: string
  readonly name?: string | null
  readonly description?: string | null
}

/**
 * A member of the account. `policies` and `roles`, see `readPart`, are only the direct ones and may be missing in a list row;
 * `user` is thin or absent for pending members (quirk 48).
 */
export type MemberRecord = {
  readonly id: string
  readonly email?: string | null
  readonly status?: string | null
  readonly user?: {
    readonly id?: string | null
    readonly email?: string | null
    readonly first_name?: string | null
    readonly last_name?: string | null
  } | null
  readonly roles?: Part<readonly RoleRecord[]> | null
  readonly policies?: Part<readonly PolicyRecord[]> | null
}

/** The person of an answer. */
export const userShape = fields({
  id: detail(text),
  email: detail(text),
  first_name: detail(text),
  last_name: detail(text),
})

const shape = record(
  { email: detail(text), status: detail(text), user: detail(userShape) },
  { roles: list(record({ name: detail(text), description: detail(text) })), policies: policiesShape },
)

/** Rows of one page. */
export const memberPages: PageSizes = { min: 5, max: 50, default: 20 }

/** Sorted by e-mail, ascending unless `direction` says else. */
export type MemberQuery = PageQuery & {
  readonly status?: 'accepted' | 'pending' | 'rejected' | undefined
  readonly direction?: SortDirection | undefined
}

/** One page, always sorted by e-mail: the upstream's own default is not documented, and pages need one order. */
export function listMembers(
  rest: RestClient,
  accountTag: string,
  query: MemberQuery,
): Promise<RestPage<MemberRecord>> {
  const { page, perPage, status, direction } = query
  const list = route('/accounts/{account_id}/members', { account_id: accountTag })
  return rest.list(list, { order: 'user.email', status, direction, page, per_page: perPage }, shape)
}

/** Null where the account has no such member: a 404, or this endpoint's own code 1003. */
export async function getMember(
  rest: RestClient,
  accountTag: string,
  memberTag: string,
): Promise<MemberRecord | null> {
  const one = route('/accounts/{account_id}/members/{member_id}', {
    account_id: accountTag,
    member_id: memberTag,
  })
  try {
    return await nullIfNotFound(rest.get<MemberRecord>(one, {}, shape))
  } catch (error) {
    if (isUnknownMember(error)) return null
    throw error
  }
}

function isUnknownMember(error: unknown): boolean {
  return (
    error instanceof CloudflareError &&
    error.kind === 'refused' &&
    error.errors.some(({ code }) => code === 1003)
  )
}
