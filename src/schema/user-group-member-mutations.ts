import type { RestClient } from '../cloudflare/client.ts'
import {
  addUserGroupMembers,
  removeUserGroupMember,
  setUserGroupMembers,
  type UserGroupMemberRecord,
} from '../cloudflare/user-group-members.ts'
import type { Context } from '../context.ts'
import type { FieldPricing } from '../cost/estimate.ts'
import { changeAccount } from '../loaders/request-cache.ts'
import { builder } from './builder.ts'
import { encodeGlobalId, type GlobalId } from './global-id.ts'
import { Member, memberKind } from './member.ts'
import { clientMutationId, definePayload, priceWrite, runMutation } from './mutation.ts'
import { identifyNode } from './node.ts'
import { showAfresh } from './object-payload.ts'
import { type InputCheck, type RefusalPlace, userError } from './user-errors.ts'
import { UserGroup, userGroupKind } from './user-group.ts'
import { MemberInGroup } from './user-group-member.ts'

// Ten of the upstream's largest pages; whatever is wrong with them fits one answer.
const maxMembers = 5_000

/** What an input names: members, by tag, each with its first place in the input. */
type Named = { readonly group: GlobalId; readonly members: ReadonlyMap<string, number> }

/**
 * A change of members; `rows` is the whole set after it, or nothing at all where the upstream answered
 * nothing (quirk 38).
 */
type Changed = Named & { readonly rows: readonly UserGroupMemberRecord[] }

const AddUserGroupMembersPayload = definePayload<Changed>('AddUserGroupMembersPayload')
const SetUserGroupMembersPayload = definePayload<Changed>('SetUserGroupMembersPayload')
const RemoveUserGroupMemberPayload = definePayload<Pick<Named, 'group'> & { readonly memberTag: string }>(
  'RemoveUserGroupMemberPayload',
)

const shown = { field: 'userGroup', type: UserGroup, kind: userGroupKind }
showAfresh(AddUserGroupMembersPayload, shown, ({ group }) => group)
showAfresh(SetUserGroupMembersPayload, shown, ({ group }) => group)
showAfresh(RemoveUserGroupMemberPayload, shown, ({ group }) => group)

const priceOfMembers: FieldPricing = ({ site, returnType, path }) => [
  { ...site, type: returnType, key: path, tag: undefined, count: Number.POSITIVE_INFINITY, hasRecord: false },
]

builder.objectField(AddUserGroupMembersPayload, 'members', (t) =>
  t.field({
    type: [Member],
    nullable: { list: true, items: false },
    description:
      'The members that the input named and that are in the user group now; null where nothing was done.',
    extensions: { price: priceOfMembers },
    resolve: ({ result }) => result && membersOf(result).filter(({ tag }) => result.members.has(tag)),
  }),
)

builder.objectField(SetUserGroupMembersPayload, 'members', (t) =>
  t.field({
    type: [Member],
    nullable: { list: true, items: false },
    description: 'The members that the user group has now; null where nothing was done.',
    extensions: { price: priceOfMembers },
    resolve: ({ result }) => result && membersOf(result),
  }),
)

builder.objectField(RemoveUserGroupMemberPayload, 'removedMemberId', (t) =>
  t.id({
    description: 'Global id of the member who was taken out; null where nobody was.',
    resolve: ({ result }) => result && encodeGlobalId('Member', result.group.accountTag, result.memberTag),
  }),
)

const AddUserGroupMembersInput = builder.inputType('AddUserGroupMembersInput', {
  description: 'Whom to add to a user group.',
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    userGroupId: t.id({ required: true, description: 'Global id.' }),
    memberIds: t.idList({ required: true, description: 'At least one; global ids, or bare tags.' }),
  }),
})

const SetUserGroupMembersInput = builder.inputType('SetUserGroupMembersInput', {
  description: 'Who shall be in a user group, and nobody else.',
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
  description: 'Whom to take out of a user group.',
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    userGroupId: t.id({ required: true, description: 'Global id.' }),
    memberId: t.id({ required: true, description: 'Global id, or the bare tag.' }),
  }),
})

const price = priceWrite({ type: 'UserGroup', idField: 'userGroupId' })

