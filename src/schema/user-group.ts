import type { GraphQLResolveInfo } from 'graphql'
import { getUserGroup, type UserGroupRecord } from '../cloudflare/user-groups.ts'
import type { Context } from '../context.ts'
import type { PricedField } from '../cost/estimate.ts'
import type { TaggedKind } from '../loaders/load-by-tag.ts'
import { loadAll } from '../loaders/load-window.ts'
import { userGroupList } from '../loaders/lists.ts'
import type { ConnectionArguments } from '../paging/window.ts'
import { Account, accountOf } from './account.ts'
import { builder, fromRecord } from './builder.ts'
import { connectionArgs, connectJoin, connectList, defineConnection, priceJoin, priceList } from './connection.ts'
import { exactFilter, searchFilter } from './filter.ts'
import { idArgument } from './global-id.ts'
import {
  createNode,
  globalIdOf,
  Node,
  type NodeOf,
  priceNode,
  requiredRecordField,
  resolveNode,
} from './node.ts'
import { pathOf } from './path-of.ts'
import { PermissionGroup } from './permission-group.ts'
import { Policy, PolicyAccess, policiesOf, policyAccessOf } from './policy.ts'
import { ResourceGroup } from './resource-group.ts'
import { isDescending, SortDirection } from './sort-direction.ts'

export type UserGroupNode = NodeOf<'UserGroup', UserGroupRecord>

const records: TaggedKind<UserGroupRecord> = {
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
    id: t.id({ nullable: false, resolve: globalIdOf }),
    tag: t.exposeID('tag', { nullable: false, description: "Cloudflare's own identifier of 32 characters." }),
    account: t.field({ type: Account, nullable: false, resolve: ({ accountTag }) => accountOf(accountTag) }),
    name: t.string({
      ...fromRecord,
      nullable: false,
      description: 'Unique in the account.',
      resolve: requiredRecordField(userGroupKind, (record) => record.name),
    }),
    createdOn: t.field({
      ...fromRecord,
      type: 'DateTime',
      nullable: false,
      resolve: requiredRecordField(userGroupKind, (record) => new Date(record.created_on)),
    }),
    modifiedOn: t.field({
      ...fromRecord,
      type: 'DateTime',
      nullable: false,
      description: 'Changes with every update; `ifModifiedOn` of `updateUserGroup` takes it.',
      resolve: requiredRecordField(userGroupKind, (record) => new Date(record.modified_on)),
    }),
    policies: t.field({
      ...fromRecord,
      type: [Policy],
      nullable: { list: false, items: false },
      description: 'What its members may do, and where. Comes with the user group; in no particular order.',
      resolve: (node, args, context, info) =>
        requiredRecordField(userGroupKind, (record) => policiesOf(node.accountTag, record.policies))(
          node,
          args,
          context,
          info,
        ),
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

const UserGroupOrderField = builder.enumType('UserGroupOrderField', { values: ['NAME'] as const })

const UserGroupOrder = builder.inputType('UserGroupOrder', {
  fields: (t) => ({
    field: t.field({ type: UserGroupOrderField, required: true }),
    direction: t.field({ type: SortDirection, required: true }),
  }),
})

const listOf = (accountTag: string, args: { readonly filter?: unknown; readonly orderBy?: unknown }) =>
  userGroupList(
    accountTag,
    { ...exactFilter(args.filter, ['name']), ...searchFilter(args.filter, ['nameContains']) },
    isDescending(args.orderBy),
  )

builder.objectFields(Account, (t) => ({
  userGroup: t.field({
    type: UserGroup,
    description:
      'One user group; null where it does not exist. Costs 1 REST call where more than its identity is selected.',
    args: { id: t.arg.id({ required: true, description: 'Global id, or the bare tag.' }) },
    extensions: {
      price: (field) => {
        const expected = { type: 'UserGroup' as const, accountTag: field.site.accountTag }
        return priceNode(userGroupKind, idArgument(String(field.args['id']), 'id', expected), field)
      },
    },
    resolve: ({ accountTag }, { id }, context, info) =>
      resolveNode(userGroupKind, idArgument(id, 'id', { type: 'UserGroup', accountTag }), context, info),
  }),
  userGroups: t.field({
    type: UserGroupConnection,
    description: 'The user groups, by name. Costs 1 REST call for each 500 rows, policies included.',
    args: {
      ...connectionArgs(t.arg),
      filter: t.arg({ type: UserGroupFilter }),
      orderBy: t.arg({ type: UserGroupOrder, description: 'By name, ascending, unless told otherwise.' }),
    },
    extensions: {
      price: (field) => priceList(field, listOf(field.site.accountTag ?? '', field.args), field.site.accountTag !== undefined),
    },
    resolve: ({ accountTag }, args, context, info) =>
      connectList({ args, context, info }, listOf(accountTag, args), (row) => createNode(userGroupKind, accountTag, row)),
  }),
}))

type PolicyRecord = NonNullable<UserGroupRecord['policies']>[number]

/**
 * The options of a `userGroups` field that answers which user groups have a policy over an object: who holds a permission, who may
 * touch a resource. The user group list, read once a request, answers it for every row.
 */
const groupsOver = (kind: string, embedded: (policy: PolicyRecord) => readonly { readonly id: string }[] | null | undefined) => ({
  type: UserGroupConnection,
  extensions: {
    price: (field: PricedField) => priceJoin(field, `${field.site.accountTag ?? field.site.key}/user_groups*`),
  },
  resolve: (
    { accountTag, tag }: { readonly accountTag: string; readonly tag: string },
    args: ConnectionArguments & { readonly access?: 'ALLOW' | 'DENY' | null | undefined },
    context: Context,
    info: GraphQLResolveInfo,
  ) =>
    connectJoin(
      { args, info },
      {
        key: `${accountTag}/${kind}/${tag}/user_groups?access=${args.access ?? ''}`,
        keyOf: (group: UserGroupRecord) => group.id,
        load: async () => {
          const groups = await loadAll(context, userGroupList(accountTag), pathOf(info))
          const isOver = (policy: PolicyRecord) =>
            accessMatches(policy.access, args.access, context) &&
            (embedded(policy) ?? []).some((object) => object.id === tag)
          return groups.filter((group) => (group.policies ?? []).some(isOver))
        },
      },
      (group) => createNode(userGroupKind, accountTag, group),
    ),
})

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

/** Whether a policy's access is the one that was asked for; none asked for means any. */
export function accessMatches(
  raw: string | null | undefined,
  asked: 'ALLOW' | 'DENY' | null | undefined,
  context: Context,
): boolean {
  return asked === null || asked === undefined || policyAccessOf(raw, context) === asked
}
