import { expect, test } from 'vitest'
import type { SandboxOptions } from '../../src/sandbox/server.ts'
import { known, type Row, startRest, type WireGroupMember } from './support/rest.ts'

const unknown = '0123456789abcdef0123456789abcdef'

/** An empty user group, and four members of the account by e-mail. */
async function startWithEmptyGroup(options?: SandboxOptions) {
  const rest = await startRest(options)
  const group = known(rest.sandbox.landmarks.emptyUserGroup)
  const path = `${rest.account}/iam/user_groups/${group}/members`
  const query = 'status=accepted&order=user.email&per_page=5'
  const { result } = await rest.get<WireGroupMember[]>(`${rest.account}/members?${query}`)
  const rows = result.map(({ id, email, status }) => ({ id, email, status }))
  const ids = (...places: readonly number[]) => places.map((place) => ({ id: known(rows[place]?.id) }))
  const pick = (...places: readonly number[]) => places.map((place) => rows[place])
  return { ...rest, path, ids, pick }
}

test('POST adds, and answers everyone in the group by e-mail', async () => {
  const { call, get, path, ids, pick } = await startWithEmptyGroup()
  expect((await call('POST', path, { body: ids(2) })).result).toEqual(pick(2))
  const second = await call('POST', path, { body: ids(3, 0) })
  expect(second.result).toEqual(pick(0, 2, 3))
  expect((await get(path)).result).toEqual(pick(0, 2, 3))
})

test('POST of somebody who is in it already changes nothing, not even since when', async () => {
  let nowMs = Date.UTC(2027, 0, 1)
  const { call, get, path, ids, pick } = await startWithEmptyGroup({ now: () => nowMs })
  await call('POST', path, { body: ids(1) })
  const before = await get(`${path}/${ids(1)[0]?.id}`)
  nowMs += 60_000
  expect((await call('POST', path, { body: ids(1, 1) })).result).toEqual(pick(1))
  expect((await get(`${path}/${ids(1)[0]?.id}`)).result).toEqual(before.result)
})

test('POST answers only those of the request where the quirk is off', async () => {
  const { call, path, ids, pick } = await startWithEmptyGroup({ quirks: { addMembersEchoesWholeSet: false } })
  await call('POST', path, { body: ids(0) })
  expect((await call('POST', path, { body: ids(1) })).result).toEqual(pick(1))
})

test('PUT makes the members exactly these; an empty one answers null', async () => {
  const { call, get, path, ids, pick } = await startWithEmptyGroup()
  await call('POST', path, { body: ids(0, 1) })
  expect((await call('PUT', path, { body: ids(3, 1) })).result).toEqual(pick(1, 3))
  expect((await get(path)).result).toEqual(pick(1, 3))
  const emptied = await call('PUT', path, { body: [] })
  expect({ status: emptied.status, result: emptied.result }).toEqual({ status: 200, result: null })
  expect((await get(path)).result).toBeNull()
})

test('DELETE answers who was removed', async () => {
  const { call, get, path, ids, pick } = await startWithEmptyGroup()
  await call('POST', path, { body: ids(0, 1) })
  expect((await call('DELETE', `${path}/${ids(0)[0]?.id}`)).result).toEqual(pick(0)[0])
  expect((await get(path)).result).toEqual(pick(1))
})

test('one member is told with since when, and with the person', async () => {
  const now = () => Date.UTC(2027, 0, 1, 12, 30, 15, 250)
  const { call, get, path, ids, pick, account } = await startWithEmptyGroup({ now })
  const [{ id } = { id: '' }] = ids(2)
  await call('POST', path, { body: [{ id }] })
  const member = await get<{ user: Record<string, unknown> }>(`${account}/members/${id}`)
  const { id: userId, email, first_name, last_name } = member.result.user
  expect((await get(`${path}/${id}`)).result).toEqual({
    ...pick(2)[0],
    created_at: '2027-01-01T12:30:15Z',
    user: { id: userId, email, first_name, last_name },
  })
})

test('who is not in the group is 404; whom the account does not know is 400 on DELETE', async () => {
  const { call, get, path, ids } = await startWithEmptyGroup()
  const [{ id } = { id: '' }] = ids(0)
  for (const [method, tag, status] of [
    ['GET', id, 404],
    ['GET', unknown, 404],
    ['DELETE', id, 404],
    ['DELETE', unknown, 400],
  ] as const) {
    const answer = await call(method, `${path}/${tag}`)
    expect({ method, tag, status: answer.status }).toEqual({ method, tag, status })
    if (status === 404) expect(answer.errors[0]?.message).toContain('not found in user group')
  }
  expect((await get(path)).status).toBe(200)
})

test('one bad member refuses the whole batch, in POST and in PUT', async () => {
  const { call, get, path, ids, pick } = await startWithEmptyGroup()
  await call('POST', path, { body: ids(0) })
  for (const method of ['POST', 'PUT'] as const)
    for (const bad of [unknown, 'short', '']) {
      const { status, errors } = await call(method, path, { body: [...ids(1), { id: bad }] })
      expect({ status, errors }).toEqual({
        status: 400,
        errors: [{ code: 400, message: `Invalid member ${bad}`, source: { pointer: '/1/id' } }],
      })
    }
  expect((await get(path)).result).toEqual(pick(0))
})

test('bad members are passed over where the quirk is off', async () => {
  const { call, path, ids, pick } = await startWithEmptyGroup({ quirks: { badMemberFailsBatch: false } })
  expect((await call('POST', path, { body: [{ id: unknown }, ...ids(1)] })).result).toEqual(pick(1))
})

test('the member without domain scoped roles is refused, unless the quirk is off', async () => {
  const { call, path, control, sandbox } = await startWithEmptyGroup()
  const body = [{ id: known(sandbox.landmarks.memberWithoutDsr) }]
  const { status, errors } = await call('POST', path, { body })
  expect(status).toBe(400)
  expect(errors[0]?.message).toContain('do not have DSR enabled')
  await control('PATCH', '/quirks', { noDsrMember: false })
  expect((await call<Row[]>('POST', path, { body })).result).toHaveLength(1)
})

test('a member of another account is a bad member', async () => {
  const { call, path, sandbox } = await startWithEmptyGroup()
  const { status } = await call('POST', path, { body: [{ id: sandbox.landmarks.otherAccountMember }] })
  expect(status).toBe(400)
})

test.each([[{ members: [] }], [[{}]], ['"x"'], [[{ id: 7 }]]])(
  'a body that is no list of ids is refused: %j',
  async (body) => {
    const { call, path } = await startWithEmptyGroup()
    expect((await call('POST', path, { body })).status).toBe(400)
  },
)
