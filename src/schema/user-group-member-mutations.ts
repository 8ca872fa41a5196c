import {
  addUserGroupMembers,
  removeUserGroupMember,
  setUserGroupMembers,
  type UserGroupMemberRecord,
} from '../cloudflare/user-group-members.ts'
import type { Context } from '../context.ts'
import type { RestClient } from '../cloudflare/client.ts'
import { forget } from '../loaders/request-cache.ts'
import { builder } from './builder.ts'
import { encodeGlobalId, type GlobalId } from './global-id.ts'
import { Member, memberInGroup, memberKind } from './member.ts'
import { clientMutationId, definePayload, priceWrite, runMutation } from './mutation.ts'
import { createNode, priceNode, resolveNode } from './node.ts'
import { UserGroup, userGroupKind } from './user-group.ts'
import type { InputCheck, RefusalPlace } from './user-errors.ts'

type Changed = {
  readonly group: GlobalId
  /** The members that the input named. */
  readonly memberTags: readonly string[]
  /** What the upstream answered: the whole set after the change, or nothing at all (quirk 38). */
  readonly rows: readonly UserGroupMemberRecord[]
}

const AddUserGroupMembersPayload = definePayload<Changed>('AddUserGroupMembersPayload')
const SetUserGroupMembersPayload = definePayload<Changed>('SetUserGroupMembersPayload')
const RemoveUserGroupMemberPayload = definePayload<Changed>('RemoveUserGroupMemberPayload')

for (const payload of [AddUserGroupMembersPayload, SetUserGroupMembersPayload, RemoveUserGroupMemberPayload]) {
  builder.objectField(payload, 'userGroup', (t) =>
    t.field({
      type: UserGroup,
      description: 'The user group, read afresh where more than its identity is selected; null where nothing was done.',
      extensions: {
        price: (field) => {
          const { accountTag, tag } = field.site
          return accountTag === undefined || tag === undefined ? [] : priceNode(userGroupKind, { accountTag, tag }, field)
        },
      },
      resolve: ({ result }, _args, context, info) =>
        result === undefined ? null : resolveNode(userGroupKind, result.group, context, info),
    }),
  )
}

for (const [payload, description] of [
  [AddUserGroupMembersPayload, 'The members that the input named.'],
  [SetUserGroupMembersPayload, 'The members that the user group has now.'],
] as const) {
  builder.objectField(payload, 'members', (t) =>
    t.field({
      type: [Member],
      nullable: { list: true, items: false },
      description,
      extensions: {
        price: ({ site, args: _, returnType, path }) => [
          { ...site, type: returnType, key: path, tag: undefined, count: Number.POSITIVE_INFINITY, hasRecord: false },
        ],
      },
      resolve: ({ result }) => (result === undefined ? null : membersOf(result)),
    }),
  )
}

builder.objectField(RemoveUserGroupMemberPayload, 'removedMemberId', (t) =>
  t.id({
    description: 'Global id of the member who was taken out; null where nobody was.',
    resolve: ({ result }) => {
      const [tag] = result?.memberTags ?? []
      return result === undefined || tag === undefined ? null : encodeGlobalId('Member', result.group.accountTag, tag)
    },
  }),
)

const AddUserGroupMembersInput = builder.inputType('AddUserGroupMembersInput', {
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    userGroupId: t.id({ required: true, description: 'Global id.' }),
    memberIds: t.idList({ required: true, description: 'At least one; global ids, or bare tags.' }),
  }),
})

const SetUserGroupMembersInput = builder.inputType('SetUserGroupMembersInput', {
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    userGroupId: t.id({ required: true, description: 'Global id.' }),
    memberIds: t.idList({
      required: true,
      description: 'Global ids, or bare tags. May be empty: then the user group has no members left.',
    }),
  }),
})

const RemoveUserGroupMemberInput = builder.inputType('RemoveUserGroupMemberInput', {
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    userGroupId: t.id({ required: true, description: 'Global id.' }),
    memberId: t.id({ required: true, description: 'Global id, or the bare tag.' }),
  }),
})

