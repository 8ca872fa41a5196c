import {
  createResourceGroup,
  deleteResourceGroup,
  getResourceGroup,
  type ResourceGroupRecord,
  type ResourceScopeBody,
  scopesOf,
  updateResourceGroup,
} from '../cloudflare/resource-groups.ts'
import type { Context } from '../context.ts'
import { forget } from '../loaders/request-cache.ts'
import { builder } from './builder.ts'
import { encodeGlobalId, type GlobalId } from './global-id.ts'
import { clientMutationId, definePayload, priceWrite, type Refused, runMutation } from './mutation.ts'
import { createNode } from './node.ts'
import { ResourceGroup, resourceGroupKind } from './resource-group.ts'
import { type InputCheck, type RefusalPlace, userError } from './user-errors.ts'

const ResourceScopeObjectInput = builder.inputType('ResourceScopeObjectInput', {
  fields: (t) => ({
    key: t.string({
      required: true,
      description: 'Such as `com.cloudflare.api.account.zone.<zone tag>`, or `*` for everything in the container.',
    }),
  }),
})

const ResourceScopeInput = builder.inputType('ResourceScopeInput', {
  description: 'What a resource group shall cover.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'Such as `com.cloudflare.api.account.<account tag>`.' }),
    objects: t.field({ type: [ResourceScopeObjectInput], required: true, description: 'At least one.' }),
  }),
})

type Written = { readonly accountTag: string; readonly record: ResourceGroupRecord | null }

const CreateResourceGroupPayload = definePayload<Written>('CreateResourceGroupPayload')
const UpdateResourceGroupPayload = definePayload<Written>('UpdateResourceGroupPayload')
for (const payload of [CreateResourceGroupPayload, UpdateResourceGroupPayload]) {
  builder.objectField(payload, 'resourceGroup', (t) =>
    t.field({
      type: ResourceGroup,
      description: 'As the upstream answered; null where nothing was done.',
      resolve: ({ result }) =>
        result?.record ? createNode(resourceGroupKind, result.accountTag, result.record) : null,
    }),
  )
}
const DeleteResourceGroupPayload = definePayload<{ readonly id: string }>('DeleteResourceGroupPayload')
builder.objectField(DeleteResourceGroupPayload, 'deletedResourceGroupId', (t) =>
  t.id({ description: 'Global id of what was deleted; null where nothing was.', resolve: ({ result }) => result?.id }),
)

const CreateResourceGroupInput = builder.inputType('CreateResourceGroupInput', {
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    accountId: t.id({ required: true, description: 'Global id, or the bare tag.' }),
    name: t.string({ required: true, description: 'Need not be unique.' }),
    scope: t.field({ type: ResourceScopeInput, required: true }),
  }),
})

const UpdateResourceGroupInput = builder.inputType('UpdateResourceGroupInput', {
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    id: t.id({ required: true, description: 'Global id.' }),
    name: t.string({ description: 'Left as it is where omitted or null.' }),
    scope: t.field({ type: ResourceScopeInput, description: 'Replaces the scope; left as it is where omitted or null.' }),
  }),
})

const DeleteResourceGroupInput = builder.inputType('DeleteResourceGroupInput', {
  fields: (t) => ({ clientMutationId: clientMutationId(t), id: t.id({ required: true, description: 'Global id.' }) }),
})

const refusal: RefusalPlace = {
  fieldOf: (code, message) => (code === 'NOT_FOUND' ? ['id'] : /scope|object/i.test(message) ? ['scope'] : null),
}

