import { expect, test } from 'vitest'
import { type Row, startRest } from './support/rest.ts'

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })

test.each([
  ['no credential', {}],
  ['a token', { Authorization: 'Bearer any_Token-1.2~3' }],
  [
    'an e-mail address with a key',
    { 'X-Auth-Email': 'ops@quayline.example', 'X-Auth-Key': 'c2547eb745079dac9320b638f5e225cf483cc5cfdda41' },
  ],
  [
    'both at once',
    { Authorization: 'Bearer token', 'X-Auth-Email': 'ops@quayline.example', 'X-Auth-Key': 'key' },
  ],
])('%s is taken', async (_, headers) => {
  const { call, account } = await startRest()
  expect((await call('GET', account, { headers })).status).toBe(200)
})

test.each([
  [{ Authorization: 'Basic dXNlcjpwYXNz' }, 6111, 'Invalid format for Authorization header'],
  [{ Authorization: 'Bearer' }, 6111, 'Invalid format for Authorization header'],
  [{ Authorization: 'Bearer two words' }, 6111, 'Invalid format for Authorization header'],
  [{ 'X-Auth-Email': 'nobody', 'X-Auth-Key': 'key' }, 6102, 'Invalid format for X-Auth-Email header'],
  [{ 'X-Auth-Email': 'a@b.example', 'X-Auth-Key': 'a key' }, 6103, 'Invalid format for X-Auth-Key header'],
])('malformed headers are a 400 with the cause in the chain: %o', async (headers, code, message) => {
  const { call, account } = await startRest()
  const answer = await call('GET', account, { headers: { ...headers } })
  expect(answer.status).toBe(400)
  expect(answer.errors).toEqual([
    { code: 6003, message: 'Invalid request headers', error_chain: [{ code, message }] },
  ])
})

test('a key without its e-mail address is refused', async () => {
  const { call, account } = await startRest()
  const answer = await call('GET', account, { headers: { 'X-Auth-Key': 'key' } })
  expect({ status: answer.status, code: answer.errors[0]?.code }).toEqual({ status: 400, code: 9106 })
})

test('a bad token gets an envelope of two keys, or a whole one where the quirk is off', async () => {
  const { call, account, control } = await startRest()
  const short = await call('GET', account, bearer('invalid-token'))
  expect(short.status).toBe(403)
  expect(JSON.parse(short.text)).toEqual({
    success: false,
    errors: [{ code: 10000, message: 'Authentication error' }],
  })
  await control('PATCH', '/quirks', { shortAuthEnvelopes: false })
  const whole = await call('GET', account, bearer('invalid-token'))
  expect(JSON.parse(whole.text)).toEqual({
    success: false,
    errors: [{ code: 10000, message: 'Authentication error' }],
    messages: [],
    result: null,
  })
})

test('a key with a meaning works like the token', async () => {
  const { call, account } = await startRest()
  const headers = { 'X-Auth-Email': 'a@b.example', 'X-Auth-Key': 'invalid-token' }
  expect((await call('GET', account, { headers })).status).toBe(403)
})

test('a token that only reads is refused every write and changes nothing', async () => {
  const { call, get, account } = await startRest()
  const path = `${account}/iam/user_groups`
  const only = bearer('read-only-token-7')
  expect((await call('GET', path, only)).status).toBe(200)
  const refused = await call('POST', path, { ...only, body: { name: 'Mine' } })
  expect({ status: refused.status, code: refused.errors[0]?.code }).toEqual({ status: 403, code: 10000 })
  expect((await get(`${path}?name=Mine`)).result).toEqual([])
})

test.each([
  ['sso-forbidden-token', '/sso_connectors', '/iam/user_groups'],
  ['user-groups-forbidden-token', '/iam/user_groups', '/iam/resource_groups'],
])('%s may not use %s, but may use %s', async (token, forbidden, allowed) => {
  const { call, account } = await startRest()
  expect((await call('GET', `${account}${forbidden}`, bearer(token))).status).toBe(403)
  expect((await call('GET', `${account}${allowed}`, bearer(token))).status).toBe(200)
})

test('a token is refused from a place that it may not be used from', async () => {
  const { call, account } = await startRest()
  const { status, errors } = await call('GET', account, bearer('ip-filtered-token'))
  expect({ status, code: errors[0]?.code }).toEqual({ status: 403, code: 9109 })
})

test('a token of the other account sees that account alone', async () => {
  const { call, account, sandbox } = await startRest()
  const other = bearer('other-account-token')
  expect((await call('GET', account, other)).status).toBe(403)
  expect((await call('GET', `${account}/members`, other)).status).toBe(403)
  expect((await call('GET', `/accounts/${sandbox.landmarks.otherAccount}`, other)).status).toBe(200)
  const { result } = await call<Row[]>('GET', '/accounts', other)
  expect(result.map(({ id }) => id)).toEqual([sandbox.landmarks.otherAccount])
})

test("an account's own token cannot list accounts, but can read its account", async () => {
  const { call, account } = await startRest()
  const own = bearer('cfat_0123456789')
  const { status, errors } = await call('GET', '/accounts', own)
  expect({ status, errors }).toEqual({
    status: 400,
    errors: [{ code: 1001, message: 'List accounts endpoint does not support account owned tokens.' }],
  })
  expect((await call('GET', account, own)).status).toBe(200)
})

test('where a credential is required, a call without one is refused', async () => {
  const { call, account } = await startRest({ quirks: { requireCredential: true } })
  const { status, errors } = await call('GET', account)
  expect({ status, code: errors[0]?.code }).toEqual({ status: 400, code: 9106 })
  expect((await call('GET', account, bearer('any'))).status).toBe(200)
})
