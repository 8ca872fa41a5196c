import type { GraphQLResolveInfo } from 'graphql'
import { nullIfNotFound } from '../cloudflare/errors.ts'
import { getMember, type MemberRecord, memberPages, type RoleRecord } from '../cloudflare/members.ts'
import { getUserGroupMember, type UserGroupMemberRecord } from '../cloudflare/user-group-members.ts'
import type { Context } from '../context.ts'
import type { FieldPricing } from '../cost/estimate.ts'
import type { TaggedKind } from '../loaders/load-by-tag.ts'
import { memberList, userGroupMemberList } from '../loaders/lists.ts'
import { remember } from '../loaders/request-cache.ts'
import { Account, accountOf } from './account.ts'
import { builder, dateOf, fromRecord } from './builder.ts'
import { connectionArgs, connectList, defineConnection, priceList } from './connection.ts'
import { searchFilter } from './filter.ts'
import { idArgument } from './global-id.ts'
import { createNode, globalIdOf, Node, type NodeOf, priceNode, recordOf, resolveNode } from './node.ts'
import { Policy, policiesOf } from './policy.ts'
import { isDescending, SortDirection } from './sort-direction.ts'
import { upstreamEnum } from './upstream-enum.ts'
import { UserGroup } from './user-group.ts'

/** A member; `inGroup` is the thin row of a user group's list that it came from, without user, roles and policies (quirk 42). */
export type MemberNode = NodeOf<'Member', MemberRecord> & {
  readonly inGroup?: { readonly userGroupTag: string; readonly row: UserGroupMemberRecord }
}

const records: TaggedKind<MemberRecord> = { list: (accountTag) => memberList(accountTag), get: getMember }

/** How members are fetched. */
export const memberKind = { type: 'Member' as const, records }

export const MemberStatus = builder.enumType('MemberStatus', {
  values: {
    ACCEPTED: {},
    PENDING: { description: 'Invited, and has not answered.' },
    REJECTED: { description: 'Invited, and declined.' },
  } as const,
})
const memberStatusOf = upstreamEnum('MemberStatus', ['ACCEPTED', 'PENDING', 'REJECTED'] as const)

type MemberUserRecord = NonNullable<MemberRecord['user']>

const MemberUser = builder.objectRef<MemberUserRecord>('MemberUser').implement({
  description: 'The person behind a membership.',
  fields: (t) => ({
    tag: t.id({ description: "The user's identifier, which is not the membership's.", resolve: ({ id }) => id }),
    email: t.string({ resolve: ({ email }) => email }),
    firstName: t.string({ resolve: ({ first_name }) => first_name }),
    lastName: t.string({ resolve: ({ last_name }) => last_name }),
  }),
})

const AccountRole = builder.objectRef<RoleRecord>('AccountRole').implement({
  description: 'A role in the account, given to a member directly.',
  fields: (t) => ({
    tag: t.id({ nullable: false, resolve: ({ id }) => id }),
    name: t.string({ resolve: ({ name }) => name }),
    description: t.string({ resolve: ({ description }) => description }),
  }),
})

export const Member = builder.objectRef<MemberNode>('Member')

// What a group's member list does not carry comes from the account's members, in list pages where many are asked for.
const priceOfRecord: FieldPricing = ({ site, bill, path, returnType }) => {
  const here = { ...site, type: returnType, key: `${site.key}.${path}`, count: Number.POSITIVE_INFINITY, hasRecord: true }
  if (site.hasRecord) return [here]
  const list = `${site.scope}members/${site.accountTag ?? site.key}`
  const tags = site.tag === undefined ? { rows: site.key, atMost: site.count } : [site.tag]
  bill.addTags({ list, path, sizes: memberPages, tags })
  return [here]
}
const fromMemberRecord = { extensions: { fromRecord: true, price: priceOfRecord } }

