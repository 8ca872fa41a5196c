import { Hono } from 'hono'
import { z } from 'zod'
import { readBody } from '../body.ts'
import { sortedBy } from '../collection.ts'
import { succeed, succeedList } from '../envelope.ts'
import { parsePage, slicePage } from '../paging.ts'
import { containsFuzzy, isDescending } from '../query.ts'
import type { Member, UserGroup } from '../records.ts'
import { type EnvelopeError, Refusal, refuse } from '../refusal.ts'
import type { AccountState } from '../store.ts'
import { isTag, tagPattern } from '../tags.ts'
import { createShuffle, showGroupMember, showGroupMemberDetail } from '../wire-shapes.ts'
import type { SandboxEnv, World } from '../world.ts'
import { findUserGroup } from './user-groups.ts'

/** A bare array on the wire (quirk 38). */
const membersSchema = z.array(z.object({ id: z.string() }))

/** Who is in a user group, by e-mail. The identifier is that of the account membership (quirk 42). */
export function userGroupMemberRoutes(world: World): Hono<SandboxEnv> {
  const path =
    `/accounts/:account_id{${tagPattern}}/iam/user_groups/:user_group_id{${tagPattern}}/members` as const
  const onePath = `${path}/:member_id{${tagPattern}}` as const

  return new Hono<SandboxEnv>()
    .get(path, (c) => {
      const query = c.req.query()
      const cap = world.pageCaps.user_group_members
      const page = parsePage(query, { min: 1, max: 500, default: 100, cap })
      const account = c.get('account')
      const group = findGroup(world, account, c.req.param('user_group_id'))
      // A group whose own policy is bad cannot list its members (quirk 41).
      if (world.quirks.has('badPolicyGroup') && group.policies.some(({ access }) => access === 'deny'))
        throw refuse(400, 'Policy validation failed')
      const all = listMembers(account, group)
      const matching = (isDescending(query) ? all.toReversed() : all).filter(
        ({ email }) => query.fuzzyEmail === undefined || containsFuzzy(email, query.fuzzyEmail),
      )
      const rows = slicePage(matching, page).map(showGroupMember)
      const info = { page, matching: matching.length, all: all.length, seenMissing: true }
      return c.json(succeedList(world.quirks, { rows, seenNull: true, info }))
    })
    .post(path, async (c) => {
      const account = c.get('account')
      const group = findGroup(world, account, c.req.param('user_group_id'))
      const added = resolveMembers(world, account, await readBody(c, membersSchema))
      const changed = withMembers(group, [...listMembers(account, group), ...added], world)
      account.userGroups.put(changed)
      const echoed = world.quirks.has('addMembersEchoesWholeSet') ? listMembers(account, changed) : added
      const rows = createShuffle(world.quirks, c.get('entry').number)(echoed).map(showGroupMember)
      return c.json(succeedList(world.quirks, { rows, seenNull: true }))
    })
    .put(path, async (c) => {
      const account = c.get('account')
      const group = findGroup(world, account, c.req.param('user_group_id'))
      const members = resolveMembers(world, account, await readBody(c, membersSchema))
      const changed = withMembers(group, members, world)
      account.userGroups.put(changed)
      const shuffle = createShuffle(world.quirks, c.get('entry').number)
      const rows = shuffle(listMembers(account, changed)).map(showGroupMember)
      return c.json(succeedList(world.quirks, { rows, seenNull: true }))
    })
    .get(onePath, (c) => {
      const account = c.get('account')
      const group = findGroup(world, account, c.req.param('user_group_id'))
      const { member, joinedAtMs } = findMembership(account, group, c.req.param('member_id'))
      return c.json(succeed(world.quirks, showGroupMemberDetail(member, joinedAtMs)))
    })
    .delete(onePath, (c) => {
      const account = c.get('account')
      const group = findGroup(world, account, c.req.param('user_group_id'))
      const id = c.req.param('member_id')
      // 400 was seen for an id that is nobody in the account, 404 is declared for a member outside the group (quirk 40).
      if (account.members.get(id) === undefined) throw refuse(400, `Invalid member ${id}`)
      const { member } = findMembership(account, group, id)
      const rest = listMembers(account, group).filter((other) => other.id !== id)
      account.userGroups.put(withMembers(group, rest, world))
      return c.json(succeed(world.quirks, showGroupMember(member)))
    })
}

/** The user group, unless it is so new that its members path does not know it yet (quirk 35). */
function findGroup(world: World, account: AccountState, id: string): UserGroup {
  const group = findUserGroup(account, id)
  if (world.quirks.has('eventualConsistency') && world.store.propagation.hidesMembersOf(id))
    throw refuse(404, `User group ${id} not found`)
  return group
}

function listMembers(account: AccountState, group: UserGroup): readonly Member[] {
  const members = [...group.members.keys()].flatMap((id) => account.members.get(id) ?? [])
  return sortedBy(members, ({ email }) => email)
}

function findMembership(account: AccountState, group: UserGroup, id: string) {
  const member = account.members.get(id)
  const joinedAtMs = group.members.get(id)
  if (member === undefined || joinedAtMs === undefined)
    throw refuse(404, `Member ${id} not found in user group`)
  return { member, joinedAtMs }
}

/** The group with exactly these members; those who were in it keep the moment they joined. */
function withMembers(group: UserGroup, members: readonly Member[], world: World): UserGroup {
  const nowMs = world.store.clock.nowMs()
  return { ...group, members: new Map(members.map(({ id }) => [id, group.members.get(id) ?? nowMs])) }
}

/** The members that a body names. Throws a `Refusal` for bad ones, unless they are to be skipped (quirk 39). */
function resolveMembers(
  world: World,
  account: AccountState,
  named: z.output<typeof membersSchema>,
): readonly Member[] {
  const errors: EnvelopeError[] = []
  const members: Member[] = []
  for (const [index, { id }] of named.entries()) {
    const member = isTag(id) ? account.members.get(id) : undefined
    const isBarred = member?.domainScopedRoles === false && world.quirks.has('noDsrMember')
    if (member !== undefined && !isBarred) members.push(member)
    else
      errors.push({
        code: 400,
        message:
          member === undefined
            ? `Invalid member ${id}`
            : `The following members do not have DSR enabled: ${member.email}`,
        source: { pointer: `/${index}/id` },
      })
  }
  if (errors.length > 0 && world.quirks.has('badMemberFailsBatch')) throw new Refusal(400, errors)
  return [...new Map(members.map((member) => [member.id, member])).values()]
}
