import type { AccountSeed } from '../store.ts'
import { createTag } from '../tags.ts'
import { createMembers, memberWithoutDsr } from './people.ts'
import { createPermissionGroups } from './permission-groups.ts'
import { createResourceGroups } from './resource-groups.ts'
import { createSsoConnectors } from './sso-connectors.ts'
import { allStaffGroup, createUserGroups, denyPolicyGroup, emptyGroup } from './user-groups.ts'

/** How much of each the first account has. */
export type SeedSizes = {
  readonly userGroups?: number | undefined
  readonly members?: number | undefined
  readonly permissionGroups?: number | undefined
  readonly resourceGroups?: number | undefined
}

/** Identifiers of seeded objects that are worth knowing; undefined where the seed is too small to have one. */
export type Landmarks = {
  readonly account: string
  /** A second, small account: none of its identifiers is known in the first. */
  readonly otherAccount: string
  readonly allStaffUserGroup: string | undefined
  readonly emptyUserGroup: string | undefined
  /** Refuses to be written with its policies; cannot list its members while `badPolicyGroup` is on. */
  readonly denyPolicyUserGroup: string | undefined
  readonly systemResourceGroup: string | undefined
  /** Refused by every user group while `noDsrMember` is on. */
  readonly memberWithoutDsr: string | undefined
  readonly otherAccountUserGroup: string | undefined
  readonly otherAccountMember: string | undefined
}

/** The invented company: the same in every run for the same sizes. */
export function createSeed(sizes: SeedSizes): {
  readonly accounts: readonly AccountSeed[]
  readonly landmarks: Landmarks
} {
  const company = createCompany(sizes)
  const labs = createLabs()
  return {
    accounts: [company, labs],
    landmarks: {
      account: company.account.id,
      otherAccount: labs.account.id,
      allStaffUserGroup: company.userGroups[allStaffGroup]?.id,
      emptyUserGroup: company.userGroups[emptyGroup]?.id,
      denyPolicyUserGroup: company.userGroups[denyPolicyGroup]?.id,
      systemResourceGroup: company.resourceGroups[0]?.id,
      memberWithoutDsr: company.members[memberWithoutDsr]?.id,
      otherAccountUserGroup: labs.userGroups[0]?.id,
      otherAccountMember: labs.members[0]?.id,
    },
  }
}

function createCompany(sizes: SeedSizes): AccountSeed {
  const { userGroups = 40, members = 300, permissionGroups = 130, resourceGroups = 25 } = sizes
  const id = createTag('account', 'Quayline Freight')
  return {
    account: {
      id,
      name: 'Quayline Freight',
      type: 'enterprise',
      created_on: '2019-05-20T07:12:44.0000Z',
      settings: { abuse_contact_email: 'abuse@quayline.example', enforce_twofactor: true },
      managed_by: { parent_org_id: createTag('organization', 'Quayline'), parent_org_name: 'Quayline Group' },
    },
    ...createDirectory(id, 'quayline.example', { userGroups, members, permissionGroups, resourceGroups }),
    ssoConnectors: createSsoConnectors(id, [
      { domain: 'quayline.example', status: 'verified', enabled: true },
      { domain: 'northpier.example', status: 'pending', enabled: false },
      { domain: 'quayline-labs.example', status: 'awaiting', enabled: false },
      { domain: 'harbourgate.example', status: 'failed', enabled: false },
    ]),
  }
}

function createLabs(): AccountSeed {
  const id = createTag('account', 'Quayline Labs')
  return {
    account: {
      id,
      name: 'Quayline Labs',
      type: 'standard',
      created_on: '2024-11-02T15:03:10.0000Z',
      // Both can be null (quirk 47).
      settings: { abuse_contact_email: null, enforce_twofactor: null },
    },
    ...createDirectory(id, 'quayline-labs.example', {
      userGroups: 3,
      members: 8,
      permissionGroups: 40,
      resourceGroups: 3,
    }),
    ssoConnectors: createSsoConnectors(id, [
      { domain: 'quayline.example', status: 'verified', enabled: false },
    ]),
  }
}

function createDirectory(
  accountId: string,
  domain: string,
  counts: { readonly [Size in keyof SeedSizes]-?: number },
) {
  const permissionGroups = createPermissionGroups(counts.permissionGroups)
  const resourceGroups = createResourceGroups(accountId, counts.resourceGroups)
  const options = { accountId, domain, permissionGroups, resourceGroups }
  const members = createMembers(counts.members, options)
  const userGroups = createUserGroups(counts.userGroups, { ...options, members })
  return { permissionGroups, resourceGroups, members, userGroups }
}
