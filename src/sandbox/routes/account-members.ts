import { Hono } from 'hono'
import { sortedBy } from '../collection.ts'
import { succeed, succeedList } from '../envelope.ts'
import { parsePage, slicePage } from '../paging.ts'
import { isDescending, parseChoice } from '../query.ts'
import type { Member } from '../records.ts'
import { Refusal } from '../refusal.ts'
import { tagPattern } from '../tags.ts'
import { createShuffle, showMember } from '../wire-shapes.ts'
import type { SandboxEnv, World } from '../world.ts'

/** The members of an account: in the order they came, unless `order` names a field. */
export function accountMemberRoutes(world: World): Hono<SandboxEnv> {
  const path = `/accounts/:account_id{${tagPattern}}/members`
  return (
    new Hono<SandboxEnv>()
      .get(path, (c) => {
        const query = c.req.query()
        const page = parsePage(query, { min: 5, max: 50, default: 20, cap: world.pageCaps.members })
        const status = parseChoice(query, 'status', ['accepted', 'pending', 'rejected'])
        const order = parseChoice(query, 'order', [
          'user.first_name',
          'user.last_name',
          'user.email',
          'status',
        ])
        const account = c.get('account')
        const all = account.members.list()
        const sorted = order === undefined ? all : sortedBy(all, sortKeys[order])
        const matching = (isDescending(query) ? sorted.toReversed() : sorted).filter(
          (member) => status === undefined || member.status === status,
        )
        const shuffle = createShuffle(world.quirks, c.get('entry').number)
        const rows = slicePage(matching, page).map((member) => ({
          ...showMember(member, account, world.quirks, shuffle),
          ...(world.quirks.has('thinMemberRows') ? { roles: null, policies: null } : {}),
        }))
        const info = { page, matching: matching.length, all: all.length }
        return c.json(succeedList(world.quirks, { rows, info }))
      })
      // The published length of this identifier has a maximum only: 32.
      .get(`${path}/:member_id{[0-9a-zA-Z]{1,32}}`, (c) => {
        const account = c.get('account')
        const member = account.members.get(c.req.param('member_id'))
        // The status that comes with 1003 is not recorded.
        if (member === undefined) throw new Refusal(404, [{ code: 1003, message: 'Member not found' }])
        const shuffle = createShuffle(world.quirks, c.get('entry').number)
        return c.json(succeed(world.quirks, showMember(member, account, world.quirks, shuffle)))
      })
  )
}

const sortKeys = {
  'user.first_name': ({ user }: Member) => user?.first_name ?? '',
  'user.last_name': ({ user }: Member) => user?.last_name ?? '',
  'user.email': ({ email }: Member) => email,
  status: ({ status }: Member) => status,
}
