import { Hono } from 'hono'
import { accountTokenPrefix, maySeeAccount } from '../auth.ts'
import { sortedBy } from '../collection.ts'
import { succeed, succeedList } from '../envelope.ts'
import { parsePage, slicePage } from '../paging.ts'
import { isDescending } from '../query.ts'
import { Refusal } from '../refusal.ts'
import { tagPattern } from '../tags.ts'
import type { SandboxEnv, World } from '../world.ts'

/** The accounts that a credential sees, by name. */
export function accountRoutes(world: World): Hono<SandboxEnv> {
  return new Hono<SandboxEnv>()
    .get('/accounts', (c) => {
      const caller = c.get('caller')
      if (caller.secret?.startsWith(accountTokenPrefix) === true)
        throw new Refusal(400, [
          { code: 1001, message: 'List accounts endpoint does not support account owned tokens.' },
        ])
      const query = c.req.query()
      const page = parsePage(query, { min: 5, max: 50, default: 20, cap: world.pageCaps.accounts })
      const [, otherAccountId] = world.store.accounts.keys()
      const visible = [...world.store.accounts.values()]
        .map(({ account }) => account)
        .filter(({ id }) => maySeeAccount(caller, id, otherAccountId))
      const sorted = sortedBy(visible, (account) => account.name)
      const matching = (isDescending(query) ? sorted.toReversed() : sorted).filter(
        ({ name }) => query.name === undefined || name === query.name,
      )
      const info = { page, matching: matching.length, all: visible.length }
      return c.json(succeedList(world.quirks, { rows: slicePage(matching, page), info }))
    })
    .get(`/accounts/:account_id{${tagPattern}}`, (c) =>
      c.json(succeed(world.quirks, c.get('account').account)),
    )
}
