import type { GraphQLResolveInfo } from 'graphql'
import { readPart } from '../cloudflare/deferred-part.ts'
import { getMember, type MemberRecord, type RoleRecord } from '../cloudflare/members.ts'
import type { UserGroupMemberRecord } from '../cloudflare/user-group-members.ts'
import type { Context } from '../context.ts'
import type { FieldPricing, PricedField } from '../cost/estimate.ts'
import { memberList } from '../loaders/lists.ts'
import { loadDetail, type TaggedKind } from '../loaders/load-by-tag.ts'
import { Account, inAccount, tagOptions } from './account.ts'
import { builder, fromRecord } from './builder.ts'
import { connectionArgs, defineConnection } from './connection.ts'
import { listField } from './list-field.ts'
import { billRecords, createNode, Node, type NodeOf, nodeById, recordField, recordOf } from './node.ts'
import { pathOf } from './path-of.ts'
import { Policy, policiesOf } from './policy.ts'
import { upstreamEnum } from './upstream-enum.ts'

/**
 * A member; `inGroup` is the thin row of a user group's list that it came from, without user, roles and
 * policies (quirk 42).
 */
export type MemberNode = NodeOf<'Member', MemberRecord> & {
  readonly inGroup?: { readonly userGroupTag: string; readonly row: UserGroupMemberRecord }
}

const records: TaggedKind<MemberRecord> = {
  kind: 'members',
  list: (accountTag) => memberList(accountTag),
  get: getMember,
  namedIn: 'user_group_members',
}

/** How members are fetched. */
export const memberKind = { type: 'Member' as const, records }

const statuses = {
  ACCEPTED: { value: 'accepted', description: 'A member in full.' },
  PENDING: { value: 'pending', description: 'Invited, and has not answered.' },
  REJECTED: { value: 'rejected', description: 'Invited, and declined.' },
} as const
const MemberStatus = builder.enumType('MemberStatus', {
  description: 'What became of the invitation to the account.',
  values: statuses,
})
const memberStatusOf = upstreamEnum('MemberStatus', statuses)

type MemberUserRecord = NonNullable<MemberRecord['user']>

const MemberUser = builder.objectRef<MemberUserRecord>('MemberUser').implement({
  description: 'The person behind a membership.',
  fields: (t) => ({
    tag: t.id({
      description: "The user's identifier, which is not the membership's.",
      resolve: ({ id }) => id,
    }),
    email: t.string({
      description: 'The address that the user logs in with.',
      resolve: ({ email }) => email,
    }),
    firstName: t.string({ description: 'As the user gave it.', resolve: ({ first_name }) => first_name }),
    lastName: t.string({ description: 'As the user gave it.', resolve: ({ last_name }) => last_name }),
  }),
})

const AccountRole = builder.objectRef<RoleRecord>('AccountRole').implement({
  description: 'A role in the account, given to a member directly.',
  fields: (t) => ({
    tag: t.id({ ...tagOptions, resolve: ({ id }) => id }),
    name: t.string({ description: 'Such as `Billing`.', resolve: ({ name }) => name }),
    description: t.string({ description: 'What it lets one do.', resolve: ({ description }) => description }),
  }),
})

export const Member = builder.objectRef<MemberNode>('Member')

// What a group's member list does not carry comes from the account's members, in list pages where many are
// asked for.
const priceOfRecord: FieldPricing = (field) => {
  const { site, path, returnType } = field
  billMemberRecord(field)
  const key = `${site.key}.${path}`
  return [
    {
      ...site,
      type: returnType,
      key,
      count: Number.POSITIVE_INFINITY,
      tag: undefined,
      hasRecord: true,
      isLater: true,
    },
  ]
}
const fromMemberRecord = { extensions: { fromRecord: true, price: priceOfRecord } }

