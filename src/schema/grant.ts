import { type GraphQLResolveInfo, responsePathAsArray } from 'graphql'
import type { Part } from '../cloudflare/deferred-part.ts'
import type { PolicyRecord, UserGroupRecord } from '../cloudflare/user-groups.ts'
import type { Context } from '../context.ts'
import {
  describeGap,
  IncompleteAnswer,
  loadMembershipIndex,
  type MembershipIndex,
} from '../loaders/membership-index.ts'
import type { ConnectionArguments } from '../paging/window.ts'
import { builder } from './builder.ts'
import { connectionArgs, defineConnection } from './connection.ts'
import { encodeGlobalId } from './global-id.ts'
import { joinField } from './join-field.ts'
import { billMemberRecord, Member, type MemberNode, wholeRecord } from './member.ts'
import { createNode } from './node.ts'
import { pathOf } from './path-of.ts'
import { accessMatches, Policy, PolicyAccess, type PolicyShape, policiesOf } from './policy.ts'
import { UserGroup, UserGroupConnection, userGroupKind } from './user-group.ts'

/** A policy that reaches a member, and the user group that it comes through. */
type GrantShape = {
  readonly policy: PolicyShape
  readonly userGroup: UserGroupRecord | undefined
  /** Policy ids alone are not said to be unique. */
  readonly key: string
}

const Grant = builder.objectRef<GrantShape>('Grant').implement({
  description: 'A policy that reaches a member, and the way it takes.',
  fields: (t) => ({
    policy: t.field({
      type: Policy,
      nullable: false,
      description: 'What it allows or denies.',
      resolve: ({ policy }) => policy,
    }),
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

const userGroupsOfMember = joinField(
  (node: MemberNode, args: JoinArguments, context, info) => ({
    key: `${node.accountTag}/members/${node.tag}/user_groups`,
    keyOf: (group: UserGroupRecord) => group.id,
    load: async () => (await wholeIndex(node, args, context, info)).groupsOf(node.tag),
  }),
  (group, { accountTag }) => createNode(userGroupKind, accountTag, group),
)

const grantsOfMember = joinField(
  (node: MemberNode, args: JoinArguments, context, info) => ({
    key: `${node.accountTag}/members/${node.tag}/grants?access=${args.access ?? ''}`,
    keyOf: ({ key }: GrantShape) => key,
    load: async () => {
      const [record, index] = await Promise.all([
        wholeRecord(node, context, info, 'policies'),
        wholeIndex(node, args, context, info),
      ])
      const own = grantsThrough(undefined, node.accountTag, record?.policies)
      const others = index
        .groupsOf(node.tag)
        .flatMap((group) => grantsThrough(group, node.accountTag, group.policies))
      return [...own, ...others].filter(({ policy }) => accessMatches(policy.record, args.access, context))
    },
  }),
  (grant) => grant,
)

type JoinArguments = ConnectionArguments & {
  readonly access?: 'allow' | 'deny' | null | undefined
  readonly allowIncomplete?: boolean | null | undefined
}

function grantsThrough(
  userGroup: UserGroupRecord | undefined,
  accountTag: string,
  policies: Part<readonly PolicyRecord[]> | null | undefined,
): readonly GrantShape[] {
  return policiesOf(accountTag, policies).map((policy, index) => ({
    policy,
    userGroup,
    key: `${userGroup?.id ?? ''}/${policy.record.id ?? index}`,
  }))
}

builder.objectFields(Member, (t) => ({
  userGroups: t.field({
    type: UserGroupConnection,
    description:
      "The user groups that this member is in: a join that the REST API has no call for. Where a group's members cannot be read the answer would not be whole, so it is null with an error that names the group; with `allowIncomplete` the rest is given and `extensions.incomplete` names what is missing. Costs the list of user groups and one REST call for each of them, once a request however many members ask.",
    args: { ...connectionArgs(t.arg), allowIncomplete: t.arg.boolean(allowIncomplete) },
    ...userGroupsOfMember,
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
    ...grantsOfMember,
    extensions: {
      fromRecord: true,
      price: (field) => {
        billMemberRecord(field)
        return grantsOfMember.extensions.price(field)
      },
    },
  }),
}))

// An access review that silently misses a group is worse than none.
async function wholeIndex(
  node: MemberNode,
  args: JoinArguments,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<MembershipIndex> {
  const index = await loadMembershipIndex(context, node.accountTag, pathOf(info))
  const [first, ...others] = index.gaps
  if (first === undefined) return index
  if (args.allowIncomplete !== true) throw new IncompleteAnswer([first, ...others])
  const path = responsePathAsArray(info.path)
  for (const gap of index.gaps) {
    const missing = encodeGlobalId('UserGroup', node.accountTag, gap.userGroup.id)
    context.incomplete.push({ path, message: describeGap(gap), missing })
  }
  return index
}
