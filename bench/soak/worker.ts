import { setTimeout as wait } from 'node:timers/promises'
import type { Ask, Asked, Tally } from './ask.ts'
import type { Caller } from './callers.ts'
import type { Random } from './random.ts'
import { createReads } from './reads.ts'
import { type Kind, type State, type Truth, userGroupState } from './truth.ts'
import { createWriter, type WriteCounts } from './writes.ts'

/** A user group as it should be. */
export type UserGroupModel = {
  readonly tag: string
  readonly name: string
  readonly policies: readonly PolicyModel[]
  readonly members: readonly string[]
}

export type PolicyModel = {
  readonly access: 'allow'
  readonly permissionGroups: readonly string[]
  readonly resourceGroups: readonly string[]
}

type Other = { readonly tag: string; readonly name: string; readonly state: string }

/** What a worker may name in its writes. */
export type Supplies = {
  readonly accountTag: string
  readonly permissionGroups: readonly string[]
  readonly resourceGroups: readonly string[]
  readonly members: readonly string[]
}

/** One that works for a caller, one operation after the other, on objects that are its own. */
export type Worker = {
  run(until: () => boolean): Promise<void>
  /** Its objects, as they should be. */
  objects(): readonly { readonly kind: Kind; readonly tag: string; readonly state: State }[]
}

