import { type AccountRecord, accountPages, listAccounts } from '../cloudflare/accounts.ts'
import { listMembers, type MemberQuery, type MemberRecord, memberPages } from '../cloudflare/members.ts'
import {
  listPermissionGroups,
  type PermissionGroupRecord,
  permissionGroupPages,
} from '../cloudflare/permission-groups.ts'
import { listResourceGroups, type ResourceGroupRecord } from '../cloudflare/resource-groups.ts'
import { listSSOConnectors, type SSOConnectorRecord } from '../cloudflare/sso-connectors.ts'
import {
  listUserGroupMembers,
  type UserGroupMemberRecord,
  userGroupMemberPages,
} from '../cloudflare/user-group-members.ts'
import { listUserGroups, type UserGroupRecord, userGroupPages } from '../cloudflare/user-groups.ts'
import { type ListSpec, type RecordKind, recordsKeyOf } from './list-spec.ts'

const byId = (row: { readonly id: string }) => row.id

/** The accounts that the credential sees, by name; `permits` leaves those out that are not for the caller. */
export function accountList(
  filter: { readonly name?: string | undefined } = {},
  permits?: (accountTag: string) => boolean,
): ListSpec<AccountRecord> {
  const { name } = filter
  const isFiltered = name !== undefined || permits !== undefined
  const { kind, key, recordsKey } = named({ kind: 'accounts', accountTag: '' }, { name })
  return {
    kind,
    accountTag: '',
    key,
    recordsKey,
    isFiltered,
    sizes: accountPages,
    tellsLength: !isFiltered,
    isReversible: true,
    matches: isFiltered
      ? (row) => (name === undefined || row.name === name) && (permits?.(row.id) ?? true)
      : undefined,
    keyOf: byId,
    fetch: (rest, page) => listAccounts(rest, { ...page, name }),
  }
}

/** The account's catalogue of permission groups, which has no sort parameter. */
export function permissionGroupList(
  accountTag: string,
  filter: { readonly name?: string | undefined; readonly label?: string | undefined } = {},
): ListSpec<PermissionGroupRecord> {
  const { name, label } = filter
  const { kind, key, recordsKey } = named({ kind: 'permission_groups', accountTag }, { name, label })
  return {
    kind,
    accountTag,
    key,
    recordsKey,
    isFiltered: name !== undefined || label !== undefined,
    sizes: permissionGroupPages,
    tellsLength: false,
    isReversible: false,
    matches:
      name === undefined && label === undefined
        ? undefined
        : (row) =>
            (name === undefined || row.name === name) && (label === undefined || row.meta?.label === label),
    keyOf: byId,
    fetch: (rest, { page, perPage }) =>
      listPermissionGroups(rest, accountTag, { page, perPage, name, label }),
  }
}

/** The account's resource groups, in one answer. */
export function resourceGroupList(
  accountTag: string,
  filter: { readonly name?: string | undefined } = {},
): ListSpec<ResourceGroupRecord> {
  const { name } = filter
  const { kind, key, recordsKey } = named({ kind: 'resource_groups', accountTag }, { name })
  return {
    kind,
    accountTag,
    key,
    recordsKey,
    isFiltered: name !== undefined,
    sizes: undefined,
    tellsLength: true,
    isReversible: false,
    matches: name === undefined ? undefined : (row) => row.name === name,
    keyOf: byId,
    fetch: (rest) => listResourceGroups(rest, accountTag, { name }),
  }
}

