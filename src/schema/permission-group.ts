import { getPermissionGroup, type PermissionGroupRecord } from '../cloudflare/permission-groups.ts'
import type { TaggedKind } from '../loaders/load-by-tag.ts'
import { permissionGroupList } from '../loaders/lists.ts'
import { Account, accountOf } from './account.ts'
import { builder, fromRecord } from './builder.ts'
import { connectionArgs, connectList, defineConnection, priceList } from './connection.ts'
import { exactFilter } from './filter.ts'
import { idArgument } from './global-id.ts'
import { MetaEntry, metaEntries, metaValue } from './meta.ts'
import { createNode, globalIdOf, Node, type NodeOf, priceNode, recordField, requiredRecordField, resolveNode } from './node.ts'

export type PermissionGroupNode = NodeOf<'PermissionGroup', PermissionGroupRecord>

const records: TaggedKind<PermissionGroupRecord> = {
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
    id: t.id({ nullable: false, resolve: globalIdOf }),
    tag: t.exposeID('tag', { nullable: false, description: "Cloudflare's own identifier of 32 characters." }),
    account: t.field({ type: Account, nullable: false, resolve: ({ accountTag }) => accountOf(accountTag) }),
    name: t.string({
      ...fromRecord,
      resolve: recordField(permissionGroupKind, (record) => record.name),
    }),
    label: t.string({
      ...fromRecord,
      description: 'The stable handle that Cloudflare itself uses, such as `admin_readonly`; taken from `meta`.',
      resolve: recordField(permissionGroupKind, (record) => metaValue(record.meta, 'label')),
    }),
    description: t.string({
      ...fromRecord,
      resolve: recordField(permissionGroupKind, (record) => metaValue(record.meta, 'description')),
    }),
    meta: t.field({
      ...fromRecord,
      type: [MetaEntry],
      nullable: { list: false, items: false },
      resolve: requiredRecordField(permissionGroupKind, (record) => metaEntries(record.meta)),
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
    description: 'One permission group; null where it does not exist. Costs 1 REST call where more than its identity is selected.',
    args: { id: t.arg.id({ required: true, description: 'Global id, or the bare tag.' }) },
    extensions: {
      price: (field) => {
        const expected = { type: 'PermissionGroup' as const, accountTag: field.site.accountTag }
        return priceNode(permissionGroupKind, idArgument(String(field.args['id']), 'id', expected), field)
      },
    },
    resolve: ({ accountTag }, { id }, context, info) =>
      resolveNode(permissionGroupKind, idArgument(id, 'id', { type: 'PermissionGroup', accountTag }), context, info),
  }),
  permissionGroups: t.field({
    type: PermissionGroupConnection,
    description: 'The catalogue of what may be granted. Costs 1 REST call for each 50 rows.',
    args: { ...connectionArgs(t.arg), filter: t.arg({ type: PermissionGroupFilter }) },
    extensions: {
      price: (field) => {
        const filter = exactFilter(field.args['filter'], ['name', 'label'])
        const spec = permissionGroupList(field.site.accountTag ?? '', filter)
        return priceList(field, spec, field.site.accountTag !== undefined)
      },
    },
    resolve: ({ accountTag }, args, context, info) => {
      const spec = permissionGroupList(accountTag, exactFilter(args.filter, ['name', 'label']))
      return connectList({ args, context, info }, spec, (row) => createNode(permissionGroupKind, accountTag, row))
    },
  }),
}))