builder.mutationFields((t) => ({
  addUserGroupMembers: t.field({
    type: AddUserGroupMembersPayload,
    nullable: false,
    description: 'Adds members to a user group; one who is in it already stays. Costs 1 REST call.',
    args: { input: t.arg({ type: AddUserGroupMembersInput, required: true }) },
    ...withMembers(addUserGroupMembers, { mayBeNone: false }),
  }),
  setUserGroupMembers: t.field({
    type: SetUserGroupMembersPayload,
    nullable: false,
    description: "Makes the user group's members exactly these. Costs 1 REST call.",
    args: { input: t.arg({ type: SetUserGroupMembersInput, required: true }) },
    ...withMembers(setUserGroupMembers, { mayBeNone: true }),
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
        check: (check) => {
          const group = check.id(input.userGroupId, ['userGroupId'], { type: 'UserGroup' })
          const member = check.id(input.memberId, ['memberId'], {
            type: 'Member',
            accountTag: group?.accountTag ?? null,
          })
          return group && member && { group, memberTag: member.tag }
        },
        run: async ({ group, memberTag }) => {
          const { accountTag, tag } = group
          const write = () => removeUserGroupMember(context.rest, accountTag, tag, memberTag)
          await changeAccount(context, accountTag, write)
          return { result: { group, memberTag } }
        },
        refusal: () => ({
          fieldOf: (code, message) => {
            if (aboutMember.test(message)) return ['memberId']
            return code === 'NOT_FOUND' ? ['userGroupId'] : null
          },
          // 400 or 404 of one who is not in the group (quirk 40): for the caller both are the same.
          notFound: aboutMember,
        }),
      }),
  }),
}))

const aboutMember = /member|in user group/i

type WriteMembers = (
  rest: RestClient,
  accountTag: string,
  userGroupTag: string,
  memberTags: readonly string[],
) => Promise<readonly UserGroupMemberRecord[]>

type MembersInput = {
  readonly clientMutationId?: string | null | undefined
  readonly userGroupId: string
  readonly memberIds: readonly string[]
}

/** Price and resolver of a mutation that writes many members at once. */
function withMembers(write: WriteMembers, { mayBeNone }: { readonly mayBeNone: boolean }) {
  return {
    extensions: { price },
    resolve: (_root: object, { input }: { readonly input: MembersInput }, context: Context) =>
      runMutation({
        input,
        check: (check) => {
          const isNone = !mayBeNone && input.memberIds.length === 0
          if (isNone) check.add(['memberIds'], 'memberIds must name at least one member')
          return readMembers(input, check)
        },
        run: (named) => writeMembers(context, named, write),
        refusal: refusalOfMembers,
      }),
  }
}

function readMembers(input: MembersInput, check: InputCheck): Named | undefined {
  const group = check.id(input.userGroupId, ['userGroupId'], { type: 'UserGroup' })
  if (!check.atMost(maxMembers, input.memberIds, ['memberIds'])) return undefined
  const members = new Map<string, number>()
  for (const [place, id] of input.memberIds.entries()) {
    const tag = check.id(id, ['memberIds', place], {
      type: 'Member',
      accountTag: group?.accountTag ?? null,
    })?.tag
    if (tag !== undefined && !members.has(tag)) members.set(tag, place)
  }
  return group && { group, members }
}

async function writeMembers(context: Context, named: Named, write: WriteMembers) {
  const { group, members } = named
  const { accountTag, tag } = group
  const rows = await changeAccount(context, accountTag, () =>
    write(context.rest, accountTag, tag, [...members.keys()]),
  )
  // Whether a bad member fails the others is not certain (quirk 39): one who is missing was left out.
  const leftOut =
    rows.length === 0 ? [] : [...members].filter(([member]) => !rows.some(({ id }) => id === member))
  return {
    result: { ...named, rows },
    userErrors: leftOut.map(([, place]) =>
      userError('INVALID', 'the upstream left this member out', ['memberIds', place]),
    ),
  }
}

function refusalOfMembers({ members }: Named): RefusalPlace {
  return {
    fieldOf: (code, message) => {
      if (code === 'NOT_FOUND' && /user group/i.test(message)) return ['userGroupId']
      return /member|DSR/i.test(message) ? ['memberIds'] : null
    },
    // The upstream's body is the list itself, without what the input repeats.
    ofPointer: ([index]) => {
      const place = [...members.values()][Number(index)]
      return place === undefined ? ['memberIds'] : ['memberIds', String(place)]
    },
  }
}

function membersOf({ group: { accountTag, tag }, members, rows }: Changed) {
  if (rows.length > 0) return rows.map((row) => new MemberInGroup(accountTag, tag, row))
  return [...members.keys()].map((member) =>
    identifyNode(memberKind, { accountTag, tag: member, isUnpriced: true }),
  )
}
