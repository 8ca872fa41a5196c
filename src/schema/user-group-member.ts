import { nullIfNotFound } from '../cloudflare/errors.ts'
import type { MemberRecord } from '../cloudflare/members.ts'
import { getUserGroupMember, type UserGroupMemberRecord } from '../cloudflare/user-group-members.ts'
import { userGroupMemberList } from '../loaders/lists.ts'
import { remember } from '../loaders/request-cache.ts'
import { builder, dateOf } from './builder.ts'
import { connectionArgs, defineConnection } from './connection.ts'
import { searchFilter } from './filter.ts'
import { listField } from './list-field.ts'
import { Member, type MemberNode } from './member.ts'
import { NodeObject } from './node.ts'
import { isDescending, SortDirection } from './sort-direction.ts'
import { UserGroup } from './user-group.ts'

/** A member as a user group's list shows it. */
export class MemberInGroup extends NodeObject<'Member', MemberRecord> implements MemberNode {
  readonly inGroup: NonNullable<MemberNode['inGroup']>

  constructor(accountTag: string, userGroupTag: string, row: UserGroupMemberRecord) {
    super('Member', { accountTag, tag: row.id }, undefined)
    this.inGroup = { userGroupTag, row }
  }
}

const { edge: UserGroupMemberEdge, connection: UserGroupMemberConnection } = defineConnection(
  'UserGroupMember',
  Member,
)

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
      if (!(node instanceof MemberInGroup)) return null
      const { accountTag, tag, inGroup } = node
      const key = `${accountTag}/user_group_members/${inGroup.userGroupTag}/${tag}#detail`
      const detail = await remember(context, key, () =>
        getUserGroupMember(context.rest, accountTag, inGroup.userGroupTag, tag),
      )
      return dateOf(detail?.created_at)
    },
  }),
)

const UserGroupMemberFilter = builder.inputType('UserGroupMemberFilter', {
  description: 'Which members of a user group to list.',
  fields: (t) => ({ emailContains: t.string({ description: 'A part of the e-mail address.' }) }),
})

const UserGroupMemberOrderField = builder.enumType('UserGroupMemberOrderField', {
  description: 'What the members of a user group can be sorted by.',
  values: { EMAIL: { description: 'The e-mail address.' } } as const,
})

const UserGroupMemberOrder = builder.inputType('UserGroupMemberOrder', {
  description: 'How to sort the members of a user group.',
  fields: (t) => ({
    field: t.field({ type: UserGroupMemberOrderField, required: true, description: 'By what.' }),
    direction: t.field({ type: SortDirection, required: true, description: 'Which way.' }),
  }),
})

const membersOfGroup = listField(
  ({ accountTag, tag }, { filter, orderBy }) =>
    userGroupMemberList(accountTag, tag, searchFilter(filter, ['emailContains']), isDescending(orderBy)),
  (row, { accountTag, tag }) => new MemberInGroup(accountTag, tag, row),
  ({ accountTag, tag }) => accountTag !== undefined && tag !== undefined,
)

builder.objectField(UserGroup, 'members', (t) =>
  t.field({
    type: UserGroupMemberConnection,
    description:
      'Who is in the user group, by e-mail address. Costs 1 REST call a user group for each 500 rows. Null without an error where the user group does not exist.',
    args: {
      ...connectionArgs(t.arg),
      filter: t.arg({ type: UserGroupMemberFilter, description: 'Only these.' }),
      orderBy: t.arg({
        type: UserGroupMemberOrder,
        description: 'By e-mail address, ascending, unless told otherwise.',
      }),
    },
    extensions: membersOfGroup.extensions,
    resolve: (...asked) => nullIfNotFound(membersOfGroup.resolve(...asked)),
  }),
)
