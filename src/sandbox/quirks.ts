/** Each way in which the real API differs from its published description, and whether it does so unless told otherwise. */
export const quirkTable = {
  nullLists: {
    on: true,
    meaning: 'an empty list of resource groups, or of members of a user group, has `result: null`',
  },
  nullListsEverywhere: { on: false, meaning: 'every empty list has `result: null`' },
  missingResultInfo: {
    on: true,
    meaning: 'no `result_info` on lists of permission groups and of members of a user group',
  },
  totalCountIgnoresFilters: {
    on: true,
    meaning: '`total_count` counts every row of the account, whatever the filter',
  },
  totalPages: { on: false, meaning: '`result_info` carries `total_pages` too' },
  looseNameFilter: {
    on: false,
    meaning: 'the filter `name` of user groups also lets names through that only contain it',
  },
  metaIsStringMap: { on: true, meaning: '`meta` is a map of strings, not one `key` with one `value`' },
  unlistedFields: {
    on: true,
    meaning: 'permission groups carry `status`, `created_on` and `modified_on`, which are not published',
  },
  scopeAsObject: {
    on: true,
    meaning: "a resource group's `scope` is an object; off, it is a list holding that object",
  },
  policyOrderShuffled: {
    on: false,
    meaning:
      'policies, what is inside them, and the members that a write echoes come in another order on each read',
  },
  thinMemberRows: { on: false, meaning: 'rows of the account member list have `roles` and `policies` null' },
  inlineScopes: {
    on: true,
    meaning:
      "a new user group's policy may hold a `scope` in place of a resource group's id, which makes a nameless one",
  },
  dropOmittedOnPut: {
    on: true,
    meaning:
      'what a PUT leaves out is lost: name and policies of a user group, name and scope of a resource group',
  },
  refusePolicyIds: { on: true, meaning: 'a PUT of a user group with policy ids is refused' },
  refuseDeny: { on: true, meaning: 'policies with access `deny` are refused' },
  refuseScopeMismatch: {
    on: false,
    meaning: 'a permission group for accounts is refused together with a resource group of zones',
  },
  uniqueUserGroupNames: { on: true, meaning: 'the name of a user group must be free in its account' },
  systemResourceGroupsKept: {
    on: true,
    meaning: 'resource groups that Cloudflare keeps itself refuse PUT and DELETE with 422',
  },
  deletedResultNull: { on: false, meaning: 'DELETE answers `result: null` where it otherwise gives the id' },
  addMembersEchoesWholeSet: {
    on: true,
    meaning: 'POST of members answers everyone in the user group; off, only those of the request',
  },
  badMemberFailsBatch: {
    on: true,
    meaning: 'one bad member refuses the whole batch; off, the good ones are taken',
  },
  noDsrMember: {
    on: true,
    meaning: 'one member has no domain scoped roles and is refused by every user group',
  },
  badPolicyGroup: {
    on: false,
    meaning: 'the user group with a deny policy cannot list its members: 400 "Policy validation failed"',
  },
  eventualConsistency: {
    on: false,
    meaning:
      'the members path of a new user group is 404 for two calls; a deleted user group is found twice more',
  },
  requireCredential: { on: false, meaning: 'a call without any credential is refused' },
  shortAuthEnvelopes: {
    on: true,
    meaning: 'refused credentials get an envelope without `messages` and `result`',
  },
  unroutableIs400: { on: false, meaning: 'an account or path that is not there answers 400 in place of 404' },
  filledMessages: { on: false, meaning: '`messages` has an entry on success, with `type: null`' },
  retryAfter: { on: true, meaning: '429 carries `Retry-After`' },
  emptyRateLimitBody: { on: false, meaning: '429 has an empty body' },
  rateLimitAs200: {
    on: false,
    meaning: 'the rate limit refuses with HTTP 200, `success: false` and code 971',
  },
} as const satisfies Record<string, { readonly on: boolean; readonly meaning: string }>

export type QuirkName = keyof typeof quirkTable

/** The quirks that are on. */
export type Quirks = ReadonlySet<QuirkName>

/** Switches by name; what is not named keeps its default. */
export type QuirkSwitches = Readonly<Partial<Record<QuirkName, boolean | undefined>>>

export const quirkNames: readonly QuirkName[] = Object.keys(quirkTable).filter(isQuirkName)

export function isQuirkName(name: string): name is QuirkName {
  return Object.hasOwn(quirkTable, name)
}

/** The quirks that are on by default, with some of them switched otherwise. */
export function chooseQuirks(switches: QuirkSwitches): Quirks {
  return new Set(quirkNames.filter((name) => switches[name] ?? quirkTable[name].on))
}

/** The quirks of `quirks` with some of them switched otherwise. */
export function switchQuirks(quirks: Quirks, switches: QuirkSwitches): Quirks {
  return new Set(quirkNames.filter((name) => switches[name] ?? quirks.has(name)))
}
