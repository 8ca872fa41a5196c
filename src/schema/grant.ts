import type { GraphQLResolveInfo } from 'graphql'
import { memberPages } from '../cloudflare/members.ts'
import type { UserGroupRecord } from '../cloudflare/user-groups.ts'
import type { Context } from '../context.ts'
import type { PricedField } from '../cost/estimate.ts'
import {
  describeGap,
  IncompleteAnswer,
  loadMembershipIndex,
  type MembershipIndex,
} from '../loaders/membership-index.ts'
import { builder } from './builder.ts'
import { connectionArgs, connectJoin, defineConnection, priceJoin } from './connection.ts'
import { encodeGlobalId } from './global-id.ts'
import { Member, type MemberNode, wholeRecord } from './member.ts'
import { createNode } from './node.ts'
import { pathOf } from './path-of.ts'
import { Policy, PolicyAccess, type PolicyShape } from './policy.ts'
import { accessMatches, UserGroup, UserGroupConnection, userGroupKind } from './user-group.ts'

/** A policy that reaches a member, and the user group that it comes through. */
type GrantShape = { readonly policy: PolicyShape; readonly userGroup: UserGroupRecord | undefined; readonly index: number }

const Grant = builder.objectRef<GrantShape>('Grant').implement({
  description: 'A policy that reaches a member, and the way it takes.',
  fields: (t) => ({
    policy: t.field({ type: Policy, nullable: false, resolve: ({ policy }) => policy }),
    userGroup: t.field({
      type: UserGroup,
      description: "The user group that it comes through; null where the policy is the member's own.",
      resolve: ({ policy, userGroup }) =>
        userGroup === undefined ? null : createNode(userGroupKind, policy.accountTag, userGroup),
    }),
  }),
})

const { connection: GrantConnection } = defineConnection('Grant', Grant)

const allowIncomplete = {
  defaultValue: false,
  description: 'Give what could be read, and say in `extensions.incomplete` what is missing.',
} as const

const priceOfIndex = (field: PricedField) =>
  priceJoin(field, `${field.site.accountTag ?? field.site.key}/user_group_members*`)

builder.objectFields(Member, (t) => ({
  userGroups: t.field({
    type: UserGroupConnection,
    description:
      "The user groups that this member is in: a join that the REST API has no call for. Where a group's members cannot be read the answer would not be whole, so it is null with an error that names the group; with `allowIncomplete` the rest is given and `extensions.incomplete` names what is missing. Costs the list of user groups and one REST call for each of them, once a request however many members ask.",
    args: { ...connectionArgs(t.arg), allowIncomplete: t.arg.boolean(allowIncomplete) },
    extensions: { price: priceOfIndex },
    resolve: (node, args, context, info) =>
      connectJoin(
        { args, info },
        {
          key: `${node.accountTag}/members/${node.tag}/user_groups`,
          keyOf: (group) => group.id,
          load: async () => (await wholeIndex(node, args, context, info)).groupsOf(node.tag),
        },
        (group) => createNode(userGroupKind, node.accountTag, group),
      ),
  }),
  grants: t.field({
    type: GrantConnection,
    description:
      'Every policy that reaches this member, its own and those of its user groups: what this person may do, and why. A join that the REST API has no call for. Costs the list of user groups and one REST call for each of them, once a request however many members ask.',
    args: {
      ...connectionArgs(t.arg),
      access: t.arg({ type: PolicyAccess, description: 'Only policies of this kind.' }),
      allowIncomplete: t.arg.boolean(allowIncomplete),
    },
    extensions: {
      fromRecord: true,
      price: (field) => {
        const { site, bill, path } = field
        const list = `${site.scope}members/${site.accountTag ?? site.key}`
        const tags = site.tag === undefined ? { rows: site.key, atMost: site.count } : [site.tag]
        if (!site.hasRecord) bill.addTags({ list, path, sizes: memberPages, tags })
        return priceOfIndex(field)
      },
    },
    resolve: (node, args, context, info) =>
      connectJoin(
        { args, info },
        {
          key: `${node.accountTag}/members/${node.tag}/grants?access=${args.access ?? ''}`,
          keyOf: ({ policy, userGroup, index }) => policy.record.id ?? `${userGroup?.id ?? ''}/${index}`,
          load: async () => {
            const [record, index] = await Promise.all([
              wholeRecord(node, context, info, 'policies'),
              wholeIndex(node, args, context, info),
            ])
            const holders = [undefined, ...index.groupsOf(node.tag)]
            return holders
              .flatMap((userGroup) =>
                ((userGroup ?? record)?.policies ?? []).map((policy, position) => ({
                  policy: { accountTag: node.accountTag, record: policy },
                  userGroup,
                  index: position,
                })),
              )
              .filter(({ policy }) => accessMatches(policy.record.access, args.access, context))
          },
        },
        (grant) => grant,
      ),
  }),
}))

// An access review that silently misses a group is worse than none.
async function wholeIndex(
  node: MemberNode,
  args: { readonly allowIncomplete?: boolean | null | undefined },
  context: Context,
  info: GraphQLResolveInfo,
): Promise<MembershipIndex> {
  const index = await loadMembershipIndex(context, node.accountTag, pathOf(info))
  const [first, ...others] = index.gaps
  if (first === undefined) return index
  if (args.allowIncomplete !== true) throw new IncompleteAnswer([first, ...others])
  const path = responsePath(info)
  for (const gap of index.gaps) {
    const missing = encodeGlobalId('UserGroup', node.accountTag, gap.userGroup.id)
    context.incomplete.push({ path, message: describeGap(gap), missing })
  }
  return index
}

function responsePath(info: GraphQLResolveInfo): readonly (string | number)[] {
  const keys: (string | number)[] = []
  for (let path: GraphQLResolveInfo['path'] | undefined = info.path; path !== undefined; path = path.prev) keys.unshift(path.key)
  return keys
}
