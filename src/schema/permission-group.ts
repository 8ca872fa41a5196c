import { getPermissionGroup, type PermissionGroupRecord } from '../cloudflare/permission-groups.ts'
import { permissionGroupList } from '../loaders/lists.ts'
import type { TaggedKind } from '../loaders/load-by-tag.ts'
import { Account, inAccount, tagOptions } from './account.ts'
import { builder, fromRecord } from './builder.ts'
import { connectionArgs, defineConnection } from './connection.ts'
import { exactFilter } from './filter.ts'
import { listField } from './list-field.ts'
import { MetaEntry, metaEntries, metaValue } from './meta.ts'
import { createNode, Node, type NodeOf, nodeById, recordField, requiredRecordField } from './node.ts'

export type PermissionGroupNode = NodeOf<'PermissionGroup', PermissionGroupRecord>

const records: TaggedKind<PermissionGroupRecord> = {
  kind: 'permission_groups',
  list: (accountTag) => permissionGroupList(accountTag),
  get: getPermissionGroup,
}

/** How permission groups are fetched. */
export const permissionGroupKind = { type: 'PermissionGroup' as const, records }

export const PermissionGroup = builder.objectRef<PermissionGroupNode>('PermissionGroup')

PermissionGroup.implement({
  description: 'A named group of permissions that map to a group of operations against resources.',
  interfaces: [Node],
  fields: (t) => ({
    tag: t.exposeID('tag', tagOptions),
    account: t.field(inAccount),
    name: t.string({
      ...fromRecord,
      description: 'For people, such as `DNS Write`.',
      resolve: recordField(permissionGroupKind, (record) => record.name),
    }),
    label: t.string({
      ...fromRecord,
      description:
        'The stable handle that Cloudflare itself uses, such as `admin_readonly`; taken from `meta`.',
      resolve: recordField(permissionGroupKind, (record) => metaValue(record.meta, 'label')),
    }),
    description: t.string({
      ...fromRecord,
      description: 'What it lets one do; taken from `meta`.',
      resolve: recordField(permissionGroupKind, (record) => metaValue(record.meta, 'description')),
    }),
    meta: t.field({
      ...fromRecord,
      type: [MetaEntry],
      nullable: { list: false, items: false },
      description: 'All that the upstream attaches to it.',
      resolve: requiredRecordField(permissionGroupKind, (record) => metaEntries(record.meta), []),
    }),
  }),
})

export const { connection: PermissionGroupConnection } = defineConnection('PermissionGroup', PermissionGroup)

const PermissionGroupFilter = builder.inputType('PermissionGroupFilter', {
  description: 'Which permission groups to list; all entries have to match.',
  fields: (t) => ({
    name: t.string({ description: 'Exact name.' }),
    label: t.string({ description: 'Exact label, such as `load_balancer`.' }),
  }),
})

builder.objectFields(Account, (t) => ({
  permissionGroup: t.field({
    type: PermissionGroup,
    description:
      'One permission group; null where it does not exist. Costs 1 REST call where more than its identity is selected.',
    args: { id: t.arg.id({ required: true, description: 'Global id, or the bare tag.' }) },
    ...nodeById(permissionGroupKind),
  }),
  permissionGroups: t.field({
    type: PermissionGroupConnection,
    description: 'The catalogue of what may be granted. Costs 1 REST call for each 50 rows.',
    args: {
      ...connectionArgs(t.arg),
      filter: t.arg({ type: PermissionGroupFilter, description: 'Only these.' }),
    },
    ...listField(
      ({ accountTag }, { filter }) => permissionGroupList(accountTag, exactFilter(filter, ['name', 'label'])),
      (row, { accountTag }) => createNode(permissionGroupKind, accountTag, row),
    ),
  }),
}))
