import type { PermissionGroup, Policy, ResourceGroup } from '../records.ts'
import { createTag } from '../tags.ts'
import type { Dice } from './dice.ts'

export type PolicyOptions = {
  readonly dice: Dice
  /** The identifier of the user group or member that the policies belong to. */
  readonly owner: string
  readonly permissionGroups: readonly PermissionGroup[]
  readonly resourceGroups: readonly ResourceGroup[]
}

/** `count` policies in which what may be done fits where it may be done; none where either is missing. */
export function createPolicies(
  count: number,
  { dice, owner, permissionGroups, resourceGroups }: PolicyOptions,
): readonly Policy[] {
  const [wholeAccount, ...zoneSets] = resourceGroups
  const forZones = permissionGroups.filter(({ scopes }) => scopes.endsWith('.zone'))
  if (wholeAccount === undefined || permissionGroups.length === 0) return []
  return Array.from({ length: count }, (_, index) => {
    const isForZones = forZones.length > 0 && zoneSets.length > 0 && dice.roll(3) > 0
    const where = isForZones ? dice.pickSome(zoneSets, 1 + dice.roll(2)) : [wholeAccount]
    const what = dice.pickSome(isForZones ? forZones : permissionGroups, 1 + dice.roll(4))
    return {
      id: createTag('policy', owner, index),
      access: 'allow',
      permissionGroupIds: what.map(({ id }) => id),
      resourceGroupIds: where.map(({ id }) => id),
    }
  })
}
