import { z } from 'zod'
import type { Policy, ResourceGroup } from './records.ts'
import { type EnvelopeError, Refusal } from './refusal.ts'
import { checkScope, scopeSchema } from './resource-scope.ts'
import type { AccountState } from './store.ts'
import type { World } from './world.ts'

const referenceSchema = z.object({ id: z.string() })

/** A policy as it is written. Empty lists are refused: what the real API does with them is not recorded. */
export const policySchema = z.object({
  id: z.string().optional(),
  access: z.enum(['allow', 'deny']),
  permission_groups: z.array(referenceSchema).min(1, 'a policy needs at least one permission group'),
  resource_groups: z
    .array(z.union([referenceSchema, z.object({ scope: scopeSchema })]))
    .min(1, 'a policy needs at least one resource group'),
})

export type PolicyBody = z.output<typeof policySchema>

/**
 * The policies to store for those of a request. Throws a `Refusal` that points at each mistake; until then nothing
 * is changed. Each policy gets a fresh id (quirk 30).
 */
export function resolvePolicies(
  world: World,
  account: AccountState,
  request: { readonly method: 'POST' | 'PUT'; readonly policies: readonly PolicyBody[] },
): readonly Policy[] {
  const errors = request.policies.flatMap((policy, index) =>
    findMistakes(world, account, { policy, method: request.method, pointer: `/policies/${index}` }),
  )
  if (errors.length > 0) throw new Refusal(400, errors)
  if (world.quirks.has('refuseScopeMismatch')) checkCombinations(account, request.policies)

  return request.policies.map((policy) => ({
    id: request.method === 'PUT' && policy.id !== undefined ? policy.id : world.store.nextTag(),
    access: policy.access,
    permissionGroupIds: policy.permission_groups.map(({ id }) => id),
    resourceGroupIds: policy.resource_groups.map((group) =>
      'id' in group ? group.id : addAnonymousGroup(world, account, group.scope),
    ),
  }))
}

/** Whether a policy of a user group or of a member names the resource group. */
export function isPolicyUsing(account: AccountState, resourceGroupId: string): boolean {
  return [...account.userGroups.list(), ...account.members.list()].some(({ policies }) =>
    policies.some((policy) => policy.resourceGroupIds.includes(resourceGroupId)),
  )
}

function findMistakes(
  world: World,
  account: AccountState,
  { policy, method, pointer }: { policy: PolicyBody; method: 'POST' | 'PUT'; pointer: string },
): readonly EnvelopeError[] {
  const mistakes: EnvelopeError[] = []
  const note = (message: string, where: string) =>
    void mistakes.push({ code: 400, message, source: { pointer: `${pointer}${where}` } })

  if (method === 'PUT' && policy.id !== undefined && world.quirks.has('refusePolicyIds'))
    note('Cannot re-use policy IDs', '/id')
  if (policy.access === 'deny' && world.quirks.has('refuseDeny'))
    note('Policy validation failed: deny policies are not supported', '/access')
  // Unknown ids are refused (quirk 34); status and text are not recorded.
  for (const [index, { id }] of policy.permission_groups.entries())
    if (account.permissionGroups.get(id) === undefined)
      note(`Permission group ${id} not found`, `/permission_groups/${index}/id`)
  for (const [index, group] of policy.resource_groups.entries()) {
    const where = `/resource_groups/${index}`
    if ('id' in group) {
      if (account.resourceGroups.get(group.id) === undefined)
        note(`Resource group ${group.id} not found`, `${where}/id`)
    } else if (method === 'PUT' || !world.quirks.has('inlineScopes')) note('id is required', where)
    else checkScope(group.scope, account.account.id, `${pointer}${where}/scope`)
  }
  return mistakes
}

/** Code 1006 with `result: []`, as account members answer it; that user groups do the same is inferred. */
function checkCombinations(account: AccountState, policies: readonly PolicyBody[]): void {
  const clashes = policies.some(({ permission_groups, resource_groups }) => {
    const needsAccount = permission_groups.some(
      ({ id }) => account.permissionGroups.get(id)?.scopes === 'com.cloudflare.api.account',
    )
    const coversAccount = resource_groups.every((group) => {
      const scope = 'id' in group ? account.resourceGroups.get(group.id)?.scope : group.scope
      return scope?.objects.some(({ key }) => key === '*') === true
    })
    return needsAccount && !coversAccount
  })
  if (!clashes) return
  const message = 'invalid permission group and resource group combination'
  throw new Refusal(400, [{ code: 1006, message }], { result: [] })
}

function addAnonymousGroup(world: World, account: AccountState, scope: ResourceGroup['scope']): string {
  const id = world.store.nextTag()
  account.resourceGroups.put({ id, name: undefined, scope, editable: true, system: false })
  return id
}
