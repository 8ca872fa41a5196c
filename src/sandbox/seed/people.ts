import type { Member, PermissionGroup, ResourceGroup, Role } from '../records.ts'
import { createTag } from '../tags.ts'
import { createDice } from './dice.ts'
import { createPolicies } from './policies.ts'

const firstNames = (
  'Amara,Björn,Chiara,Dmitri,Élodie,Farid,Grace,Henrik,Ingrid,Jamal,Keiko,Lukas,Maëlle,Nikhil,Ólafur,Priya,' +
  'Quentin,Rosa,Søren,Tomás,Ursula,Viktor,Wanda,Ximena,Yusuf,Zoë,Aoife,Bálint,Carmen,Duc,Esi,Freya,Goran'
).split(',')
const lastNames = (
  'Almeida,Bergström,Chandra,Dubois,Eriksen,Fernández,García,Haddad,Ibrahim,Jansen,Kowalczyk,Lindqvist,Moreau,' +
  'Nakamura,Okafor,Petrović,Quispe,Rossi,Schäfer,Takahashi,Ueda,Vasquez,Wójcik,Xu,Yılmaz,Zieliński,Müller,' +
  "O'Connell,Nguyễn,Bauer,Castellanos,Dvořák,Ferreira,Grünwald,Holm,Ivanova,Jørgensen"
).split(',')

/** The member without domain scoped roles, by number. */
export const memberWithoutDsr = 13

const roles: readonly Role[] = [
  createRole('Super Administrator - All Privileges', 'Can edit any setting, and who is a member.', [
    'organization',
    'zones',
    'dns',
    'billing',
  ]),
  createRole('Administrator', 'Can edit any setting but not who is a member.', [
    'zones',
    'dns',
    'waf',
    'ssl',
  ]),
  createRole('Administrator Read Only', 'Can see every setting.', []),
  createRole('Billing', 'Can edit subscriptions and billing.', ['billing']),
  createRole('DNS', 'Can edit DNS records.', ['dns', 'dns_records']),
  createRole('Firewall', 'Can edit the firewall and its rules.', ['waf']),
  createRole('Analytics', 'Can see analytics.', []),
  createRole('Cache Purge', 'Can purge what is cached.', ['cache_purge']),
]

export type StaffOptions = {
  readonly accountId: string
  readonly domain: string
  readonly permissionGroups: readonly PermissionGroup[]
  readonly resourceGroups: readonly ResourceGroup[]
}

/** The members of an account, in the order they came: most accepted, some pending, a few rejected. */
export function createMembers(count: number, options: StaffOptions): readonly Member[] {
  const taken = new Map<string, number>()
  return Array.from({ length: count }, (_, index) => {
    const first = firstNames[index % firstNames.length] ?? ''
    const last = lastNames[(index * 5 + Math.floor(index / firstNames.length)) % lastNames.length] ?? ''
    const local = `${toAscii(first)}.${toAscii(last)}`
    const namesakes = (taken.get(local) ?? 0) + 1
    taken.set(local, namesakes)
    const domain = index % 17 === 9 ? 'northpier.example' : options.domain
    const status = statusOf(index)
    return {
      id: createTag('member', options.accountId, index),
      email: `${local}${namesakes === 1 ? '' : namesakes}@${domain}`,
      status,
      user: createUser(index, { status, first, last, domain: options.domain }),
      ...createRights(index, options),
      domainScopedRoles: index !== memberWithoutDsr,
    }
  })
}

function statusOf(index: number): Member['status'] {
  if (index % 37 === 20) return 'rejected'
  return index % 11 === 5 ? 'pending' : 'accepted'
}

/** Whoever has not accepted yet is hardly known, whoever refused not at all (quirk 48). */
function createUser(
  index: number,
  { status, first, last, domain }: { status: Member['status']; first: string; last: string; domain: string },
): Member['user'] {
  if (status === 'rejected') return undefined
  const two_factor_authentication_enabled = index % 4 !== 3
  if (status === 'pending')
    return { id: undefined, first_name: null, last_name: null, two_factor_authentication_enabled: false }
  return {
    id: createTag('user', domain, index),
    first_name: first,
    last_name: last,
    two_factor_authentication_enabled,
  }
}

/** Either roles or policies: where a member has policies they win (quirk 49). */
function createRights(index: number, { accountId, permissionGroups, resourceGroups }: StaffOptions) {
  const dice = createDice(index + 7_000)
  if (index % 4 !== 2)
    return {
      policies: [],
      roles: index === 0 ? roles.slice(0, 1) : dice.pickSome(roles.slice(1), 1 + dice.roll(2)),
    }
  const policies = createPolicies(1 + dice.roll(2), {
    dice,
    owner: createTag('member', accountId, index),
    permissionGroups,
    resourceGroups,
  })
  return { policies, roles: [] }
}

function createRole(name: string, description: string, writable: readonly string[]): Role {
  const areas = [
    'analytics',
    'billing',
    'cache_purge',
    'dns',
    'dns_records',
    'lb',
    'logs',
    'organization',
    'ssl',
    'waf',
    'zone_settings',
    'zones',
  ]
  return {
    id: createTag('role', name),
    name,
    description,
    permissions: Object.fromEntries(
      areas.map((area) => [area, { read: true, write: writable.includes(area) }]),
    ),
  }
}

/** Letters that do not fall apart into a base letter and an accent. */
const ligatures: Readonly<Record<string, string>> = { ø: 'o', ł: 'l', ı: 'i', ß: 'ss', "'": '' }

function toAscii(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[øłıß']/g, (letter) => ligatures[letter] ?? '')
}
