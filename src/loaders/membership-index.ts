import { CloudflareError } from '../cloudflare/errors.ts'
import type { UserGroupMemberRecord } from '../cloudflare/user-group-members.ts'
import type { UserGroupRecord } from '../cloudflare/user-groups.ts'
import type { Context } from '../context.ts'
import { userGroupList, userGroupMemberList } from './lists.ts'
import { loadAll } from './load-window.ts'
import { remember } from './request-cache.ts'

/** Which member is in which user groups: the join that the REST API lacks. */
export type MembershipIndex = {
  /** The user groups of a member, in the order of the list. */
  groupsOf(memberTag: string): readonly UserGroupRecord[]
  /** The user groups whose members could not be read, and why: where there are any, no answer is whole. */
  readonly gaps: readonly MembershipGap[]
}

export type MembershipGap = { readonly userGroup: UserGroupRecord; readonly error: CloudflareError }

/**
 * An answer that would not be whole: the members of some user groups could not be read. `cause` is the first
 * failure.
 */
export class IncompleteAnswer extends Error {
  override readonly name = 'IncompleteAnswer'
  override readonly cause: CloudflareError
  readonly gaps: readonly MembershipGap[]

  constructor(gaps: readonly [MembershipGap, ...MembershipGap[]]) {
    super(`${gaps.map(describeGap).join('; ')}; allowIncomplete gives what could be read`)
    this.cause = gaps[0].error
    this.gaps = gaps
  }
}

/** Says in words which user group could not be read. */
export function describeGap({ userGroup, error }: MembershipGap): string {
  const [reason] = error.errors.map((fault) => fault.message)
  return `The members of user group "${userGroup.name}" (${userGroup.id}) could not be read${reason === undefined ? '' : `: ${reason}`}`
}

/**
 * Builds the index of an account, once a request: the user groups, then every group's members. The second
 * step is priced when the first has told how many groups there are, before any of it is sent.
 * @throws CostLimitExceeded where the fan-out is too dear, with the exact price.
 */
export function loadMembershipIndex(
  context: Context,
  accountTag: string,
  path: string,
): Promise<MembershipIndex> {
  return remember(context, `${accountTag}/user_group_members#index`, () =>
    buildIndex(context, accountTag, path),
  )
}

async function buildIndex(context: Context, accountTag: string, path: string): Promise<MembershipIndex> {
  const groups = await loadAll(context, userGroupList(accountTag), path)
  context.budget.extend(groups.length, path)
  const byMember = new Map<string, UserGroupRecord[]>()
  const gaps: MembershipGap[] = []
  const members = await Promise.all(groups.map((group) => readMembers(context, accountTag, group, path)))
  groups.forEach((userGroup, index) => {
    const read = members[index]
    if (read instanceof CloudflareError) gaps.push({ userGroup, error: read })
    else for (const { id } of read ?? []) byMember.set(id, [...(byMember.get(id) ?? []), userGroup])
  })
  return { groupsOf: (memberTag) => byMember.get(memberTag) ?? [], gaps }
}

// One group whose members are refused (quirk 41) is a gap; what would hit every group alike is the failure of
// the join.
async function readMembers(
  context: Context,
  accountTag: string,
  group: UserGroupRecord,
  path: string,
): Promise<readonly UserGroupMemberRecord[] | CloudflareError> {
  try {
    return await loadAll(context, userGroupMemberList(accountTag, group.id), path)
  } catch (error) {
    if (error instanceof CloudflareError && isOfOneGroup(error)) return error
    throw error
  }
}

function isOfOneGroup({ kind }: CloudflareError): boolean {
  return kind !== 'rate-limited' && kind !== 'unauthenticated' && kind !== 'aborted'
}
