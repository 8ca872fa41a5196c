import { type Part, readPart } from '../cloudflare/deferred-part.ts'
import type { PolicyRecord } from '../cloudflare/user-groups.ts'
import type { Context } from '../context.ts'
import { knownRecords } from '../loaders/records.ts'
import { builder } from './builder.ts'
import type { NodeType } from './global-id.ts'
import { createNode, identifyNode, type NodeKind, type NodeOf } from './node.ts'
import { PermissionGroup, permissionGroupKind } from './permission-group.ts'
import { ResourceGroup, resourceGroupKind } from './resource-group.ts'
import { upstreamEnum } from './upstream-enum.ts'

const accesses = {
  ALLOW: { value: 'allow', description: 'Whoever it reaches may do them.' },
  DENY: {
    value: 'deny',
    description: 'Whoever it reaches may not. Published, but refused by the upstream on user groups so far.',
  },
} as const

export const PolicyAccess = builder.enumType('PolicyAccess', {
  description: 'What a policy does with the operations that it names.',
  values: accesses,
})

const policyAccessOf = upstreamEnum('PolicyAccess', accesses)

/** Whether a policy's access is the one that was asked for; none asked for means any. */
export function accessMatches(
  { access }: PolicyRecord,
  asked: 'allow' | 'deny' | null | undefined,
  context: Context,
): boolean {
  return asked === null || asked === undefined || policyAccessOf(access, context) === asked
}

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
      description: 'Null where the upstream has a word for it that this API does not know.',
      resolve: ({ record }, _args, context) => policyAccessOf(record.access, context),
    }),
    permissionGroups: t.field({
      type: [PermissionGroup],
      nullable: { list: false, items: false },
      description: 'What the policy is about. Comes with the policy.',
      resolve: ({ accountTag, record }, _args, context) =>
        embedded(permissionGroupKind, record.permission_groups, {
          accountTag,
          context,
          isThin: ({ name, meta }) => name === undefined && meta === undefined,
        }),
    }),
    resourceGroups: t.field({
      type: [ResourceGroup],
      nullable: { list: false, items: false },
      description: 'What the policy applies to. Comes with the policy.',
      resolve: ({ accountTag, record }, _args, context) =>
        embedded(resourceGroupKind, record.resource_groups, {
          accountTag,
          context,
          isThin: ({ name, scope }) => name === undefined && scope === undefined,
        }),
    }),
  }),
})

// What came whole is known to the request from now on; what came as a mere id is fetched where more is asked
// of it.
function embedded<Type extends NodeType, Row extends { readonly id: string }>(
  kind: NodeKind<Type, Row>,
  groups: readonly Row[] | null | undefined,
  {
    accountTag,
    isThin,
    context,
  }: {
    readonly accountTag: string
    readonly isThin: (group: Row) => boolean
    readonly context: Context
  },
): readonly NodeOf<Type, Row>[] {
  if (groups === null || groups === undefined) return []
  const known = knownRecords<Row>(context, kind.records.kind, accountTag)
  known.add(groups.some(isThin) ? groups.filter((group) => !isThin(group)) : groups)
  return groups.map((group) =>
    isThin(group)
      ? identifyNode(kind, { accountTag, tag: group.id, isUnpriced: true })
      : createNode(kind, accountTag, group),
  )
}

/** The policies of a record, as they came. */
export function policiesOf(
  accountTag: string,
  policies: Part<readonly PolicyRecord[]> | null | undefined,
): readonly PolicyShape[] {
  return (readPart(policies) ?? []).map((record) => ({ accountTag, record }))
}