builder.mutationFields((t) => ({
  createResourceGroup: t.field({
    type: CreateResourceGroupPayload,
    nullable: false,
    description: 'Makes a resource group. Costs 1 REST call.',
    args: { input: t.arg({ type: CreateResourceGroupInput, required: true }) },
    extensions: { price: priceWrite({ type: 'Account', idField: 'accountId' }) },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        refusal: { fieldOf: (code, message) => (code === 'NOT_FOUND' ? ['accountId'] : refusal.fieldOf(code, message)) },
        check: (check) => {
          const account = check.id(input.accountId, ['accountId'], { type: 'Account' })
          check.notBlank(input.name, ['name'])
          checkScope(input.scope, check)
          return account
        },
        run: async ({ accountTag }) => {
          const { name, scope } = input
          const record = await writing(context, accountTag, () =>
            createResourceGroup(context.rest, accountTag, { name, scope }),
          )
          return { accountTag, record }
        },
      }),
  }),
  updateResourceGroup: t.field({
    type: UpdateResourceGroupPayload,
    nullable: false,
    description:
      'Changes only what the input names. Costs 2 REST calls, 1 where the input names everything: the upstream replaces, so the rest is read and written again.',
    args: { input: t.arg({ type: UpdateResourceGroupInput, required: true }) },
    extensions: {
      price: priceWrite({ type: 'ResourceGroup', idField: 'id' }, ({ name, scope }) => (name && scope ? 1 : 2)),
    },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        refusal,
        check: (check) => {
          const group = check.id(input.id, ['id'], { type: 'ResourceGroup' })
          if (typeof input.name === 'string') check.notBlank(input.name, ['name'])
          if (input.scope) checkScope(input.scope, check)
          if (typeof input.name !== 'string' && !input.scope) check.add(null, 'name what to change: name, scope or both')
          return group
        },
        run: (group) => updateOne(context, group, input),
      }),
  }),
  deleteResourceGroup: t.field({
    type: DeleteResourceGroupPayload,
    nullable: false,
    description: 'Deletes a resource group; those that Cloudflare keeps itself refuse. Costs 1 REST call.',
    args: { input: t.arg({ type: DeleteResourceGroupInput, required: true }) },
    extensions: { price: priceWrite({ type: 'ResourceGroup', idField: 'id' }) },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        refusal: { fieldOf: () => ['id'] },
        check: (check) => check.id(input.id, ['id'], { type: 'ResourceGroup' }),
        run: async ({ accountTag, tag }) => {
          await writing(context, accountTag, () => deleteResourceGroup(context.rest, accountTag, tag))
          return { id: encodeGlobalId('ResourceGroup', accountTag, tag) }
        },
      }),
  }),
}))

type ScopeInput = { readonly key: string; readonly objects: readonly { readonly key: string }[] }

function checkScope(scope: ScopeInput, check: InputCheck): void {
  check.notBlank(scope.key, ['scope', 'key'])
  if (scope.objects.length === 0) check.add(['scope', 'objects'], 'objects must name at least one object')
  scope.objects.forEach((object, index) => {
    check.notBlank(object.key, ['scope', 'objects', index, 'key'])
  })
}

async function updateOne(
  context: Context,
  { accountTag, tag }: GlobalId,
  input: { readonly name?: string | null | undefined; readonly scope?: ScopeInput | null | undefined },
): Promise<Written | Refused> {
  const whole = input.name && input.scope ? { name: input.name, scope: input.scope } : undefined
  const before = whole === undefined ? await getResourceGroup(context.rest, accountTag, tag) : undefined
  if (before === null) return { refused: [userError('NOT_FOUND', 'no such resource group', ['id'])] }
  const body = whole ?? merged(before, input)
  if (body === undefined) {
    const reason = 'its present name or scope cannot be written back unchanged: give both name and scope'
    return { refused: [userError('CONFLICT', reason, null)] }
  }
  const written = await writing(context, accountTag, () => updateResourceGroup(context.rest, accountTag, tag, body))
  return { accountTag, record: written ?? (await getResourceGroup(context.rest, accountTag, tag)) }
}

// What the input does not name goes back as it was read; undefined where that would lose something.
function merged(
  before: ResourceGroupRecord | undefined,
  input: { readonly name?: string | null | undefined; readonly scope?: ScopeInput | null | undefined },
): { readonly name: string; readonly scope: ResourceScopeBody } | undefined {
  const scopes = before === undefined ? [] : scopesOf(before)
  const [kept] = scopes
  const name = input.name ?? before?.name
  const scope = input.scope ?? (kept && scopes.length === 1 ? { key: kept.key, objects: kept.objects ?? [] } : undefined)
  return name && scope ? { name, scope } : undefined
}

// Resource groups come embedded in the policies of user groups and members: those are read afresh too, even after a failed write.
async function writing<T>(context: Context, accountTag: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } finally {
    forget(context, ...['resource_groups', 'user_groups', 'members'].map((kind) => `${accountTag}/${kind}`))
  }
}