/** `name` begins the names of all its objects. */
export function createWorker(options: {
  readonly name: string
  readonly caller: Caller
  readonly ask: Ask
  readonly isOver: (requestId: string) => Promise<void>
  readonly truth: Truth
  readonly random: Random
  readonly supplies: Supplies
  readonly foreignAccount: string
  readonly tally: Tally
  readonly counts: WriteCounts
}): Worker {
  const { name, caller, random, supplies } = options
  const { accountTag } = supplies
  const write = createWriter({ ...options, accountTag })
  const reads = createReads(options)
  let groups: readonly UserGroupModel[] = []
  let resourceGroups: readonly Other[] = []
  let connectors: readonly Other[] = []
  let named = 0

  const newName = () => {
    named += 1
    return `${name} ${named}`
  }
  const newPolicies = (): readonly PolicyModel[] =>
    Array.from({ length: random.below(3) }, () => ({
      access: 'allow',
      permissionGroups: [random.pick(supplies.permissionGroups)],
      resourceGroups: [random.pick(supplies.resourceGroups)],
    }))
  const policyInputs = (policies: readonly PolicyModel[]) =>
    policies.map((policy) => ({
      access: 'ALLOW',
      permissionGroupIds: policy.permissionGroups,
      resourceGroupIds: policy.resourceGroups,
    }))

  async function createGroup(): Promise<Asked> {
    const group = { name: newName(), policies: newPolicies(), members: [] }
    const { done, tag, asked } = await write({
      kind: 'user_groups',
      tag: undefined,
      name: group.name,
      field: 'createUserGroup',
      input: { accountId: accountTag, name: group.name, policies: policyInputs(group.policies) },
      selection: 'userGroup { tag }',
      before: null,
      after: userGroupState(group),
    })
    if (done && tag !== undefined) groups = [...groups, { ...group, tag }]
    return asked
  }

  async function changeGroup(group: UserGroupModel): Promise<Asked> {
    const id = `ug_${accountTag}${group.tag}`
    const memberIds = random.some(supplies.members, 4)
    const [gone] = group.members
    const policies = newPolicies()
    const changes: readonly (readonly [string, Record<string, unknown>, UserGroupModel | undefined])[] = [
      ['updateUserGroup', { id, name: `${group.name}x` }, { ...group, name: `${group.name}x` }],
      ['updateUserGroup', { id, policies: policyInputs(policies) }, { ...group, policies }],
      ['setUserGroupMembers', { userGroupId: id, memberIds }, { ...group, members: memberIds }],
      ...(memberIds.length > 0
        ? [
            [
              'addUserGroupMembers',
              { userGroupId: id, memberIds },
              { ...group, members: [...new Set([...group.members, ...memberIds])] },
            ] as const,
          ]
        : []),
      ...(gone !== undefined
        ? [
            [
              'removeUserGroupMember',
              { userGroupId: id, memberId: gone },
              { ...group, members: group.members.slice(1) },
            ] as const,
          ]
        : []),
      ['deleteUserGroup', { id }, undefined],
    ]
    const [field, input, after] = random.pick(changes)
    const { done, asked } = await write({
      kind: 'user_groups',
      tag: group.tag,
      name: group.name,
      field,
      input,
      selection: 'clientMutationId',
      before: userGroupState(group),
      after: after === undefined ? null : userGroupState(after),
    })
    const kept = groups.filter(({ tag }) => tag !== group.tag)
    groups = !done ? groups : after === undefined ? kept : [...kept, after]
    return asked
  }

  async function createOther(kind: 'resource_groups' | 'sso_connectors'): Promise<Asked> {
    const isConnector = kind === 'sso_connectors'
    const label = newName()
    const newObject = isConnector ? `${label.replaceAll(' ', '-')}.example` : label
    const scope = { key: `com.cloudflare.api.account.${accountTag}`, objects: [{ key: '*' }] }
    const state = isConnector
      ? JSON.stringify([newObject, false, 'awaiting'])
      : JSON.stringify([newObject, scope])
    const { done, tag, asked } = await write({
      kind,
      tag: undefined,
      name: newObject,
      field: isConnector ? 'createSSOConnector' : 'createResourceGroup',
      input: isConnector
        ? { accountId: accountTag, emailDomain: newObject, beginVerification: false }
        : { accountId: accountTag, name: newObject, scope },
      selection: isConnector ? 'ssoConnector { tag }' : 'resourceGroup { tag }',
      before: null,
      after: state,
    })
    if (done && tag !== undefined) keep(kind, { tag, name: newObject, state })
    return asked
  }

  async function changeOther(kind: 'resource_groups' | 'sso_connectors', object: Other): Promise<Asked> {
    const id = `${kind === 'resource_groups' ? 'rg' : 'sc'}_${accountTag}${object.tag}`
    const [first, second, third] = JSON.parse(object.state)
    const changes: readonly (readonly [string, Record<string, unknown>, string | null])[] =
      kind === 'resource_groups'
        ? [
            ['updateResourceGroup', { id, name: `${first}x` }, JSON.stringify([`${first}x`, second])],
            ['deleteResourceGroup', { id }, null],
          ]
        : [
            [
              'updateSSOConnector',
              { id, useFedrampLanguage: !second },
              JSON.stringify([first, !second, third]),
            ],
            ['beginSSOConnectorVerification', { id }, JSON.stringify([first, second, 'pending'])],
            ['deleteSSOConnector', { id }, null],
          ]
    const [field, input, after] = random.pick(changes)
    const selection = 'clientMutationId'
    const { done, asked } = await write({
      kind,
      tag: object.tag,
      name: object.name,
      field,
      input,
      selection,
      before: object.state,
      after,
    })
    if (done) drop(kind, object)
    if (done && after !== null) keep(kind, { ...object, state: after })
    return asked
  }

  function keep(kind: Kind, object: Other): void {
    if (kind === 'resource_groups') resourceGroups = [...resourceGroups, object]
    else connectors = [...connectors, object]
  }

  function drop(kind: Kind, { tag }: Other): void {
    if (kind === 'resource_groups') resourceGroups = resourceGroups.filter((other) => other.tag !== tag)
    else connectors = connectors.filter((other) => other.tag !== tag)
  }

  function work(): Promise<Asked> {
    if (random.chance(0.55) || !caller.writes)
      return reads(
        groups,
        connectors.map(({ tag }) => tag),
      )
    const kind = random.pick([
      'user_groups',
      'user_groups',
      'user_groups',
      'resource_groups',
      'sso_connectors',
    ] as const)
    if (kind === 'user_groups' && caller.seesUserGroups) {
      return groups.length < 2 ? createGroup() : changeGroup(random.pick(groups))
    }
    const other = kind === 'sso_connectors' && caller.seesConnectors ? kind : 'resource_groups'
    const owned = other === 'resource_groups' ? resourceGroups : connectors
    return owned.length < 2 ? createOther(other) : changeOther(other, random.pick(owned))
  }

  return {
    async run(until) {
      while (!until()) {
        const { errors } = await work()
        // The upstream's wish, as a caller would heed it.
        const waits = errors.map(({ extensions }) => Number(extensions.retryAfterMs ?? 0))
        if (waits.length > 0) await wait(Math.min(Math.max(...waits), 1_100))
      }
    },
    objects: () => [
      ...groups.map((group) => ({
        kind: 'user_groups' as const,
        tag: group.tag,
        state: userGroupState(group),
      })),
      ...resourceGroups.map(({ tag, state }) => ({ kind: 'resource_groups' as const, tag, state })),
      ...connectors.map(({ tag, state }) => ({ kind: 'sso_connectors' as const, tag, state })),
    ],
  }
}
