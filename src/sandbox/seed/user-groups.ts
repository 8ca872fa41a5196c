import { formatInstant } from '../clock.ts'
import type { Member, UserGroup } from '../records.ts'
import { createTag } from '../tags.ts'
import { createDice } from './dice.ts'
import type { StaffOptions } from './people.ts'
import { createPolicies } from './policies.ts'

/** The user group that holds everybody, by number. */
export const allStaffGroup = 0
/** The user group whose policy denies: made before the API refused that, and unable to be written again as it is. */
export const denyPolicyGroup = 11
/** A user group that nobody is in. */
export const emptyGroup = 3

const names = [
  'All Staff',
  'Platform Engineering',
  'Security Operations',
  'Acquisition Integration 2027',
  'Network Edge',
  'DNS Operators',
  'Incident Response 🚒',
  'Payments',
  'Booking Portal Developers',
  'Tracking Portal Developers',
  'Carrier API Developers',
  'External Contractors',
  'Release Managers',
  'Site Reliability EMEA',
  'Site Reliability APAC',
  'Site Reliability Americas',
  'Data Warehouse',
  'Analytics Readers',
  'Finance',
  'Billing Approvers',
  'Legal & Compliance',
  'Internal Audit',
  'Marketing',
  'Campaign Sites',
  'Equipe Réseau Lyon',
  'Łódź Support Desk',
  'São Paulo Operations',
  '東京オペレーション',
  'Zürich Data Centre',
  'Customer Support Tier 1',
  'Customer Support Tier 2',
  'People Operations',
  'IT Helpdesk',
  'Zero Trust Administrators',
  'Workers Developers',
  'Pages Publishers',
  'R2 Storage Owners',
  'Load Balancing On-call',
  'Break Glass',
  'Interns 2026',
] as const
const teams = [
  'Warehouse',
  'Depot',
  'Harbour',
  'Rail Terminal',
  'Air Cargo',
  'Customs',
  'Fleet',
  'Field Sales',
] as const
const cities = [
  'Rotterdam',
  'Gdańsk',
  'Valparaíso',
  'Busan',
  'Durban',
  'Halifax',
  'Québec',
  'Kobe',
  'Århus',
] as const
const sizes = [0, 5, 12, 3, 28, 1, 9, 17, 0, 42, 6, 2, 60, 4, 14, 8]

/** The user groups of an account: the company's own, and past them its sites, numbered. */
export function createUserGroups(
  count: number,
  options: StaffOptions & { readonly members: readonly Member[] },
): readonly UserGroup[] {
  const eligible = options.members.filter(
    ({ status, domainScopedRoles }) => status !== 'rejected' && domainScopedRoles,
  )
  return Array.from({ length: count }, (_, index) => {
    const dice = createDice(index + 1)
    const id = createTag('user_group', options.accountId, index)
    const createdMs = Date.UTC(2024, 0, 8, 9, 30) + (index % 600) * 86_400_000 + dice.roll(3_600_000)
    const policies = createPolicies(index === denyPolicyGroup ? 2 : 1 + dice.roll(4), {
      ...options,
      dice,
      owner: id,
    })
    return {
      id,
      name: nameOf(index),
      created_on: formatInstant(createdMs),
      modified_on: formatInstant(createdMs + dice.roll(90 * 86_400_000)),
      policies: policies.map((policy, place) =>
        index === denyPolicyGroup && place === 0 ? { ...policy, access: 'deny' } : policy,
      ),
      members: chooseMembers(index, eligible, createdMs),
    }
  })
}

function nameOf(index: number): string {
  const own = names[index]
  if (own !== undefined) return own
  const dice = createDice(index)
  return `${dice.pick(teams)} ${dice.pick(cities)} ${String(index + 1).padStart(5, '0')}`
}

/** Who is in a group, and since when. */
function chooseMembers(
  index: number,
  eligible: readonly Member[],
  createdMs: number,
): ReadonlyMap<string, number> {
  const wanted = index === emptyGroup ? 0 : (sizes[(index * 7 + 1) % sizes.length] ?? 0)
  const size = index === allStaffGroup ? eligible.length : Math.min(wanted, eligible.length)
  const chosen = Array.from({ length: size }, (_, place) => eligible[(index * 31 + place) % eligible.length])
  return new Map(
    chosen.flatMap((member, place) =>
      member === undefined ? [] : [[member.id, createdMs + place * 60_000]],
    ),
  )
}
