import { expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { memberList, resourceGroupList, userGroupList, userGroupMemberList } from '../../src/loaders/lists.ts'
import { loadAll, loadWindow } from '../../src/loaders/load-window.ts'
import { changeAccount } from '../../src/loaders/request-cache.ts'
import { parseWindow } from '../../src/paging/window.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { startRequest } from './request.ts'

const needs = { rows: true, more: false, totalCount: false }

test('a whole list is read in its largest pages, those behind the first announced before they are sent', async () => {
  const { context, sandbox } = await startRequest()
  const rows = await loadAll(context, memberList(sandbox.accountTag), 'members')
  expect(rows).toHaveLength(300)
  expect(new Set(rows.map(({ id }) => id)).size).toBe(300)
  expect(pagesAsked(sandbox)).toEqual(['1/50', '2/50', '3/50', '4/50', '5/50', '6/50'])
  expect([context.budget.estimated(), context.budget.made()]).toEqual([6, 6])
})

test('a list that does not tell its length is read to its end, each further page announced', async () => {
  const { context, sandbox } = await startRequest({ seed: { members: 1200 } })
  const { allStaffUserGroup = '' } = sandbox.landmarks
  const rows = await loadAll(context, userGroupMemberList(sandbox.accountTag, allStaffUserGroup), 'members')
  expect(rows.length).toBeGreaterThan(1000)
  expect(pagesAsked(sandbox)).toEqual(['1/500', '2/500', '3/500'])
  expect([context.budget.estimated(), context.budget.made()]).toEqual([3, 3])
})

test('one page is enough where it holds everything, and an empty list is one page too', async () => {
  const { context, sandbox } = await startRequest({}, { priced: 2 })
  const { accountTag, landmarks } = sandbox
  expect(await loadAll(context, userGroupList(accountTag), 'userGroups')).toHaveLength(40)
  const nobody = userGroupMemberList(accountTag, landmarks.emptyUserGroup ?? '')
  expect(await loadAll(context, nobody, 'members')).toEqual([])
  expect([context.budget.estimated(), context.budget.made()]).toEqual([2, 2])
})

test('what cannot be afforded is refused before the second page', async () => {
  const { context, sandbox } = await startRequest({}, { limit: 5 })
  const refusal = loadAll(context, memberList(sandbox.accountTag), 'account.members')
  await expect(refusal).rejects.toMatchObject({
    name: 'CostLimitExceeded',
    estimated: 6,
    limit: 5,
    fields: [{ path: 'account.members', calls: 5 }],
  })
  expect(pagesAsked(sandbox)).toEqual(['1/50'])
})

test('pages that turn out smaller than documented are read on, and announced', async () => {
  const { context, sandbox } = await startRequest({ pageCaps: { user_groups: 11 } })
  const rows = await loadAll(context, userGroupList(sandbox.accountTag), 'userGroups')
  expect(new Set(rows.map(({ id }) => id)).size).toBe(40)
  expect(context.budget.made()).toBeLessThanOrEqual(context.budget.estimated())
})

test('rows that were read already are not read again', async () => {
  const { context, sandbox } = await startRequest()
  const spec = userGroupList(sandbox.accountTag)
  await loadAll(context, spec, 'a')
  await loadAll(context, spec, 'b')
  const { rows } = await window(context, sandbox, { first: 7 })
  expect(rows).toHaveLength(7)
  expect(pagesAsked(sandbox)).toEqual(['1/500'])
})

test('the same window is loaded once, and windows of one moment share pages', async () => {
  const { context, sandbox } = await startRequest()
  const [a, b, c] = await Promise.all([
    window(context, sandbox, { first: 5 }),
    window(context, sandbox, { first: 5 }),
    window(context, sandbox, { first: 30 }),
  ])
  expect(a).toBe(b)
  expect(c.rows.slice(0, 5).map(({ id }) => id)).toEqual(a.rows.map(({ id }) => id))
  expect(pagesAsked(sandbox)).toEqual(['1/30'])
})

test('nothing that takes the list is nothing to read', async () => {
  const { context, sandbox } = await startRequest()
  const nothing = { rows: false, more: false, totalCount: false }
  const asked = { window: parseWindow({}, undefined), needs: nothing, path: 'x' }
  const empty = { rows: [], hasNextPage: false, hasPreviousPage: false, totalCount: null }
  expect(await loadWindow(context, userGroupList(sandbox.accountTag), asked)).toMatchObject(empty)
  expect(await loadWindow(context, resourceGroupList(sandbox.accountTag), asked)).toMatchObject(empty)
  expect(sandbox.requests()).toEqual([])
})

test('after a write in the account, lists are read afresh, even where the write failed', async () => {
  const { context, sandbox } = await startRequest({}, { priced: 3 })
  await window(context, sandbox, { first: 5 })
  expect(await changeAccount(context, sandbox.accountTag, async () => 'done')).toBe('done')
  await window(context, sandbox, { first: 5 })
  const failing = changeAccount(context, sandbox.accountTag, () => Promise.reject(new Error('lost')))
  await expect(failing).rejects.toThrow('lost')
  await window(context, sandbox, { first: 5 })
  expect(pagesAsked(sandbox)).toEqual(['1/5', '1/5', '1/5'])
})

test('a write in another account forgets nothing here', async () => {
  const { context, sandbox } = await startRequest()
  await window(context, sandbox, { first: 5 })
  await changeAccount(context, sandbox.landmarks.otherAccount, async () => undefined)
  await window(context, sandbox, { first: 5 })
  expect(pagesAsked(sandbox)).toEqual(['1/5'])
})

test('a failure is shared by those who asked at once, and no other window suffers from it', async () => {
  const { context, sandbox } = await startRequest({}, { priced: 3 })
  sandbox.setFaults([{ path: '*', respond: [500] }])
  const asked = await Promise.allSettled([
    window(context, sandbox, { first: 5 }),
    window(context, sandbox, { first: 5 }),
  ])
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect((await window(context, sandbox, { first: 6 })).rows).toHaveLength(6)
})

function window(context: Context, sandbox: Sandbox, args: { readonly first: number }) {
  const spec = userGroupList(sandbox.accountTag)
  return loadWindow(context, spec, { window: parseWindow(args, undefined), needs, path: 'userGroups' })
}

/** Number and size of each page that was asked for, in order. */
function pagesAsked(sandbox: Sandbox): readonly string[] {
  return sandbox
    .requests()
    .map(({ path }) => new URL(path, 'http://sandbox.test').searchParams)
    .map((query) => `${query.get('page')}/${query.get('per_page')}`)
    .toSorted((a, b) => Number(a.split('/')[0]) - Number(b.split('/')[0]))
}
