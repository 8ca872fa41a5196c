import { formatSecond } from './clock.ts'
import type { Quirks } from './quirks.ts'
import type { Member, PermissionGroup, Policy, ResourceGroup, UserGroup } from './records.ts'
import type { AccountState } from './store.ts'
import { createTag } from './tags.ts'

/** A permission group as its own endpoints give it: with the fields that are not published (quirk 21). */
export function showPermissionGroup(group: PermissionGroup, quirks: Quirks) {
  const unlisted = { status: 'V', created_on: group.created_on, modified_on: group.modified_on }
  return { ...showGrantedPermissionGroup(group, quirks), ...(quirks.has('unlistedFields') ? unlisted : {}) }
}

/** A permission group inside a policy. */
function showGrantedPermissionGroup(
  { id, name, description, label, scopes }: PermissionGroup,
  quirks: Quirks,
) {
  const meta = { description, editable: 'false', label, scopes }
  return { id, name, meta: quirks.has('metaIsStringMap') ? meta : { key: 'label', value: label } }
}

/** A resource group, in its own endpoints and inside a policy alike. */
export function showResourceGroup({ id, name, scope, editable }: ResourceGroup, quirks: Quirks) {
  const meta = quirks.has('metaIsStringMap')
    ? { editable: String(editable) }
    : { key: 'editable', value: String(editable) }
  return {
    id,
    ...(name === undefined ? {} : { name, meta }),
    scope: quirks.has('scopeAsObject') ? scope : [scope],
  }
}

/** A user group; its policies carry the whole permission groups and resource groups. */
export function showUserGroup(group: UserGroup, account: AccountState, quirks: Quirks, shuffle: Shuffle) {
  const { id, name, created_on, modified_on } = group
  const policies = showPolicies(group.policies, account, quirks, shuffle)
  return { id, name, created_on, modified_on, policies }
}

/** Policies as user groups and members embed them. */
export function showPolicies(
  policies: readonly Policy[],
  account: AccountState,
  quirks: Quirks,
  shuffle: Shuffle,
) {
  return shuffle(policies).map(({ id, access, permissionGroupIds, resourceGroupIds }) => ({
    id,
    access,
    permission_groups: shuffle(permissionGroupIds.map((groupId) => ({ id: groupId }))).flatMap((group) => {
      const found = account.permissionGroups.get(group.id)
      return found === undefined ? [] : [showGrantedPermissionGroup(found, quirks)]
    }),
    resource_groups: shuffle(resourceGroupIds.map((groupId) => ({ id: groupId }))).flatMap((group) => {
      const found = account.resourceGroups.get(group.id)
      return found === undefined ? [] : [showResourceGroup(found, quirks)]
    }),
  }))
}

/** A member in a user group's list: three fields and no more (quirk 42). */
export function showGroupMember({ id, email, status }: Member) {
  return { id, email, status }
}

/** One member of a user group: `created_at`, not `created_on` (quirk 42). */
export function showGroupMemberDetail(member: Member, joinedAtMs: number) {
  const { email, user } = member
  return {
    ...showGroupMember(member),
    created_at: formatSecond(joinedAtMs),
    ...(user === undefined
      ? {}
      : { user: { id: user.id, email, first_name: user.first_name, last_name: user.last_name } }),
  }
}

/** A member of the account, with what it holds directly (quirk 48). */
export function showMember(member: Member, account: AccountState, quirks: Quirks, shuffle: Shuffle) {
  const { id, email, status, user, roles } = member
  return {
    id,
    email,
    status,
    ...(user === undefined ? {} : { user: { ...user, email } }),
    roles,
    policies: showPolicies(member.policies, account, quirks, shuffle),
  }
}

/** Changes the order of rows that have none of their own (quirk 23). */
export type Shuffle = <T extends { readonly id: string }>(rows: readonly T[]) => readonly T[]

/** A shuffle that gives another order for each `salt`, and the same one for the same salt. */
export function createShuffle(quirks: Quirks, salt: number): Shuffle {
  if (!quirks.has('policyOrderShuffled')) return (rows) => rows
  return (rows) =>
    rows
      .map((row) => ({ row, rank: createTag(salt, row.id) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ row }) => row)
}
