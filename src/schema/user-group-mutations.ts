import { readPart } from '../cloudflare/deferred-part.ts'
import {
  createUserGroup,
  deleteUserGroup,
  getUserGroup,
  type PolicyBody,
  type UserGroupRecord,
  updateUserGroup,
} from '../cloudflare/user-groups.ts'
import type { Context } from '../context.ts'
import { changeAccount } from '../loaders/request-cache.ts'
import { builder, dateOf } from './builder.ts'
import type { GlobalId } from './global-id.ts'
import { defineIdInput, withObject } from './id-mutation.ts'
import { clientMutationId, type Outcome, priceWrite, runMutation } from './mutation.ts'
import { defineDeletedPayload, defineObjectPayload, type Written } from './object-payload.ts'
import { PolicyAccess } from './policy.ts'
import { type InputCheck, type RefusalPlace, userError } from './user-errors.ts'
import { UserGroup, userGroupKind } from './user-group.ts'

const PolicyInput = builder.inputType('PolicyInput', {
  description:
    'A policy as it shall be. Policies have no identity of their own to keep: an update gives them fresh tags.',
  fields: (t) => ({
    access: t.field({ type: PolicyAccess, required: true, description: 'What it does with what it names.' }),
    permissionGroupIds: t.idList({ required: true, description: 'At least one; global ids, or bare tags.' }),
    resourceGroupIds: t.idList({ required: true, description: 'At least one; global ids, or bare tags.' }),
  }),
})

const shown = { field: 'userGroup', type: UserGroup, kind: userGroupKind }
const CreateUserGroupPayload = defineObjectPayload('CreateUserGroupPayload', shown)
const UpdateUserGroupPayload = defineObjectPayload('UpdateUserGroupPayload', shown)
const DeleteUserGroupPayload = defineDeletedPayload('DeleteUserGroupPayload', 'deletedUserGroupId')

const CreateUserGroupInput = builder.inputType('CreateUserGroupInput', {
  description: 'A user group as it shall be; members are added to it later.',
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    accountId: t.id({ required: true, description: 'Global id, or the bare tag.' }),
    name: t.string({ required: true, description: 'Unique in the account.' }),
    policies: t.field({ type: [PolicyInput], description: 'None where omitted.' }),
  }),
})

const UpdateUserGroupInput = builder.inputType('UpdateUserGroupInput', {
  description: 'What to change of a user group: its name, its policies or both.',
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    id: t.id({ required: true, description: 'Global id.' }),
    name: t.string({ description: 'Left as it is where omitted or null.' }),
    policies: t.field({
      type: [PolicyInput],
      description: 'The whole set as it shall be, empty for none; left as it is where omitted or null.',
    }),
    ifModifiedOn: t.field({
      type: 'DateTime',
      description:
        "Refuse with CONFLICT, changing nothing, where the user group's `modifiedOn` is not this any more.",
    }),
  }),
})

const DeleteUserGroupInput = defineIdInput('DeleteUserGroupInput', 'The user group to delete.')

builder.mutationFields((t) => ({
  createUserGroup: t.field({
    type: CreateUserGroupPayload,
    nullable: false,
    description: 'Makes a user group. Costs 1 REST call.',
    args: { input: t.arg({ type: CreateUserGroupInput, required: true }) },
    extensions: { price: priceWrite({ type: 'Account', idField: 'accountId' }) },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        check: (check) => {
          const account = check.id(input.accountId, ['accountId'], { type: 'Account' })
          check.notBlank(input.name, ['name'])
          const policies = readPolicies(input.policies ?? [], account?.accountTag ?? null, check)
          return account && { accountTag: account.accountTag, policies }
        },
        run: async ({ accountTag, policies }) => {
          const body = { name: input.name, policies }
          const write = () => createUserGroup(context.rest, accountTag, body)
          return { result: { accountTag, record: await changeAccount(context, accountTag, write) } }
        },
        refusal: ({ policies }) => refusalOn('accountId', input.policies ?? [], policies),
      }),
  }),
  updateUserGroup: t.field({
    type: UpdateUserGroupPayload,
    nullable: false,
    description:
      'Changes only what the input names. `policies`, where given, replaces the whole set. Costs 2 REST calls, 1 where the input names everything: the upstream replaces, so the rest is read and written again.',
    args: { input: t.arg({ type: UpdateUserGroupInput, required: true }) },
    extensions: {
      price: priceWrite({ type: 'UserGroup', idField: 'id' }, ({ name, policies, ifModifiedOn }) =>
        name && policies && !ifModifiedOn ? 1 : 2,
      ),
    },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        check: (check) => {
          const id = check.id(input.id, ['id'], { type: 'UserGroup' })
          const name = input.name ?? undefined
          if (name !== undefined) check.notBlank(name, ['name'])
          const policies = input.policies
            ? readPolicies(input.policies, id?.accountTag ?? null, check)
            : undefined
          if (name === undefined && policies === undefined) {
            check.add(null, 'name what to change: name, policies or both')
          }
          return id && { id, name, policies, ifModifiedOn: input.ifModifiedOn ?? undefined }
        },
        run: (change) => updateOne(context, change),
        refusal: ({ policies }) => refusalOn('id', input.policies ?? [], policies ?? []),
      }),
  }),
  deleteUserGroup: t.field({
    type: DeleteUserGroupPayload,
    nullable: false,
    description: 'Deletes a user group and its memberships, not its members. Costs 1 REST call.',
    args: { input: t.arg({ type: DeleteUserGroupInput, required: true }) },
    ...withObject('UserGroup', deleteUserGroup),
  }),
}))