/** Bills fetching the record of members that came without it. */
export function billMemberRecord(field: PricedField): void {
  const { key, count, tag, accounts, hasRecord } = field.site
  const tags = tag === undefined ? { key, atMost: count } : [tag]
  if (!hasRecord) billRecords(memberKind, field, { accounts, tags })
}

Member.implement({
  description: 'A member of the account, who can be in any number of its user groups.',
  interfaces: [Node],
  fields: (t) => ({
    tag: t.exposeID('tag', {
      ...tagOptions,
      description: "Cloudflare's own identifier of the membership; the user's is `user.tag`.",
    }),
    account: t.field(inAccount),
    email: t.string({
      ...fromRecord,
      description: 'The address that was invited.',
      resolve: rowField(({ email }) => email),
    }),
    status: t.field({
      ...fromRecord,
      type: MemberStatus,
      description: 'Null where the upstream has a word for it that this API does not know.',
      resolve: rowField(({ status }, context) => memberStatusOf(status, context)),
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
      resolve: async (node, _args, context, info) =>
        readPart((await wholeRecord(node, context, info, 'roles'))?.roles),
    }),
    policies: t.field({
      ...fromMemberRecord,
      type: [Policy],
      nullable: { list: true, items: false },
      description:
        'The policies attached to the member directly; what comes through user groups is in `grants`.',
      resolve: async (node, _args, context, info) => {
        const record = await wholeRecord(node, context, info, 'policies')
        return record?.policies ? policiesOf(node.accountTag, record.policies) : null
      },
    }),
  }),
})

/** A resolver for what every list of members shows of them, that of a user group too. */
function rowField<Value>(read: (row: MemberRecord | UserGroupMemberRecord, context: Context) => Value) {
  const fromRecord = recordField(memberKind, read)
  return (
    node: MemberNode,
    args: object,
    context: Context,
    info: GraphQLResolveInfo,
  ): Value | null | Promise<Value | null> => {
    const row = node.record ?? node.inGroup?.row
    return row === undefined ? fromRecord(node, args, context, info) : read(row, context)
  }
}

/**
 * The member's record with a field that list rows may leave out (quirk 48): then each such member is asked
 * for itself.
 */
export async function wholeRecord(
  node: NodeOf<'Member', MemberRecord>,
  context: Context,
  info: GraphQLResolveInfo,
  field: 'roles' | 'policies',
): Promise<MemberRecord | null> {
  const record = await recordOf(memberKind, node, context, info)
  if (record === null || (record[field] ?? null) !== null) return record
  const { accountTag, tag } = node
  return loadDetail(context, records, { accountTag, tag, path: pathOf(info) })
}

export const { connection: MemberConnection } = defineConnection('Member', Member)

const MemberFilter = builder.inputType('MemberFilter', {
  description: 'Which members to list.',
  fields: (t) => ({ status: t.field({ type: MemberStatus, description: 'Exact status.' }) }),
})

function statusIn(filter: unknown) {
  const status =
    typeof filter === 'object' && filter !== null && 'status' in filter ? filter.status : undefined
  return Object.values(statuses).find(({ value }) => value === status)?.value
}

builder.objectFields(Account, (t) => ({
  member: t.field({
    type: Member,
    description:
      'A member of the account; null where there is none. Costs 1 REST call where more than its identity is selected.',
    args: { id: t.arg.id({ required: true, description: 'Global id, or the bare tag of the membership.' }) },
    ...nodeById(memberKind),
  }),
  members: t.field({
    type: MemberConnection,
    description:
      'Everyone in the account: whom a user group can take in. By e-mail address; costs 1 REST call for each 50 rows.',
    args: { ...connectionArgs(t.arg), filter: t.arg({ type: MemberFilter, description: 'Only these.' }) },
    ...listField(
      ({ accountTag }, { filter }) => memberList(accountTag, { status: statusIn(filter) }),
      (row, { accountTag }) => createNode(memberKind, accountTag, row),
    ),
  }),
}))
