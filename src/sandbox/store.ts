import { type Clock, createClock } from './clock.ts'
import { type Collection, createCollection } from './collection.ts'
import { createPropagation, type Propagation } from './propagation.ts'
import type { Account, Member, PermissionGroup, ResourceGroup, SsoConnector, UserGroup } from './records.ts'
import { createTag } from './tags.ts'

/** Everything one account starts with. */
export type AccountSeed = {
  readonly account: Account
  readonly permissionGroups: readonly PermissionGroup[]
  readonly resourceGroups: readonly ResourceGroup[]
  readonly userGroups: readonly UserGroup[]
  readonly members: readonly Member[]
  readonly ssoConnectors: readonly SsoConnector[]
}

/** One account's live state. */
export type AccountState = {
  readonly account: Account
  readonly permissionGroups: Collection<PermissionGroup>
  readonly resourceGroups: Collection<ResourceGroup>
  readonly userGroups: Collection<UserGroup>
  readonly members: Collection<Member>
  readonly ssoConnectors: Collection<SsoConnector>
}

export type Store = {
  readonly accounts: ReadonlyMap<string, AccountState>
  readonly clock: Clock
  readonly propagation: Propagation
  /** A fresh identifier: the n-th one is the same in every run. */
  nextTag(): string
}

/** Fills a store from a seed, which stays as it is: records are replaced, never changed. */
export function createStore(seeds: readonly AccountSeed[], now: () => number): Store {
  let tagsGiven = 0
  return {
    accounts: new Map(seeds.map((seed) => [seed.account.id, createAccountState(seed)])),
    clock: createClock(now),
    propagation: createPropagation(),
    nextTag() {
      tagsGiven += 1
      return createTag('created', tagsGiven)
    },
  }
}

function createAccountState(seed: AccountSeed): AccountState {
  return {
    account: seed.account,
    permissionGroups: createCollection(seed.permissionGroups),
    resourceGroups: createCollection(seed.resourceGroups),
    userGroups: createCollection(seed.userGroups, (group) => group.name),
    members: createCollection(seed.members),
    ssoConnectors: createCollection(seed.ssoConnectors),
  }
}