type PolicyInputShape = {
  readonly access: PolicyBody['access']
  readonly permissionGroupIds: readonly string[]
  readonly resourceGroupIds: readonly string[]
}

// Of policies, and of the groups that one of them names.
const maxNamed = 500

// Without a readable account the ids are still checked for what they are on their own.
function readPolicies(
  policies: readonly PolicyInputShape[],
  accountTag: string | null,
  check: InputCheck,
): readonly PolicyBody[] {
  if (!check.atMost(maxNamed, policies, ['policies'])) return []
  return policies.map((policy, index) => {
    const idsOf = (
      name: 'permissionGroupIds' | 'resourceGroupIds',
      type: 'PermissionGroup' | 'ResourceGroup',
    ) => {
      const path = ['policies', index, name]
      if (policy[name].length === 0) check.add(path, `${path.join('.')} must name at least one`)
      if (!check.atMost(maxNamed, policy[name], path)) return []
      const tags = policy[name].map((id, place) => check.id(id, [...path, place], { type, accountTag })?.tag)
      return [...new Set(tags)].filter((tag) => tag !== undefined).map((id) => ({ id }))
    }
    return {
      access: policy.access,
      permission_groups: idsOf('permissionGroupIds', 'PermissionGroup'),
      resource_groups: idsOf('resourceGroupIds', 'ResourceGroup'),
    }
  })
}

function refusalOn(
  idField: 'id' | 'accountId',
  asked: readonly PolicyInputShape[],
  sent: readonly PolicyBody[],
): RefusalPlace {
  return {
    fieldOf: (code, message) => {
      if (code === 'CONFLICT') return ['name']
      if (/polic|permission group|resource group/i.test(message)) return ['policies']
      return code === 'NOT_FOUND' ? [idField] : null
    },
    ofPointer: ([field = '', index, part, place]) => {
      if (field !== 'policies' || index === undefined || part === undefined) return [field]
      if (part !== 'permission_groups' && part !== 'resource_groups') return [field, index, part]
      const ids = part === 'permission_groups' ? 'permissionGroupIds' : 'resourceGroupIds'
      // Ids that the input repeats were sent once: the places behind them do not match.
      const isSame = sent[Number(index)]?.[part].length === asked[Number(index)]?.[ids].length
      return [field, index, ids, ...(isSame && place !== undefined ? [place] : [])]
    },
  }
}

type Change = {
  readonly id: GlobalId
  readonly name: string | undefined
  readonly policies: readonly PolicyBody[] | undefined
  readonly ifModifiedOn: Date | undefined
}

async function updateOne(context: Context, change: Change): Promise<Outcome<Written<UserGroupRecord>>> {
  const { rest } = context
  const { accountTag, tag } = change.id
  let { name, policies } = change
  if (name === undefined || policies === undefined || change.ifModifiedOn !== undefined) {
    const before = await getUserGroup(rest, accountTag, tag)
    if (before === null) return { userErrors: [userError('NOT_FOUND', 'no such user group', ['id'])] }
    if (change.ifModifiedOn !== undefined && !isSameMoment(before.modified_on, change.ifModifiedOn)) {
      const reason = `it was modified on ${before.modified_on}: read it again and decide anew`
      return { userErrors: [userError('CONFLICT', reason, ['ifModifiedOn'])] }
    }
    name ??= before.name
    policies ??= keptPolicies(before)
  }
  if (policies === undefined) {
    const reason = 'its present policies cannot be written back unchanged: give policies too'
    return { userErrors: [userError('CONFLICT', reason, null)] }
  }
  const body = { name, policies }
  const write = () => updateUserGroup(rest, accountTag, tag, body)
  return { result: { accountTag, tag, record: await changeAccount(context, accountTag, write) } }
}

function isSameMoment(timestamp: string, moment: Date): boolean {
  return dateOf(timestamp)?.getTime() === moment.getTime()
}

// The policies as they were read, without their ids (quirk 30); undefined where writing them back would
// change them.
function keptPolicies(before: UserGroupRecord): readonly PolicyBody[] | undefined {
  // Left out is not the same as none.
  if (before.policies === undefined) return undefined
  const kept: PolicyBody[] = []
  for (const { access, permission_groups, resource_groups } of readPart(before.policies) ?? []) {
    if ((access !== 'allow' && access !== 'deny') || !permission_groups || !resource_groups) return undefined
    kept.push({
      access,
      permission_groups: permission_groups.map(({ id }) => ({ id })),
      resource_groups: resource_groups.map(({ id }) => ({ id })),
    })
  }
  return kept
}
