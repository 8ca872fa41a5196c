import { expect, test } from 'vitest'
import type { LoggedRequest } from '../../src/sandbox/server.ts'
import { type Row, startRest } from './support/rest.ts'

test('the log tells each request in the order of arrival, and never a credential', async () => {
  const { call, account, sandbox, control } = await startRest()
  const secrets = ['tok-5e1f', 'mail-77@quayline.example', 'key-9a2c']
  await call('GET', `${account}/members?page=2&order=%75ser.email`, {
    headers: { Authorization: `Bearer ${secrets[0]}`, Cookie: `x=${secrets[0]}`, 'X-Trace': 'kept' },
  })
  await call('POST', `${account}/iam/user_groups`, {
    body: { name: '' },
    headers: { 'X-Auth-Email': `${secrets[1]}`, 'X-Auth-Key': `${secrets[2]}` },
  })
  await call('GET', '/nowhere')

  const log = sandbox.requests()
  expect(
    log.map(({ number, method, path, status, body }) => ({ number, method, path, status, body })),
  ).toEqual([
    {
      number: 1,
      method: 'GET',
      path: `${account}/members?page=2&order=%75ser.email`,
      status: 200,
      body: null,
    },
    { number: 2, method: 'POST', path: `${account}/iam/user_groups`, status: 400, body: { name: '' } },
    { number: 3, method: 'GET', path: '/nowhere', status: 404, body: null },
  ])
  expect(log[0]?.headers['x-trace']).toBe('kept')
  expect(new Set(log.map(({ credential }) => credential)).size).toBe(3)
  expect(log[2]?.credential).toBe('none')
  for (const { startedAt, durationMs } of log) {
    expect(Math.abs(startedAt - Date.now())).toBeLessThan(60_000)
    expect(durationMs).toBeGreaterThanOrEqual(0)
  }
  const read = await control('GET', '/requests')
  expect(read.body).toEqual({ requests: log })
  for (const secret of secrets) expect(JSON.stringify(read.body)).not.toContain(secret)
})

test('the same credential has the same hash, another one has another', async () => {
  const { call, account, sandbox } = await startRest()
  for (const token of ['a', 'b', 'a'])
    await call('GET', account, { headers: { Authorization: `Bearer ${token}` } })
  const [one, two, three] = sandbox.requests().map(({ credential }) => credential)
  expect(one).toBe(three)
  expect(one).not.toBe(two)
})

test('a path is logged as it was sent', async () => {
  const { get, account, sandbox } = await startRest()
  await get(`${account}/iam/user_groups/..%2f..%2fmembers`)
  expect(sandbox.requests().map(({ path, status }) => [path, status])).toEqual([
    [`${account}/iam/user_groups/..%2f..%2fmembers`, 404],
  ])
})

test('the log can be emptied, here and over HTTP', async () => {
  const { get, account, sandbox, control } = await startRest()
  await get(account)
  sandbox.clearRequests()
  expect(sandbox.requests()).toEqual([])
  await get(account)
  await control('DELETE', '/requests')
  expect(sandbox.requests()).toEqual([])
  expect((await control('GET', '/requests')).body).toEqual({ requests: [] satisfies LoggedRequest[] })
})

test('a reset brings everything back as it was at the start', async () => {
  const { call, get, account, sandbox, control } = await startRest({
    rateLimit: { calls: 5, windowSeconds: 300 },
  })
  const path = `${account}/iam/user_groups`
  const create = () => call<Row>('POST', path, { body: { name: 'Passing' } })
  const before = await get(`${path}?per_page=500`)
  const made = await create()
  await call('DELETE', `${path}/${sandbox.landmarks.allStaffUserGroup}`)
  await control('PATCH', '/quirks', { deletedResultNull: true })
  sandbox.setFaults([{ path: '*', respond: [500], repeat: true }])
  expect((await get(path)).status).toBe(500)

  expect(await control('POST', '/reset')).toEqual({ status: 200, body: { reset: true } })
  expect(sandbox.requests()).toEqual([])
  const after = await get(`${path}?per_page=500`)
  expect(after.result).toEqual(before.result)
  expect(after.headers.get('ratelimit')).toBe('"default";r=4;t=300')
  const again = await create()
  expect(again.result.id).toBe(made.result.id)
  expect((await call('DELETE', `${path}/${again.result.id}`)).result).toEqual({ id: again.result.id })
})

test('the quirks can be read and switched', async () => {
  const { control } = await startRest({ quirks: { nullLists: false } })
  const before = await control('GET', '/quirks')
  expect(before.body).toMatchObject({
    quirks: { nullLists: false, deletedResultNull: false, scopeAsObject: true },
  })
  const after = await control('PATCH', '/quirks', { deletedResultNull: true })
  expect(after.body).toMatchObject({
    quirks: { nullLists: false, deletedResultNull: true, scopeAsObject: true },
  })
  expect((await control('PATCH', '/quirks', { deletedResultNull: 'yes' })).status).toBe(400)
})

test('the first page says what there is', async () => {
  const { control, sandbox } = await startRest()
  const { status, body } = await control('GET', '')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    accounts: [
      { id: sandbox.accountTag, name: 'Quayline Freight', user_groups: 40, members: 300, sso_connectors: 4 },
      { id: sandbox.landmarks.otherAccount, name: 'Quayline Labs' },
    ],
    landmarks: sandbox.landmarks,
    tokens: { 'invalid-token': expect.any(String) },
  })
  expect((await control('GET', '/nothing')).status).toBe(404)
  expect(
    (await control('PATCH', `/sso_connectors/${sandbox.accountTag}/verification`, { status: 'failed' }))
      .status,
  ).toBe(404)
})
