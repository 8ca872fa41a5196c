import { expect, test } from 'vitest'
import { readPart } from '../../src/cloudflare/deferred-part.ts'
import { listUserGroups } from '../../src/cloudflare/user-groups.ts'
import { type Reply, startRestServer, success } from '../support/rest-server.ts'
import { accountTag, connect } from './connect.ts'

const policies = [
  { id: 'p', access: 'allow', permission_groups: [{ id: 'a', name: '権限' }], resource_groups: [] },
]
const group = {
  id: 'g',
  name: 'Ops',
  created_on: '2024-01-01T00:00:00Z',
  modified_on: '2024-01-01T00:00:00Z',
  policies,
}
const page = { page: 1, perPage: 20 }

test('a part of an answer is what came, as often as it is asked for', async () => {
  const server = await startRestServer(success([group]))
  const { rows } = await listUserGroups(connect(server.url).rest(), accountTag, page)
  expect(rows[0]?.policies).not.toBeInstanceOf(Array)
  const first = readPart(rows[0]?.policies)
  expect(first).toEqual(policies)
  expect(readPart(rows[0]?.policies)).toBe(first)
})

test('what was read for a request is let go of when it ends, and is not to be had any more', async () => {
  const server = await startRestServer(success([group, { ...group, id: 'h' }]))
  const rest = connect(server.url).rest()
  const { rows } = await listUserGroups(rest, accountTag, page)
  readPart(rows[0]?.policies)
  rest.release()
  for (const row of rows) expect(() => readPart(row.policies)).toThrow('operation had ended')
})

test('what two requests have from one call stays for the one that goes on', async () => {
  let answer = () => {}
  const arrived: (() => void)[] = []
  const late: Reply = (response, request) => {
    answer = () => success([group])(response, request)
    for (const tell of arrived) tell()
  }
  const server = await startRestServer(late)
  const { rest } = connect(server.url)
  const [leader, follower] = [rest(), rest()]
  const asked = new Promise<void>((resolve) => arrived.push(resolve))
  const pages = Promise.all([leader, follower].map((one) => listUserGroups(one, accountTag, page)))
  await asked
  answer()
  const [, { rows } = { rows: [] }] = await pages
  leader.release()
  expect(readPart(rows[0]?.policies)).toEqual(policies)
  follower.release()
  expect(readPart(rows[0]?.policies)).toEqual(policies)
  expect(server.requests).toHaveLength(1)
})
