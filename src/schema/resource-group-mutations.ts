import {
  createResourceGroup,
  deleteResourceGroup,
  getResourceGroup,
  type ResourceGroupRecord,
  type ResourceGroupUpdate,
  type ResourceScopeBody,
  scopesOf,
  updateResourceGroup,
} from '../cloudflare/resource-groups.ts'
import type { Context } from '../context.ts'
import { changeAccount } from '../loaders/request-cache.ts'
import { builder } from './builder.ts'
import type { GlobalId } from './global-id.ts'
import { defineIdInput, withObject } from './id-mutation.ts'
import { clientMutationId, type Outcome, priceWrite, runMutation } from './mutation.ts'
import { defineDeletedPayload, defineObjectPayload, type Written } from './object-payload.ts'
import { ResourceGroup, resourceGroupKind } from './resource-group.ts'
import { type InputCheck, type RefusalPlace, userError } from './user-errors.ts'

const ResourceScopeObjectInput = builder.inputType('ResourceScopeObjectInput', {
  description: 'One thing that a scope shall cover.',
  fields: (t) => ({
    key: t.string({
      required: true,
      description:
        'Such as `com.cloudflare.api.account.zone.<zone tag>`, or `*` for everything in the container.',
    }),
  }),
})

const ResourceScopeInput = builder.inputType('ResourceScopeInput', {
  description: 'What a resource group shall cover: a container, and the objects inside it.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'Such as `com.cloudflare.api.account.<account tag>`.' }),
    objects: t.field({ type: [ResourceScopeObjectInput], required: true, description: 'At least one.' }),
  }),
})

const shown = { field: 'resourceGroup', type: ResourceGroup, kind: resourceGroupKind }
const CreateResourceGroupPayload = defineObjectPayload('CreateResourceGroupPayload', shown)
const UpdateResourceGroupPayload = defineObjectPayload('UpdateResourceGroupPayload', shown)
const DeleteResourceGroupPayload = defineDeletedPayload(
  'DeleteResourceGroupPayload',
  'deletedResourceGroupId',
)

const CreateResourceGroupInput = builder.inputType('CreateResourceGroupInput', {
  description: 'A resource group as it shall be.',
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    accountId: t.id({ required: true, description: 'Global id, or the bare tag.' }),
    name: t.string({ required: true, description: 'Need not be unique.' }),
    scope: t.field({ type: ResourceScopeInput, required: true, description: 'What it shall cover.' }),
  }),
})

const UpdateResourceGroupInput = builder.inputType('UpdateResourceGroupInput', {
  description: 'What to change of a resource group: its name, its scope or both.',
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    id: t.id({ required: true, description: 'Global id.' }),
    name: t.string({ description: 'Left as it is where omitted or null.' }),
    scope: t.field({
      type: ResourceScopeInput,
      description: 'Replaces the scope; left as it is where omitted or null.',
    }),
  }),
})

const DeleteResourceGroupInput = defineIdInput('DeleteResourceGroupInput', 'The resource group to delete.')

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
        check: (check) => {
          const account = check.id(input.accountId, ['accountId'], { type: 'Account' })
          check.notBlank(input.name, ['name'])
          checkScope(input.scope, check)
          return account
        },
        run: async ({ accountTag }) => {
          const { name, scope } = input
          const write = () => createResourceGroup(context.rest, accountTag, { name, scope })
          return { result: { accountTag, record: await changeAccount(context, accountTag, write) } }
        },
        refusal: () => refusalOn('accountId'),
      }),
  }),
  updateResourceGroup: t.field({
    type: UpdateResourceGroupPayload,
    nullable: false,
    description:
      'Changes only what the input names. Costs 2 REST calls, 1 where the input names everything: the upstream replaces, so the rest is read and written again.',
    args: { input: t.arg({ type: UpdateResourceGroupInput, required: true }) },
    extensions: {
      price: priceWrite({ type: 'ResourceGroup', idField: 'id' }, ({ name, scope }) =>
        name && scope ? 1 : 2,
      ),
    },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        check: (check) => {
          const id = check.id(input.id, ['id'], { type: 'ResourceGroup' })
          const change = { name: input.name ?? undefined, scope: input.scope ?? undefined }
          if (change.name !== undefined) check.notBlank(change.name, ['name'])
          if (change.scope !== undefined) checkScope(change.scope, check)
          if (change.name === undefined && change.scope === undefined) {
            check.add(null, 'name what to change: name, scope or both')
          }
          return id && { id, ...change }
        },
        run: (change) => updateOne(context, change),
        refusal: () => refusalOn('id'),
      }),
  }),
  deleteResourceGroup: t.field({
    type: DeleteResourceGroupPayload,
    nullable: false,
    description: 'Deletes a resource group; those that Cloudflare keeps itself refuse. Costs 1 REST call.',
    args: { input: t.arg({ type: DeleteResourceGroupInput, required: true }) },
    ...withObject('ResourceGroup', deleteResourceGroup),
  }),
}))

function refusalOn(idField: 'id' | 'accountId'): RefusalPlace {
  return {
    fieldOf: (code, message) => {
      if (code === 'NOT_FOUND') return [idField]
      return /scope|object/i.test(message) ? ['scope'] : null
    },
  }
}

// Whatever is wrong with them fits one answer.
const maxObjects = 5_000

function checkScope({ key, objects }: ResourceScopeBody, check: InputCheck): void {
  check.notBlank(key, ['scope', 'key'])
  if (!check.atMost(maxObjects, objects, ['scope', 'objects'])) return
  if (objects.length === 0) check.add(['scope', 'objects'], 'scope.objects must name at least one object')
  for (const [index, object] of objects.entries())
    check.notBlank(object.key, ['scope', 'objects', index, 'key'])
}

type Change = {
  readonly id: GlobalId
  readonly name: string | undefined
  readonly scope: ResourceScopeBody | undefined
}

async function updateOne(
  context: Context,
  { id: { accountTag, tag }, name, scope }: Change,
): Promise<Outcome<Written<ResourceGroupRecord>>> {
  const { rest } = context
  let body: ResourceGroupUpdate = { name, scope }
  if (name === undefined || scope === undefined) {
    const before = await getResourceGroup(rest, accountTag, tag)
    if (before === null) return { userErrors: [userError('NOT_FOUND', 'no such resource group', ['id'])] }
    // A group without a name has none to lose.
    body = { name: name ?? before.name ?? undefined, scope: scope ?? keptScope(before) }
  }
  if (body.scope === undefined) {
    const reason = 'its present scope cannot be written back unchanged: give scope too'
    return { userErrors: [userError('CONFLICT', reason, null)] }
  }
  const write = () => updateResourceGroup(rest, accountTag, tag, body)
  return { result: { accountTag, tag, record: await changeAccount(context, accountTag, write) } }
}

// The upstream takes one scope, and may answer a list of them (quirk 22); undefined where writing it back
// would lose something.
function keptScope(before: ResourceGroupRecord): ResourceScopeBody | undefined {
  const [scope, ...others] = scopesOf(before)
  return scope?.objects && others.length === 0 ? { key: scope.key, objects: scope.objects } : undefined
}