const refusal: RefusalPlace = {
  fieldOf: (code, message) =>
    code === 'NOT_FOUND' && /user group/i.test(message) ? ['userGroupId'] : /member|DSR/i.test(message) ? ['memberIds'] : null,
  ofPointer: (segments) => ['memberIds', ...segments.filter((segment) => /^\d+$/.test(segment))],
}

const price = priceWrite({ type: 'UserGroup', idField: 'userGroupId' })

builder.mutationFields((t) => ({
  addUserGroupMembers: t.field({
    type: AddUserGroupMembersPayload,
    nullable: false,
    description: 'Adds members to a user group; one who is in it already stays. All or none. Costs 1 REST call.',
    args: { input: t.arg({ type: AddUserGroupMembersInput, required: true }) },
    extensions: { price },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        refusal,
        check: (check) => {
          if (input.memberIds.length === 0) check.add(['memberIds'], 'memberIds must name at least one member')
          return readMembers(input, check)
        },
        run: (named) => writeMembers(context, named, addUserGroupMembers),
      }),
  }),
  setUserGroupMembers: t.field({
    type: SetUserGroupMembersPayload,
    nullable: false,
    description: "Makes the user group's members exactly these. All or none. Costs 1 REST call.",
    args: { input: t.arg({ type: SetUserGroupMembersInput, required: true }) },
    extensions: { price },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        refusal,
        check: (check) => readMembers(input, check),
        run: (named) => writeMembers(context, named, setUserGroupMembers),
      }),
  }),
  removeUserGroupMember: t.field({
    type: RemoveUserGroupMemberPayload,
    nullable: false,
    description: 'Takes one member out of a user group. Costs 1 REST call.',
    args: { input: t.arg({ type: RemoveUserGroupMemberInput, required: true }) },
    extensions: { price },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        // The upstream says 400 or 404 of one who is not in the group (quirk 40): for the caller both are the same.
        refusal: {
          fieldOf: (code, message) => (code === 'NOT_FOUND' && !/member|in user group/i.test(message) ? ['userGroupId'] : ['memberId']),
          notFound: /member|in user group/i,
        },
        check: (check) => {
          const group = check.id(input.userGroupId, ['userGroupId'], { type: 'UserGroup' })
          const member = check.id(input.memberId, ['memberId'], { type: 'Member', accountTag: group?.accountTag })
          return group && member && { group, memberTags: [member.tag] }
        },
        run: (named) =>
          writeMembers(context, named, async (rest, accountTag, groupTag, tags) => {
            for (const tag of tags) await removeUserGroupMember(rest, accountTag, groupTag, tag)
            return []
          }),
      }),
  }),
}))

type Named = { readonly group: GlobalId; readonly memberTags: readonly string[] }

function readMembers(
  input: { readonly userGroupId: string; readonly memberIds: readonly string[] },
  check: InputCheck,
): Named | undefined {
  const group = check.id(input.userGroupId, ['userGroupId'], { type: 'UserGroup' })
  const expected = { type: 'Member' as const, accountTag: group?.accountTag }
  const tags = input.memberIds.map((id, index) => check.id(id, ['memberIds', index], expected)?.tag)
  return group && { group, memberTags: [...new Set(tags)].filter((tag) => tag !== undefined) }
}

async function writeMembers(
  context: Context,
  { group, memberTags }: Named,
  write: (
    rest: RestClient,
    accountTag: string,
    groupTag: string,
    tags: readonly string[],
  ) => Promise<readonly UserGroupMemberRecord[]>,
): Promise<Changed> {
  const { accountTag, tag } = group
  try {
    return { group, memberTags, rows: await write(context.rest, accountTag, tag, memberTags) }
  } finally {
    forget(context, `${accountTag}/user_groups`, `${accountTag}/user_group_members`)
  }
}

function membersOf({ group: { accountTag, tag }, memberTags, rows }: Changed) {
  const byTag = new Map(rows.map((row) => [row.id, row]))
  return memberTags.map((memberTag) => {
    const row = byTag.get(memberTag)
    return row === undefined ? createNode(memberKind, accountTag, { tag: memberTag }) : memberInGroup(accountTag, tag, row)
  })
}
