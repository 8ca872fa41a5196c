import { expect, test } from 'vitest'
import { known, startRest } from './support/rest.ts'

const nobody = '0123456789abcdef0123456789abcdef'

test.each([
  ['an unknown account', `/accounts/${nobody}`],
  ['a list of an unknown account', `/accounts/${nobody}/iam/user_groups`],
  ['a malformed account id', '/accounts/not-an-id/iam/user_groups'],
  ['a path that does not exist', '/zones'],
  ['a trailing slash', '/accounts/'],
])('%s cannot be routed', async (_, path) => {
  const { get } = await startRest()
  const answer = await get(path)
  expect(answer.status).toBe(404)
  expect(answer.errors).toEqual([
    { code: 7003, message: `Could not route to ${path}, perhaps your object identifier is invalid?` },
    { code: 7000, message: 'No route for that URI' },
  ])
  expect(answer.result).toBeNull()
})

test.each([
  'iam/user_groups/short',
  'iam/user_groups/',
  `iam/user_groups/${nobody}0`,
  `iam/user_groups/${nobody.replace('0', 'g')}`,
  'iam/permission_groups/x',
  'iam/resource_groups/x',
  'sso_connectors/x',
  `iam/user_groups/${nobody}/members/x`,
  `members/${nobody}0`,
])('an identifier that is not 32 hexadecimal characters does not reach its object: %s', async (path) => {
  const { get, account } = await startRest()
  const { status, errors } = await get(`${account}/${path}`)
  expect({ status, codes: errors.map(({ code }) => code) }).toEqual({ status: 404, codes: [7003, 7000] })
})

test.each([
  ['GET', `iam/user_groups/${nobody}`, 404, 404, 'User group'],
  ['PUT', `iam/user_groups/${nobody}`, 404, 404, 'User group'],
  ['DELETE', `iam/user_groups/${nobody}`, 404, 404, 'User group'],
  ['GET', `iam/user_groups/${nobody}/members`, 404, 404, 'User group'],
  ['POST', `iam/user_groups/${nobody}/members`, 404, 404, 'User group'],
  ['GET', `iam/resource_groups/${nobody}`, 404, 404, 'Resource group'],
  ['PUT', `iam/resource_groups/${nobody}`, 404, 404, 'Resource group'],
  ['DELETE', `iam/resource_groups/${nobody}`, 404, 404, 'Resource group'],
  ['GET', `iam/permission_groups/${nobody}`, 404, 404, 'Permission group'],
  ['GET', `sso_connectors/${nobody}`, 404, 404, 'SSO connector'],
  ['POST', `sso_connectors/${nobody}/begin_verification`, 404, 404, 'SSO connector'],
  ['GET', `members/${nobody}`, 404, 1003, 'Member'],
  ['GET', 'members/short', 404, 1003, 'Member'],
] as const)('%s of an unknown %s is %i with code %i', async (method, path, status, code, text) => {
  const { call, account } = await startRest()
  const answer = await call(method, `${account}/${path}`, method === 'PUT' ? { body: {} } : {})
  expect({ status: answer.status, code: answer.errors[0]?.code }).toEqual({ status, code })
  expect(answer.errors[0]?.message).toContain(text)
})

test("one account's objects are unknown in another", async () => {
  const { get, account, sandbox } = await startRest()
  const { otherAccount, otherAccountUserGroup, otherAccountMember } = sandbox.landmarks
  expect((await get(`${account}/iam/user_groups/${otherAccountUserGroup}`)).status).toBe(404)
  expect((await get(`/accounts/${otherAccount}/iam/user_groups/${otherAccountUserGroup}`)).status).toBe(200)
  expect((await get(`${account}/members/${otherAccountMember}`)).status).toBe(404)
})

test.each([
  ['POST', '', 'GET'],
  ['PATCH', '/iam/user_groups', 'GET, POST'],
  ['POST', `/iam/user_groups/${nobody}`, 'GET, PUT, DELETE'],
  ['DELETE', `/members/${nobody}`, 'GET'],
  ['PUT', '/sso_connectors', 'GET, POST'],
] as const)('%s on a path that has other methods is 405: %s', async (method, path, allow) => {
  const { call, account } = await startRest()
  const { status, errors, headers } = await call(method, `${account}${path}`)
  expect({ status, code: errors[0]?.code, allow: headers.get('allow') }).toEqual({
    status: 405,
    code: 10405,
    allow,
  })
})

test('a body that is no JSON, or not said to be, is refused', async () => {
  const { call, account } = await startRest()
  const path = `${account}/iam/user_groups`
  const broken = await call('POST', path, { body: '{"name": ' })
  expect({ status: broken.status, code: broken.errors[0]?.code }).toEqual({ status: 400, code: 6007 })
  const unsaid = await call('POST', path, {
    body: '{"name": "x"}',
    headers: { 'Content-Type': 'text/plain' },
  })
  expect({ status: unsaid.status, code: unsaid.errors[0]?.code }).toEqual({ status: 415, code: 9207 })
  const vast = await call('POST', path, { body: { name: 'x'.repeat(1_048_576) } })
  expect(vast.status).toBe(413)
})

test('each mistake in a body is one error with a pointer to its place', async () => {
  const { call, account, sandbox } = await startRest()
  const policies = [
    {
      access: 'permit',
      permission_groups: [{}],
      resource_groups: [{ id: known(sandbox.landmarks.systemResourceGroup) }],
    },
    { access: 'allow', permission_groups: [{ id: nobody }], resource_groups: [] },
  ]
  const { status, errors } = await call('POST', `${account}/iam/user_groups`, {
    body: { name: ' ', policies },
  })
  expect(status).toBe(400)
  expect(errors.map(({ code, source }) => [code, source?.pointer])).toEqual([
    [400, '/name'],
    [400, '/policies/0/access'],
    [400, '/policies/0/permission_groups/0/id'],
    [400, '/policies/1/resource_groups'],
  ])
})

test('every answer has a ray and the type JSON', async () => {
  const { get, account } = await startRest()
  for (const path of [account, `${account}/iam/user_groups/x`, '/accounts?per_page=1']) {
    const { headers } = await get(path)
    expect(headers.get('cf-ray')).toMatch(/^[0-9a-f]{16}-[A-Z]{3}$/)
    expect(headers.get('content-type')).toBe('application/json')
  }
})
