import { Hono } from 'hono'
import { succeed, succeedList } from '../envelope.ts'
import { parsePage, slicePage } from '../paging.ts'
import { parseIdFilter } from '../query.ts'
import { refuse } from '../refusal.ts'
import { tagPattern } from '../tags.ts'
import { showPermissionGroup } from '../wire-shapes.ts'
import type { SandboxEnv, World } from '../world.ts'

/** The catalogue of permission groups, in its own order: there is no sort (quirk 17). */
export function permissionGroupRoutes(world: World): Hono<SandboxEnv> {
  const path = `/accounts/:account_id{${tagPattern}}/iam/permission_groups`
  return new Hono<SandboxEnv>()
    .get(path, (c) => {
      const query = c.req.query()
      const page = parsePage(query, { min: 5, max: 50, default: 20, cap: world.pageCaps.permission_groups })
      const id = parseIdFilter(query)
      const all = c.get('account').permissionGroups.list()
      const matching = all.filter(
        (group) =>
          (id === undefined || group.id === id) &&
          (query.name === undefined || group.name === query.name) &&
          (query.label === undefined || group.label === query.label),
      )
      const rows = slicePage(matching, page).map((group) => showPermissionGroup(group, world.quirks))
      const info = { page, matching: matching.length, all: all.length, seenMissing: true }
      return c.json(succeedList(world.quirks, { rows, info }))
    })
    .get(`${path}/:permission_group_id{${tagPattern}}`, (c) => {
      const group = c.get('account').permissionGroups.get(c.req.param('permission_group_id'))
      // Status and code of an unknown permission group are not recorded: as for the other kinds.
      if (group === undefined) throw refuse(404, 'Permission group not found')
      return c.json(succeed(world.quirks, showPermissionGroup(group, world.quirks)))
    })
}
