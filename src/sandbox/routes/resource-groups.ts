import { Hono } from 'hono'
import { z } from 'zod'
import { readBody } from '../body.ts'
import { succeed, succeedDeleted, succeedList } from '../envelope.ts'
import { isPolicyUsing } from '../policies.ts'
import { parseIdFilter } from '../query.ts'
import type { ResourceGroup } from '../records.ts'
import { refuse } from '../refusal.ts'
import { checkScope, scopeSchema } from '../resource-scope.ts'
import type { AccountState } from '../store.ts'
import { tagPattern } from '../tags.ts'
import { showResourceGroup } from '../wire-shapes.ts'
import type { SandboxEnv, World } from '../world.ts'

/** Names need not be unique (quirk 25). The longest name that the real API takes is not recorded. */
const nameSchema = z.string().regex(/\S/, 'name must not be empty').max(255)
const createSchema = z.object({ name: nameSchema, scope: scopeSchema })
const updateSchema = createSchema.partial()

/** Resource groups: one page, whatever their number (quirk 18). */
export function resourceGroupRoutes(world: World): Hono<SandboxEnv> {
  const path = `/accounts/:account_id{${tagPattern}}/iam/resource_groups` as const
  const onePath = `${path}/:resource_group_id{${tagPattern}}` as const
  return new Hono<SandboxEnv>()
    .get(path, (c) => {
      const query = c.req.query()
      const id = parseIdFilter(query)
      const rows = c
        .get('account')
        .resourceGroups.list()
        .filter(
          (group) =>
            (id === undefined || group.id === id) && (query.name === undefined || group.name === query.name),
        )
        .map((group) => showResourceGroup(group, world.quirks))
      return c.json(succeedList(world.quirks, { rows, seenNull: true }))
    })
    .post(path, async (c) => {
      const account = c.get('account')
      const { name, scope } = await readBody(c, createSchema)
      checkScope(scope, account.account.id, '/scope')
      const group = { id: world.store.nextTag(), name, scope, editable: true, system: false }
      account.resourceGroups.put(group)
      return c.json(succeed(world.quirks, showResourceGroup(group, world.quirks)))
    })
    .get(onePath, (c) =>
      c.json(
        succeed(
          world.quirks,
          showResourceGroup(findGroup(c.get('account'), c.req.param('resource_group_id')), world.quirks),
        ),
      ),
    )
    .put(onePath, async (c) => {
      const account = c.get('account')
      const found = findGroup(account, c.req.param('resource_group_id'))
      const { name, scope } = await readBody(c, updateSchema)
      checkEditable(world, found)
      if (scope !== undefined) checkScope(scope, account.account.id, '/scope')
      // Whether the real API keeps what is left out is not verified (quirk 24): here it is gone, so that a careless
      // client loses data in the sandbox and not in production.
      const kept = world.quirks.has('dropOmittedOnPut')
        ? { ...found, name: '', scope: { key: '', objects: [] } }
        : found
      const group = {
        ...kept,
        ...(name === undefined ? {} : { name }),
        ...(scope === undefined ? {} : { scope }),
      }
      account.resourceGroups.put(group)
      return c.json(succeed(world.quirks, showResourceGroup(group, world.quirks)))
    })
    .delete(onePath, (c) => {
      const account = c.get('account')
      const group = findGroup(account, c.req.param('resource_group_id'))
      checkEditable(world, group)
      // What the real API does with a group that a policy still names is not recorded: refusing leaves no dangling id.
      if (isPolicyUsing(account, group.id)) throw refuse(400, 'Resource group is used by a policy')
      account.resourceGroups.remove(group.id)
      return c.json(succeedDeleted(world.quirks, group.id))
    })
}

function findGroup(account: AccountState, id: string): ResourceGroup {
  const group = account.resourceGroups.get(id)
  if (group === undefined) throw refuse(404, `Resource group ${id} not found`)
  return group
}

/** 422 was seen on DELETE (quirk 26); the same for PUT is our choice. */
function checkEditable(world: World, group: ResourceGroup): void {
  if (group.system && world.quirks.has('systemResourceGroupsKept'))
    throw refuse(422, `Resource group ${group.id} is non-editable`)
}
