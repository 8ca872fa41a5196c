import {
  getResourceGroup,
  type ResourceGroupRecord,
  type ResourceScopeRecord,
  scopesOf,
} from '../cloudflare/resource-groups.ts'
import { resourceGroupList } from '../loaders/lists.ts'
import type { TaggedKind } from '../loaders/load-by-tag.ts'
import { Account, inAccount, tagOptions } from './account.ts'
import { builder, fromRecord } from './builder.ts'
import { connectionArgs, defineConnection } from './connection.ts'
import { exactFilter } from './filter.ts'
import { listField } from './list-field.ts'
import { MetaEntry, metaEntries, metaValue } from './meta.ts'
import { createNode, Node, type NodeOf, nodeById, recordField, requiredRecordField } from './node.ts'

export type ResourceGroupNode = NodeOf<'ResourceGroup', ResourceGroupRecord>

const records: TaggedKind<ResourceGroupRecord> = {
  kind: 'resource_groups',
  list: (accountTag) => resourceGroupList(accountTag),
  get: getResourceGroup,
}

/** How resource groups are fetched. */
export const resourceGroupKind = { type: 'ResourceGroup' as const, records }

const ResourceScopeObject = builder.objectRef<{ readonly key: string }>('ResourceScopeObject').implement({
  description: 'One thing that a scope covers.',
  fields: (t) => ({
    key: t.exposeString('key', {
      nullable: false,
      description:
        'Such as `com.cloudflare.api.account.zone.<zone tag>`, or `*` for everything in the container.',
    }),
  }),
})

const ResourceScope = builder.objectRef<ResourceScopeRecord>('ResourceScope').implement({
  description: 'What a resource group covers: a container such as the account, and the objects inside it.',
  fields: (t) => ({
    key: t.exposeString('key', {
      nullable: false,
      description: 'Such as `com.cloudflare.api.account.<account tag>`.',
    }),
    objects: t.field({
      type: [ResourceScopeObject],
      nullable: { list: false, items: false },
      description: 'What is covered inside the container.',
      resolve: ({ objects }) => objects ?? [],
    }),
  }),
})

export const ResourceGroup = builder.objectRef<ResourceGroupNode>('ResourceGroup')

ResourceGroup.implement({
  description: 'A group of scoped resources that a policy applies to.',
  interfaces: [Node],
  fields: (t) => ({
    tag: t.exposeID('tag', tagOptions),
    account: t.field(inAccount),
    name: t.string({
      ...fromRecord,
      description: 'Not unique; null for groups that were made along with a policy.',
      resolve: recordField(resourceGroupKind, (record) => record.name),
    }),
    editable: t.boolean({
      ...fromRecord,
      nullable: false,
      description:
        'False for the groups that Cloudflare keeps itself, which refuse to be deleted; taken from `meta`.',
      resolve: requiredRecordField(
        resourceGroupKind,
        (record) => metaValue(record.meta, 'editable') !== 'false',
        false,
      ),
    }),
    meta: t.field({
      ...fromRecord,
      type: [MetaEntry],
      nullable: { list: false, items: false },
      description: 'All that the upstream attaches to it.',
      resolve: requiredRecordField(resourceGroupKind, (record) => metaEntries(record.meta), []),
    }),
    scope: t.field({
      ...fromRecord,
      type: [ResourceScope],
      nullable: { list: false, items: false },
      description:
        'What the group covers. The upstream answers one scope or a list of them; here it is always a list.',
      resolve: requiredRecordField(resourceGroupKind, scopesOf, []),
    }),
  }),
})

export const { connection: ResourceGroupConnection } = defineConnection('ResourceGroup', ResourceGroup)

const ResourceGroupFilter = builder.inputType('ResourceGroupFilter', {
  description: 'Which resource groups to list.',
  fields: (t) => ({ name: t.string({ description: 'Exact name.' }) }),
})

builder.objectFields(Account, (t) => ({
  resourceGroup: t.field({
    type: ResourceGroup,
    description:
      'One resource group; null where it does not exist. Costs 1 REST call where more than its identity is selected.',
    args: { id: t.arg.id({ required: true, description: 'Global id, or the bare tag.' }) },
    ...nodeById(resourceGroupKind),
  }),
  resourceGroups: t.field({
    type: ResourceGroupConnection,
    description: 'What policies may apply to. Costs 1 REST call a request, however often it is paged.',
    args: {
      ...connectionArgs(t.arg),
      filter: t.arg({ type: ResourceGroupFilter, description: 'Only these.' }),
    },
    ...listField(
      ({ accountTag }, { filter }) => resourceGroupList(accountTag, exactFilter(filter, ['name'])),
      (row, { accountTag }) => createNode(resourceGroupKind, accountTag, row),
    ),
  }),
}))
