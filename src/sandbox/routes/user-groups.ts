import { Hono } from 'hono'
import { z } from 'zod'
import { readBody } from '../body.ts'
import { succeed, succeedDeleted, succeedList } from '../envelope.ts'
import { parsePage, slicePage } from '../paging.ts'
import { policySchema, resolvePolicies } from '../policies.ts'
import { containsFuzzy, isDescending, parseIdFilter } from '../query.ts'
import type { UserGroup } from '../records.ts'
import { refuse } from '../refusal.ts'
import type { AccountState } from '../store.ts'
import { tagPattern } from '../tags.ts'
import { createShuffle, showUserGroup } from '../wire-shapes.ts'
import type { SandboxEnv, World } from '../world.ts'

/** The longest name that the real API takes is not recorded. */
const nameSchema = z.string().regex(/\S/, 'name must not be empty').max(255)
const createSchema = z.object({ name: nameSchema, policies: z.array(policySchema).default([]) })
const updateSchema = z.object({ name: nameSchema.optional(), policies: z.array(policySchema).optional() })

/** User groups, by name. */
export function userGroupRoutes(world: World): Hono<SandboxEnv> {
  const path = `/accounts/:account_id{${tagPattern}}/iam/user_groups` as const
  const onePath = `${path}/:user_group_id{${tagPattern}}` as const
  const show = (group: UserGroup, account: AccountState, salt: number) =>
    showUserGroup(group, account, world.quirks, createShuffle(world.quirks, salt))

  return new Hono<SandboxEnv>()
    .get(path, (c) => {
      const query = c.req.query()
      const page = parsePage(query, { min: 1, max: 500, default: 100, cap: world.pageCaps.user_groups })
      const account = c.get('account')
      const all = account.userGroups.list()
      const matching = filterGroups(isDescending(query) ? all.toReversed() : all, {
        id: parseIdFilter(query),
        name: query.name,
        part: query.fuzzyName,
        isLoose: world.quirks.has('looseNameFilter'),
      })
      const rows = slicePage(matching, page).map((group) => show(group, account, c.get('entry').number))
      return c.json(
        succeedList(world.quirks, { rows, info: { page, matching: matching.length, all: all.length } }),
      )
    })
    .post(path, async (c) => {
      const account = c.get('account')
      const { name, policies } = await readBody(c, createSchema)
      checkNameFree(world, account, name)
      const stamp = world.store.clock.stamp()
      const group: UserGroup = {
        policies: resolvePolicies(world, account, { method: 'POST', policies }),
        id: world.store.nextTag(),
        name,
        created_on: stamp,
        modified_on: stamp,
        members: new Map(),
      }
      account.userGroups.put(group)
      if (world.quirks.has('eventualConsistency')) world.store.propagation.noteCreated(group.id)
      return c.json(succeed(world.quirks, show(group, account, c.get('entry').number)))
    })
    .get(onePath, (c) => {
      const account = c.get('account')
      const id = c.req.param('user_group_id')
      const ghost = world.quirks.has('eventualConsistency') ? world.store.propagation.ghostOf(id) : undefined
      const group = ghost ?? findUserGroup(account, id)
      return c.json(succeed(world.quirks, show(group, account, c.get('entry').number)))
    })
    .put(onePath, async (c) => {
      const account = c.get('account')
      const found = findUserGroup(account, c.req.param('user_group_id'))
      const { name, policies } = await readBody(c, updateSchema)
      if (name !== undefined && name !== found.name) checkNameFree(world, account, name)
      // Whether the real API keeps what is left out is not verified (quirk 37): here it is gone.
      const kept = world.quirks.has('dropOmittedOnPut') ? { ...found, name: '', policies: [] } : found
      const group: UserGroup = {
        ...kept,
        ...(name === undefined ? {} : { name }),
        policies:
          policies === undefined
            ? kept.policies.map((policy) => ({ ...policy, id: world.store.nextTag() }))
            : resolvePolicies(world, account, { method: 'PUT', policies }),
        modified_on: world.store.clock.stamp(),
      }
      account.userGroups.put(group)
      return c.json(succeed(world.quirks, show(group, account, c.get('entry').number)))
    })
    .delete(onePath, (c) => {
      const account = c.get('account')
      const group = findUserGroup(account, c.req.param('user_group_id'))
      account.userGroups.remove(group.id)
      if (world.quirks.has('eventualConsistency')) world.store.propagation.noteDeleted(group)
      return c.json(succeedDeleted(world.quirks, group.id))
    })
}

/** Throws a `Refusal` (404) where the account has no such user group. */
export function findUserGroup(account: AccountState, id: string): UserGroup {
  const group = account.userGroups.get(id)
  if (group === undefined) throw refuse(404, `User group ${id} not found`)
  return group
}

type GroupFilter = {
  readonly id: string | undefined
  readonly name: string | undefined
  readonly part: string | undefined
  readonly isLoose: boolean
}

function filterGroups(
  groups: readonly UserGroup[],
  { id, name, part, isLoose }: GroupFilter,
): readonly UserGroup[] {
  return groups.filter(
    (group) =>
      (id === undefined || group.id === id) &&
      (name === undefined || (isLoose ? containsFuzzy(group.name, name) : group.name === name)) &&
      (part === undefined || containsFuzzy(group.name, part)),
  )
}

/** 400, not 409 (quirk 33). Whether case matters is not recorded: here it does. */
function checkNameFree(world: World, account: AccountState, name: string): void {
  if (!world.quirks.has('uniqueUserGroupNames')) return
  if (account.userGroups.list().some((group) => group.name === name))
    throw refuse(400, `User group name "${name}" is already in use`, '/name')
}