Member.implement({
  description: 'A member of the account, who can be in any number of its user groups.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ nullable: false, resolve: globalIdOf }),
    tag: t.exposeID('tag', {
      nullable: false,
      description: "Cloudflare's own identifier of the membership; the user's is `user.tag`.",
    }),
    account: t.field({ type: Account, nullable: false, resolve: ({ accountTag }) => accountOf(accountTag) }),
    email: t.string({ ...fromRecord, resolve: (node, _args, context, info) => thinOr(node, context, info, (row) => row.email) }),
    status: t.field({
      ...fromRecord,
      type: MemberStatus,
      resolve: (node, _args, context, info) =>
        thinOr(node, context, info, (row) => memberStatusOf(row.status, context)),
    }),
    user: t.field({
      ...fromMemberRecord,
      type: MemberUser,
      description: 'The person behind the membership; may be null before the invitation is accepted.',
      resolve: async (node, _args, context, info) => (await recordOf(memberKind, node, context, info))?.user,
    }),
    roles: t.field({
      ...fromMemberRecord,
      type: [AccountRole],
      nullable: { list: true, items: false },
      description: 'The account roles that the member holds directly.',
      resolve: async (node, _args, context, info) => (await wholeRecord(node, context, info, 'roles'))?.roles,
    }),
    policies: t.field({
      ...fromMemberRecord,
      type: [Policy],
      nullable: { list: true, items: false },
      description: 'The policies attached to the member directly; what comes through user groups is in `grants`.',
      resolve: async (node, _args, context, info) => {
        const record = await wholeRecord(node, context, info, 'policies')
        return record?.policies ? policiesOf(node.accountTag, record.policies) : null
      },
    }),
  }),
})

function thinOr<Value>(
  node: MemberNode,
  context: Context,
  info: GraphQLResolveInfo,
  read: (row: Pick<MemberRecord, 'email' | 'status'>) => Value,
): Value | null | Promise<Value | null> {
  const known = node.record ?? node.inGroup?.row
  if (known !== undefined) return read(known)
  return Promise.resolve(recordOf(memberKind, node, context, info)).then((record) => record && read(record))
}

/** The member's record with a field that list rows may leave out (quirk 48): then the member itself is asked. */
export async function wholeRecord(
  node: NodeOf<'Member', MemberRecord>,
  context: Context,
  info: GraphQLResolveInfo,
  field: 'roles' | 'policies',
): Promise<MemberRecord | null> {
  const record = await recordOf(memberKind, node, context, info)
  if (record === null || record[field] !== undefined) return record
  const { accountTag, tag } = node
  return remember(context, `${accountTag}/members/${tag}#detail`, () => getMember(context.rest, accountTag, tag))
}

export const { connection: MemberConnection } = defineConnection('Member', Member)
const { edge: UserGroupMemberEdge, connection: UserGroupMemberConnection } = defineConnection('UserGroupMember', Member)

builder.objectField(UserGroupMemberEdge, 'addedOn', (t) =>
  t.field({
    type: 'DateTime',
    description: 'When the member was added to this user group; costs a REST call an edge.',
    extensions: {
      price: ({ site, bill, path }) => {
        bill.addCalls(`${site.scope}${site.key}.addedOn`, path, site.count)
        return []
      },
    },
    resolve: async ({ node }, _args, context) => {
      if (!isInGroup(node)) return null
      const { accountTag, tag, inGroup } = node
      const key = `${accountTag}/user_group_members/${inGroup.userGroupTag}/${tag}#detail`
      const detail = await remember(context, key, () =>
        getUserGroupMember(context.rest, accountTag, inGroup.userGroupTag, tag),
      )
      return dateOf(detail?.created_at)
    },
  }),
)

function isInGroup(node: unknown): node is MemberNode & Required<Pick<MemberNode, 'inGroup'>> {
  return typeof node === 'object' && node !== null && 'inGroup' in node
}

/** A member as a user group's list shows it. */
export function memberInGroup(accountTag: string, userGroupTag: string, row: UserGroupMemberRecord): MemberNode {
  return { ...createNode(memberKind, accountTag, { tag: row.id }), inGroup: { userGroupTag, row } }
}

