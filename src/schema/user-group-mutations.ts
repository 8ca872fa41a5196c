import {
  createUserGroup,
  deleteUserGroup,
  getUserGroup,
  type PolicyBody,
  type UserGroupRecord,
  updateUserGroup,
} from '../cloudflare/user-groups.ts'
import type { Context } from '../context.ts'
import { forget } from '../loaders/request-cache.ts'
import { builder, dateOf } from './builder.ts'
import { encodeGlobalId, type GlobalId } from './global-id.ts'
import { clientMutationId, definePayload, priceWrite, type Refused, runMutation } from './mutation.ts'
import { createNode } from './node.ts'
import { PolicyAccess } from './policy.ts'
import { UserGroup, userGroupKind } from './user-group.ts'
import { type InputCheck, type RefusalPlace, userError } from './user-errors.ts'

const PolicyInput = builder.inputType('PolicyInput', {
  description:
    'A policy as it shall be. Policies have no identity of their own to keep: an update gives them fresh tags.',
  fields: (t) => ({
    access: t.field({ type: PolicyAccess, required: true }),
    permissionGroupIds: t.idList({ required: true, description: 'At least one; global ids, or bare tags.' }),
    resourceGroupIds: t.idList({ required: true, description: 'At least one; global ids, or bare tags.' }),
  }),
})

type Written = { readonly accountTag: string; readonly record: UserGroupRecord | null }

const CreateUserGroupPayload = definePayload<Written>('CreateUserGroupPayload')
const UpdateUserGroupPayload = definePayload<Written>('UpdateUserGroupPayload')
for (const payload of [CreateUserGroupPayload, UpdateUserGroupPayload]) {
  builder.objectField(payload, 'userGroup', (t) =>
    t.field({
      type: UserGroup,
      description: 'As the upstream answered; null where nothing was done.',
      resolve: ({ result }) => (result?.record ? createNode(userGroupKind, result.accountTag, result.record) : null),
    }),
  )
}
const DeleteUserGroupPayload = definePayload<{ readonly id: string }>('DeleteUserGroupPayload')
builder.objectField(DeleteUserGroupPayload, 'deletedUserGroupId', (t) =>
  t.id({ description: 'Global id of what was deleted; null where nothing was.', resolve: ({ result }) => result?.id }),
)

const CreateUserGroupInput = builder.inputType('CreateUserGroupInput', {
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    accountId: t.id({ required: true, description: 'Global id, or the bare tag.' }),
    name: t.string({ required: true, description: 'Unique in the account.' }),
    policies: t.field({ type: [PolicyInput], description: 'None where omitted.' }),
  }),
})

const UpdateUserGroupInput = builder.inputType('UpdateUserGroupInput', {
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

const DeleteUserGroupInput = builder.inputType('DeleteUserGroupInput', {
  fields: (t) => ({ clientMutationId: clientMutationId(t), id: t.id({ required: true, description: 'Global id.' }) }),
})

const refusal: RefusalPlace = {
  fieldOf: (code, message) => {
    if (code === 'CONFLICT') return ['name']
    if (/polic|permission group|resource group/i.test(message)) return ['policies']
    return code === 'NOT_FOUND' ? ['id'] : null
  },
  ofPointer: (segments) =>
    segments
      .filter((segment, index) => !(segment === 'id' && index === segments.length - 1 && index > 0))
      .map((segment) => inputNames.get(segment) ?? segment),
}
const inputNames = new Map([
  ['permission_groups', 'permissionGroupIds'],
  ['resource_groups', 'resourceGroupIds'],
])

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
        refusal: {
          ...refusal,
          fieldOf: (code, message) => refusal.fieldOf(code, message)?.map((name) => (name === 'id' ? 'accountId' : name)) ?? null,
        },
        check: (check) => {
          const account = check.id(input.accountId, ['accountId'], { type: 'Account' })
          check.notBlank(input.name, ['name'])
          const policies = readPolicies(input.policies ?? [], account?.accountTag, check)
          return account && { accountTag: account.accountTag, policies }
        },
        run: async ({ accountTag, policies }) => {
          const record = await writing(context, accountTag, () =>
            createUserGroup(context.rest, accountTag, { name: input.name, policies }),
          )
          return { accountTag, record }
        },
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
        refusal,
        check: (check) => {
          const group = check.id(input.id, ['id'], { type: 'UserGroup' })
          if (typeof input.name === 'string') check.notBlank(input.name, ['name'])
          const policies = input.policies ? readPolicies(input.policies, group?.accountTag, check) : undefined
          if (typeof input.name !== 'string' && policies === undefined) {
            check.add(null, 'name what to change: name, policies or both')
          }
          return group && { group, name: input.name ?? undefined, policies, ifModifiedOn: input.ifModifiedOn ?? undefined }
        },
        run: (change) => updateOne(context, change),
      }),
  }),
  deleteUserGroup: t.field({
    type: DeleteUserGroupPayload,
    nullable: false,
    description: 'Deletes a user group and its memberships, not its members. Costs 1 REST call.',
    args: { input: t.arg({ type: DeleteUserGroupInput, required: true }) },
    extensions: { price: priceWrite({ type: 'UserGroup', idField: 'id' }) },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        refusal: { fieldOf: () => ['id'] },
        check: (check) => check.id(input.id, ['id'], { type: 'UserGroup' }),
        run: async ({ accountTag, tag }) => {
          await writing(context, accountTag, () => deleteUserGroup(context.rest, accountTag, tag))
          return { id: encodeGlobalId('UserGroup', accountTag, tag) }
        },
      }),
  }),
}))

