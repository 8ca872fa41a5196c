import { readPart } from '../cloudflare/deferred-part.ts'
import { getUserGroup, type PolicyRecord, type UserGroupRecord } from '../cloudflare/user-groups.ts'
import { userGroupList } from '../loaders/lists.ts'
import type { TaggedKind } from '../loaders/load-by-tag.ts'
import { loadAll } from '../loaders/load-window.ts'
import type { ConnectionArguments } from '../paging/window.ts'
import { Account, inAccount, tagOptions } from './account.ts'
import { builder, fromRecord } from './builder.ts'
import { connectionArgs, defineConnection } from './connection.ts'
import { exactFilter, searchFilter } from './filter.ts'
import { joinField } from './join-field.ts'
import { listField } from './list-field.ts'
import { createNode, type Identity, Node, type NodeOf, nodeById, recordIn } from './node.ts'
import { pathOf } from './path-of.ts'
import { PermissionGroup } from './permission-group.ts'
import { accessMatches, Policy, PolicyAccess, policiesOf } from './policy.ts'
import { ResourceGroup } from './resource-group.ts'
import { isDescending, SortDirection } from './sort-direction.ts'

export type UserGroupNode = NodeOf<'UserGroup', UserGroupRecord>

const records: TaggedKind<UserGroupRecord> = {
  kind: 'user_groups',
  list: (accountTag) => userGroupList(accountTag),
  get: getUserGroup,
}

/** How user groups are fetched. */
export const userGroupKind = { type: 'UserGroup' as const, records }

export const UserGroup = builder.objectRef<UserGroupNode>('UserGroup')

UserGroup.implement({
  description: 'A named set of account members that share policies.',
  interfaces: [Node],
  fields: (t) => ({
    tag: t.exposeID('tag', tagOptions),
    account: t.field(inAccount),
    name: t.string({
      ...fromRecord,
      nullable: false,
      description: 'Unique in the account.',
      resolve: (node) => recordIn(node).name,
    }),
    createdOn: t.field({
      ...fromRecord,
      type: 'DateTime',
      nullable: false,
      description: 'When it was made.',
      resolve: (node) => new Date(recordIn(node).created_on),
    }),
    modifiedOn: t.field({
      ...fromRecord,
      type: 'DateTime',
      nullable: false,
      description: 'Changes with every update; `ifModifiedOn` of `updateUserGroup` takes it.',
      resolve: (node) => new Date(recordIn(node).modified_on),
    }),
    policies: t.field({
      ...fromRecord,
      type: [Policy],
      nullable: { list: false, items: false },
      description: 'What its members may do, and where. Comes with the user group; in no particular order.',
      resolve: (node) => policiesOf(node.accountTag, recordIn(node).policies),
    }),
  }),
})

export const { connection: UserGroupConnection } = defineConnection('UserGroup', UserGroup)

const UserGroupFilter = builder.inputType('UserGroupFilter', {
  description: 'Which user groups to list; all entries have to match.',
  fields: (t) => ({
    name: t.string({ description: 'Exact name.' }),
    nameContains: t.string({ description: 'A part of the name.' }),
  }),
})

const UserGroupOrderField = builder.enumType('UserGroupOrderField', {
  description: 'What user groups can be sorted by.',
  values: { NAME: { description: 'The name, whatever its case.' } } as const,
})

const UserGroupOrder = builder.inputType('UserGroupOrder', {
  description: 'How to sort user groups.',
  fields: (t) => ({
    field: t.field({ type: UserGroupOrderField, required: true, description: 'By what.' }),
    direction: t.field({ type: SortDirection, required: true, description: 'Which way.' }),
  }),
})

builder.objectFields(Account, (t) => ({
  userGroup: t.field({
    type: UserGroup,
    description:
      'One user group; null where it does not exist. Costs 1 REST call where more than its identity is selected.',
    args: { id: t.arg.id({ required: true, description: 'Global id, or the bare tag.' }) },
    ...nodeById(userGroupKind),
  }),
  userGroups: t.field({
    type: UserGroupConnection,
    description: 'The user groups, by name. Costs 1 REST call for each 500 rows, policies included.',
    args: {
      ...connectionArgs(t.arg),
      filter: t.arg({ type: UserGroupFilter, description: 'Only these.' }),
      orderBy: t.arg({ type: UserGroupOrder, description: 'By name, ascending, unless told otherwise.' }),
    },
    ...listField(
      ({ accountTag }, { filter, orderBy }) => {
        const matching = { ...exactFilter(filter, ['name']), ...searchFilter(filter, ['nameContains']) }
        return userGroupList(accountTag, matching, isDescending(orderBy))
      },
      (row, { accountTag }) => createNode(userGroupKind, accountTag, row),
    ),
  }),
}))

/**
 * The options of a `userGroups` field that answers which user groups have a policy over an object: who holds
 * a permission, who may touch a resource. The user group list, read once a request, answers it for every row.
 */
const groupsOver = (
  kind: string,
  embedded: (policy: PolicyRecord) => readonly { readonly id: string }[] | null | undefined,
) => ({
  type: UserGroupConnection,
  ...joinField(
    ({ accountTag, tag }: Identity, { access }: AccessArguments, context, info) => ({
      key: `${accountTag}/${kind}/${tag}/user_groups?access=${access ?? ''}`,
      keyOf: (group: UserGroupRecord) => group.id,
      load: async () => {
        const groups = await loadAll(context, userGroupList(accountTag), pathOf(info))
        const isOver = (policy: PolicyRecord) =>
          accessMatches(policy, access, context) && (embedded(policy) ?? []).some(({ id }) => id === tag)
        return groups.filter((group) => (readPart(group.policies) ?? []).some(isOver))
      },
    }),
    (group, { accountTag }) => createNode(userGroupKind, accountTag, group),
  ),
})

type AccessArguments = ConnectionArguments & { readonly access?: 'allow' | 'deny' | null | undefined }

const accessArgument = { type: PolicyAccess, description: 'Only through policies of this kind.' }

builder.objectFields(PermissionGroup, (t) => ({
  userGroups: t.field({
    ...groupsOver('permission_groups', (policy) => policy.permission_groups),
    description:
      'The user groups with a policy that grants or denies this permission group: who holds it. Costs the list of user groups, once a request.',
    args: { ...connectionArgs(t.arg), access: t.arg(accessArgument) },
  }),
}))

builder.objectFields(ResourceGroup, (t) => ({
  userGroups: t.field({
    ...groupsOver('resource_groups', (policy) => policy.resource_groups),
    description:
      'The user groups with a policy that applies to this resource group. Costs the list of user groups, once a request.',
    args: { ...connectionArgs(t.arg), access: t.arg(accessArgument) },
  }),
}))