const MemberFilter = builder.inputType('MemberFilter', {
  description: 'Which members to list.',
  fields: (t) => ({ status: t.field({ type: MemberStatus }) }),
})

const accountMembers = (accountTag: string, filter: unknown) => {
  const status = typeof filter === 'object' && filter !== null && 'status' in filter ? filter.status : undefined
  const raw = status === 'ACCEPTED' ? 'accepted' : status === 'PENDING' ? 'pending' : status === 'REJECTED' ? 'rejected' : undefined
  return memberList(accountTag, { status: raw })
}

builder.objectFields(Account, (t) => ({
  member: t.field({
    type: Member,
    description: 'A member of the account. Costs 1 REST call where more than its identity is selected.',
    args: { id: t.arg.id({ required: true, description: 'Global id, or the bare tag of the membership.' }) },
    extensions: {
      price: (field) => {
        const expected = { type: 'Member' as const, accountTag: field.site.accountTag }
        return priceNode(memberKind, idArgument(String(field.args['id']), 'id', expected), field)
      },
    },
    resolve: ({ accountTag }, { id }, context, info) =>
      resolveNode(memberKind, idArgument(id, 'id', { type: 'Member', accountTag }), context, info),
  }),
  members: t.field({
    type: MemberConnection,
    description:
      'Everyone in the account: whom a user group can take in. By e-mail address; costs 1 REST call for each 50 rows.',
    args: { ...connectionArgs(t.arg), filter: t.arg({ type: MemberFilter }) },
    extensions: {
      price: (field) =>
        priceList(field, accountMembers(field.site.accountTag ?? '', field.args['filter']), field.site.accountTag !== undefined),
    },
    resolve: ({ accountTag }, args, context, info) =>
      connectList({ args, context, info }, accountMembers(accountTag, args.filter), (row) =>
        createNode(memberKind, accountTag, row),
      ),
  }),
}))

const UserGroupMemberFilter = builder.inputType('UserGroupMemberFilter', {
  description: 'Which members of a user group to list.',
  fields: (t) => ({ emailContains: t.string({ description: 'A part of the e-mail address.' }) }),
})

const UserGroupMemberOrderField = builder.enumType('UserGroupMemberOrderField', { values: ['EMAIL'] as const })

const UserGroupMemberOrder = builder.inputType('UserGroupMemberOrder', {
  fields: (t) => ({
    field: t.field({ type: UserGroupMemberOrderField, required: true }),
    direction: t.field({ type: SortDirection, required: true }),
  }),
})

const groupMembers = (
  accountTag: string,
  userGroupTag: string,
  args: { readonly filter?: unknown; readonly orderBy?: unknown },
) => userGroupMemberList(accountTag, userGroupTag, searchFilter(args.filter, ['emailContains']), isDescending(args.orderBy))

builder.objectField(UserGroup, 'members', (t) =>
  t.field({
    type: UserGroupMemberConnection,
    description:
      'Who is in the user group, by e-mail address. Costs 1 REST call a user group for each 500 rows. Null without an error where the user group does not exist.',
    args: {
      ...connectionArgs(t.arg),
      filter: t.arg({ type: UserGroupMemberFilter }),
      orderBy: t.arg({ type: UserGroupMemberOrder, description: 'By e-mail address, ascending, unless told otherwise.' }),
    },
    extensions: {
      price: (field) => {
        const { accountTag, tag } = field.site
        const isKnown = accountTag !== undefined && tag !== undefined
        return priceList(field, groupMembers(accountTag ?? '', tag ?? '', field.args), isKnown)
      },
    },
    resolve: ({ accountTag, tag }, args, context, info) =>
      nullIfNotFound(
        connectList({ args, context, info }, groupMembers(accountTag, tag, args), (row) =>
          memberInGroup(accountTag, tag, row),
        ),
      ),
  }),
)