type PolicyInputShape = {
  readonly access: 'ALLOW' | 'DENY'
  readonly permissionGroupIds: readonly string[]
  readonly resourceGroupIds: readonly string[]
}

// Without a readable account the ids are still checked for what they are on their own.
function readPolicies(
  policies: readonly PolicyInputShape[],
  accountTag: string | undefined,
  check: InputCheck,
): readonly PolicyBody[] {
  return policies.map((policy, index) => {
    const idsOf = (name: 'permissionGroupIds' | 'resourceGroupIds', type: 'PermissionGroup' | 'ResourceGroup') => {
      if (policy[name].length === 0) check.add(['policies', index, name], `${name} must name at least one`)
      const tags = policy[name].map((id, place) => check.id(id, ['policies', index, name, place], { type, accountTag })?.tag)
      return [...new Set(tags)].filter((tag) => tag !== undefined).map((id) => ({ id }))
    }
    return {
      access: policy.access === 'DENY' ? 'deny' : 'allow',
      permission_groups: idsOf('permissionGroupIds', 'PermissionGroup'),
      resource_groups: idsOf('resourceGroupIds', 'ResourceGroup'),
    }
  })
}

type Change = {
  readonly group: GlobalId
  readonly name: string | undefined
  readonly policies: readonly PolicyBody[] | undefined
  readonly ifModifiedOn: Date | undefined
}

async function updateOne(
  context: Context,
  { group: { accountTag, tag }, name, policies, ifModifiedOn }: Change,
): Promise<Written | Refused> {
  const namesAll = name !== undefined && policies !== undefined && ifModifiedOn === undefined
  const before = namesAll ? undefined : await getUserGroup(context.rest, accountTag, tag)
  if (before === null) return { refused: [userError('NOT_FOUND', 'no such user group', ['id'])] }
  if (before !== undefined && ifModifiedOn !== undefined && dateOf(before.modified_on)?.getTime() !== ifModifiedOn.getTime()) {
    const reason = `it was modified on ${before.modified_on}: read it again and decide anew`
    return { refused: [userError('CONFLICT', reason, ['ifModifiedOn'])] }
  }
  const kept = before === undefined ? undefined : keptPolicies(before)
  const body = { name: name ?? before?.name, policies: policies ?? kept }
  if (body.name === undefined || body.policies === undefined) {
    const reason = 'its present policies cannot be written back unchanged: give policies too'
    return { refused: [userError('CONFLICT', reason, ['policies'])] }
  }
  const whole = { name: body.name, policies: body.policies }
  const record = await writing(context, accountTag, () => updateUserGroup(context.rest, accountTag, tag, whole))
  return { accountTag, record: record ?? (await getUserGroup(context.rest, accountTag, tag)) }
}

// The policies as they were read, without their ids (quirk 30); undefined where writing them back would change them.
function keptPolicies(before: UserGroupRecord): readonly PolicyBody[] | undefined {
  const kept: PolicyBody[] = []
  for (const { access, permission_groups, resource_groups } of before.policies ?? []) {
    const groups = [...(permission_groups ?? []), ...(resource_groups ?? [])]
    if ((access !== 'allow' && access !== 'deny') || groups.some(({ id }) => !id)) return undefined
    kept.push({
      access,
      permission_groups: (permission_groups ?? []).map(({ id }) => ({ id })),
      resource_groups: (resource_groups ?? []).map(({ id }) => ({ id })),
    })
  }
  return kept
}

// What a write may have changed is read afresh, even after a failed one: it may have happened all the same.
async function writing<T>(context: Context, accountTag: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } finally {
    forget(context, `${accountTag}/user_groups`, `${accountTag}/user_group_members`)
  }
}