/** The account's user groups, by name; `descending` is the same list turned round. */
export function userGroupList(
  accountTag: string,
  filter: { readonly name?: string | undefined; readonly nameContains?: string | undefined } = {},
  descending = false,
): ListSpec<UserGroupRecord> {
  const { name, nameContains } = filter
  const { kind, key, recordsKey } = named(
    { kind: 'user_groups', accountTag },
    { name, nameContains, descending: descending || undefined },
  )
  return {
    kind,
    accountTag,
    key,
    recordsKey,
    isFiltered: name !== undefined || nameContains !== undefined,
    sizes: userGroupPages,
    tellsLength: name === undefined && nameContains === undefined,
    isReversible: true,
    matches:
      name === undefined && nameContains === undefined
        ? undefined
        : (row) => (name === undefined || row.name === name) && contains(row.name, nameContains),
    keyOf: byId,
    fetch: (rest, { page, perPage, direction }) =>
      listUserGroups(rest, accountTag, {
        page,
        perPage,
        direction: turned(direction, descending),
        name,
        fuzzyName: nameContains,
      }),
  }
}

/** The members of one user group, by e-mail address; `descending` is the same list turned round. */
export function userGroupMemberList(
  accountTag: string,
  userGroupTag: string,
  filter: { readonly emailContains?: string | undefined } = {},
  descending = false,
): ListSpec<UserGroupMemberRecord> {
  const { emailContains } = filter
  const { kind, key, recordsKey } = named(
    { kind: 'user_group_members', accountTag, parent: userGroupTag },
    { emailContains, descending: descending || undefined },
  )
  return {
    kind,
    accountTag,
    key,
    recordsKey,
    isFiltered: emailContains !== undefined,
    sizes: userGroupMemberPages,
    tellsLength: false,
    isReversible: true,
    matches: emailContains === undefined ? undefined : (row) => contains(row.email, emailContains),
    keyOf: byId,
    fetch: (rest, { page, perPage, direction }) =>
      listUserGroupMembers(rest, accountTag, userGroupTag, {
        page,
        perPage,
        direction: turned(direction, descending),
        fuzzyEmail: emailContains,
      }),
  }
}

/** Everyone in the account, by e-mail address. */
export function memberList(
  accountTag: string,
  filter: { readonly status?: MemberQuery['status'] } = {},
): ListSpec<MemberRecord> {
  const { status } = filter
  const { kind, key, recordsKey } = named({ kind: 'members', accountTag }, { status })
  return {
    kind,
    accountTag,
    key,
    recordsKey,
    isFiltered: status !== undefined,
    sizes: memberPages,
    tellsLength: status === undefined,
    isReversible: true,
    matches: status === undefined ? undefined : (row) => row.status === status,
    keyOf: byId,
    fetch: (rest, page) => listMembers(rest, accountTag, { ...page, status }),
  }
}

/** The account's SSO connectors, in one answer. */
export function ssoConnectorList(accountTag: string): ListSpec<SSOConnectorRecord> {
  const { kind, key, recordsKey } = named({ kind: 'sso_connectors', accountTag }, {})
  return {
    kind,
    accountTag,
    key,
    recordsKey,
    isFiltered: false,
    sizes: undefined,
    tellsLength: true,
    isReversible: false,
    matches: undefined,
    keyOf: byId,
    fetch: (rest) => listSSOConnectors(rest, accountTag),
  }
}

type Named = { readonly kind: RecordKind; readonly accountTag: string; readonly parent?: string }

function named(
  { kind, accountTag, parent }: Named,
  filter: Readonly<Record<string, string | boolean | undefined>>,
) {
  const prefix = recordsKeyOf(kind, accountTag)
  let query = ''
  for (const name in filter) {
    const value = filter[name]
    if (value === undefined) continue
    query += `${query === '' ? '?' : '&'}${name}=${encodeURIComponent(String(value))}`
  }
  const list = parent === undefined ? prefix : `${prefix}/${parent}`
  return { kind, key: list + query, recordsKey: prefix }
}

// Case is ignored, as the upstream's own fuzzy searches are not documented to heed it: never drop what it
// meant to find.
function contains(text: string | null | undefined, part: string | undefined): boolean {
  return part === undefined || (text ?? '').toLowerCase().includes(part.toLowerCase())
}

function turned(direction: 'asc' | 'desc' | undefined, descending: boolean): 'asc' | 'desc' | undefined {
  if (!descending) return direction
  return direction === 'desc' ? 'asc' : 'desc'
}
