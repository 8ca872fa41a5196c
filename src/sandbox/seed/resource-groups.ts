import type { ResourceGroup } from '../records.ts'
import { createTag } from '../tags.ts'
import { createDice } from './dice.ts'

const zoneCount = 40

/** Two of them are alike on purpose: names are not unique (quirk 25). */
const names = [
  'All Customer Websites',
  'Production Zones',
  'Staging Zones',
  'EU Zones',
  'UK Zones',
  'Asia-Pacific Zones',
  'North America Zones',
  'Booking Portal',
  'Tracking Portal',
  'Carrier API',
  'Partner Integrations',
  'Marketing Campaign Sites',
  'Corporate Website',
  'Careers Site',
  'Legacy Zones',
  'Legacy Zones',
  'Zones françaises',
  '日本のゾーン',
  'Payment Endpoints',
  'Internal Tools',
  'Documentation Sites',
  'Status Pages',
] as const

/**
 * An account's resource groups: first the one that Cloudflare keeps itself, last but one a single zone with all that
 * is in it, last a nameless one as an inline scope makes (quirk 32), and named sets of zones between.
 */
export function createResourceGroups(accountId: string, count: number): readonly ResourceGroup[] {
  const accountKey = `com.cloudflare.api.account.${accountId}`
  const zones = Array.from({ length: zoneCount }, (_, index) => createTag('zone', accountId, index))
  const groups: readonly ResourceGroup[] = Array.from({ length: count }, (_, index) => {
    const id = createTag('resource_group', accountId, index)
    const dice = createDice(index)
    const [zone] = dice.pickSome(zones, 1)
    const base = { id, editable: true, system: false }
    if (index === 0)
      return {
        id,
        editable: false,
        system: true,
        name: accountKey,
        scope: { key: accountKey, objects: [{ key: '*' }] },
      }
    if (index === count - 1)
      return { ...base, name: undefined, scope: { key: accountKey, objects: [{ key: `${zoneKey}${zone}` }] } }
    if (index === count - 2)
      return {
        ...base,
        name: 'Everything in one zone',
        scope: { key: `${zoneKey}${zone}`, objects: [{ key: '*' }] },
      }
    const members = dice.pickSome(zones, 1 + dice.roll(8)).map((tag) => ({ key: `${zoneKey}${tag}` }))
    const name = names[index - 1] ?? `Zone Set ${String(index + 1).padStart(4, '0')}`
    return { ...base, name, scope: { key: accountKey, objects: members } }
  })
  return groups
}

const zoneKey = 'com.cloudflare.api.account.zone.'
