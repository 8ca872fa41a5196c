import type { PolicyRecord } from '../cloudflare/user-groups.ts'
import { knownRecords } from '../loaders/records.ts'
import { builder } from './builder.ts'
import { createNode } from './node.ts'
import { PermissionGroup, permissionGroupKind } from './permission-group.ts'
import { ResourceGroup, resourceGroupKind } from './resource-group.ts'
import { upstreamEnum } from './upstream-enum.ts'

export const PolicyAccess = builder.enumType('PolicyAccess', {
  description: 'What a policy does with the operations that it names.',
  values: {
    ALLOW: {},
    DENY: { description: 'Published, but refused by the upstream on user groups so far.' },
  } as const,
})

/** Reads `access` of a policy record. */
export const policyAccessOf = upstreamEnum('PolicyAccess', ['ALLOW', 'DENY'] as const)

/** A policy with the account that its groups belong to. */
export type PolicyShape = { readonly accountTag: string; readonly record: PolicyRecord }

export const Policy = builder.objectRef<PolicyShape>('Policy').implement({
  description: 'Allows or denies the operations of its permission groups on its resource groups.',
  fields: (t) => ({
    tag: t.id({
      description:
        "The policy's identifier upstream. Not an identity: every update of the owner gives its policies fresh ones.",
      resolve: ({ record }) => record.id,
    }),
    access: t.field({
      type: PolicyAccess,
      resolve: ({ record }, _args, context) => policyAccessOf(record.access, context),
    }),
    permissionGroups: t.field({
      type: [PermissionGroup],
      nullable: { list: false, items: false },
      description: 'What the policy is about. Comes with the policy.',
      resolve: ({ accountTag, record }, _args, context) =>
        (record.permission_groups ?? []).map((group) => {
          if (group.name === undefined && group.meta === undefined) {
            return createNode(permissionGroupKind, accountTag, { tag: group.id })
          }
          knownRecords(context, 'permission_groups', accountTag).set(group.id, group)
          return createNode(permissionGroupKind, accountTag, group)
        }),
    }),
    resourceGroups: t.field({
      type: [ResourceGroup],
      nullable: { list: false, items: false },
      description: 'What the policy applies to. Comes with the policy.',
      resolve: ({ accountTag, record }, _args, context) =>
        (record.resource_groups ?? []).map((group) => {
          if (group.scope === undefined && group.name === undefined) {
            return createNode(resourceGroupKind, accountTag, { tag: group.id })
          }
          knownRecords(context, 'resource_groups', accountTag).set(group.id, group)
          return createNode(resourceGroupKind, accountTag, group)
        }),
    }),
  }),
})

/** The policies of a record, as they came. */
export function policiesOf(accountTag: string, policies: readonly PolicyRecord[] | null | undefined): readonly PolicyShape[] {
  return (policies ?? []).map((record) => ({ accountTag, record }))
}
