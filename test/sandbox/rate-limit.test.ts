import { expect, test } from 'vitest'
import { startRest } from './support/rest.ts'

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })

test('every answer tells the budget, refusals too', async () => {
  const { call, account } = await startRest()
  for (const [remaining, path] of [account, '/nowhere', `${account}/iam/user_groups?page=0`].entries()) {
    const { headers } = await call('GET', path)
    expect(headers.get('ratelimit')).toBe(`"default";r=${1199 - remaining};t=300`)
    expect(headers.get('ratelimit-policy')).toBe('"default";q=1200;w=300')
  }
})

test('past the limit everything is 429 until the window ends, for this credential alone', async () => {
  let nowMs = 1_000_000
  const { call, account } = await startRest({ rateLimit: { calls: 2, windowSeconds: 300 }, now: () => nowMs })
  const ask = (token: string) => call('GET', account, bearer(token))
  expect((await ask('one')).status).toBe(200)
  nowMs += 100_500
  expect((await ask('one')).headers.get('ratelimit')).toBe('"default";r=0;t=200')

  const refused = await ask('one')
  expect(refused.status).toBe(429)
  expect(refused.errors).toEqual([
    {
      code: 971,
      message:
        'More than 2 requests per 300 seconds reached. Please wait and consider throttling your request speed',
    },
  ])
  expect(refused.headers.get('retry-after')).toBe('200')
  expect(refused.headers.get('ratelimit')).toBe('"default";r=0;t=200')
  expect((await ask('other')).status).toBe(200)

  nowMs += 199_499
  expect((await ask('one')).status).toBe(429)
  nowMs += 1
  expect((await ask('one')).status).toBe(200)
})

test('a refused call does nothing', async () => {
  const { call, get, account } = await startRest({ rateLimit: { calls: 1, windowSeconds: 300 } })
  await call('GET', account, bearer('spent'))
  const path = `${account}/iam/user_groups`
  const post = await call('POST', path, { ...bearer('spent'), body: { name: 'Too much' } })
  expect(post.status).toBe(429)
  expect((await get(`${path}?name=Too%20much`)).result).toEqual([])
})

test('429 comes without Retry-After, or with an empty body, or as 200, where the quirks say so', async () => {
  const { get, account, control } = await startRest({ rateLimit: { calls: 1, windowSeconds: 300 } })
  await get(account)
  await control('PATCH', '/quirks', { retryAfter: false })
  const silent = await get(account)
  expect([silent.status, silent.headers.get('retry-after')]).toEqual([429, null])
  await control('PATCH', '/quirks', { emptyRateLimitBody: true })
  const empty = await get(account)
  expect([empty.status, empty.text]).toEqual([429, ''])
  await control('PATCH', '/quirks', { emptyRateLimitBody: false, rateLimitAs200: true })
  const friendly = await get(account)
  expect([friendly.status, friendly.success, friendly.errors[0]?.code]).toEqual([200, false, 971])
})

test('the controls are not counted', async () => {
  const { get, account, control } = await startRest()
  await get(account)
  await control('GET', '/requests')
  expect((await get(account)).headers.get('ratelimit')).toBe('"default";r=1198;t=300')
})
