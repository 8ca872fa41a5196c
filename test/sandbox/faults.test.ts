import { expect, test, vi } from 'vitest'
import { startRest } from './support/rest.ts'

test('each matching request takes the next step, then all is as usual', async () => {
  const { get, account, sandbox } = await startRest()
  sandbox.setFaults([{ method: 'GET', path: '*/user_groups', respond: [429, 200, 503] }])
  const statuses: number[] = []
  for (let round = 0; round < 5; round += 1)
    statuses.push((await get(`${account}/iam/user_groups?page=${round + 1}`)).status)
  expect(statuses).toEqual([429, 200, 503, 200, 200])
  expect((await get(`${account}/iam/resource_groups`)).status).toBe(200)
})

test('a fault meets only its method and path; with a question mark, its query too', async () => {
  const { call, get, account, control } = await startRest()
  await control('POST', '/faults', {
    faults: [
      { method: 'post', path: '*', respond: [500] },
      { path: `${account}/members?*page=2`, respond: [502], repeat: true },
    ],
  })
  expect((await get(account)).status).toBe(200)
  expect((await get(`${account}/members?per_page=5&page=2`)).status).toBe(502)
  expect((await get(`${account}/members?per_page=5&page=2`)).status).toBe(502)
  expect((await get(`${account}/members`)).status).toBe(200)
  expect((await call('POST', `${account}/iam/user_groups`, { body: { name: 'x' } })).status).toBe(500)
  expect((await get(`${account}/iam/user_groups?name=x`)).result).toEqual([])
})

test('a number comes with what such a status usually has', async () => {
  const { get, account, sandbox } = await startRest()
  const answer = async (status: number) => {
    sandbox.setFaults([{ path: '*', respond: [status] }])
    return get(account)
  }
  const throttled = await answer(429)
  expect(throttled.errors[0]?.code).toBe(971)
  expect(throttled.headers.get('retry-after')).toBe('1')
  expect(throttled.headers.get('ratelimit')).toBe('"default";r=0;t=1')
  expect(await answer(971)).toMatchObject({ status: 200, success: false, errors: [{ code: 971 }] })
  expect(await answer(500)).toMatchObject({
    status: 500,
    errors: [{ code: 1000, message: 'Internal Server Error' }],
  })
  expect(JSON.parse((await answer(403)).text)).toEqual({
    success: false,
    errors: [{ code: 10000, message: 'Authentication error' }],
  })
  for (const status of [502, 503, 504, 522]) {
    const page = await answer(status)
    expect(page.text).toContain('<!DOCTYPE html>')
    expect(page.headers.get('content-type')).toContain('text/html')
  }
  const refused = await answer(409)
  expect(refused.errors[0]?.code).toBe(409)
  expect(refused.headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=300$/)
})

test('a step can write the whole answer', async () => {
  const { get, account, sandbox } = await startRest()
  const headers = { 'Content-Type': 'application/json', 'Retry-After': '7' }
  sandbox.setFaults([
    {
      path: account,
      respond: [
        { status: 200, body: { success: false, errors: [{ code: 1, message: 'odd' }] } },
        { status: 429, body: '', headers: { 'Retry-After': '7' } },
        { status: 200, body: '{"success": tru', headers },
        { status: 302, headers: { Location: 'http://127.0.0.1:9/' }, body: '' },
        { body: null },
      ],
    },
  ])
  expect(await get(account)).toMatchObject({ status: 200, errors: [{ code: 1, message: 'odd' }] })
  const empty = await get(account)
  expect([empty.status, empty.text, empty.headers.get('retry-after')]).toEqual([429, '', '7'])
  const raw = () => fetch(`${sandbox.url}${account}`, { redirect: 'manual' })
  const broken = await raw()
  expect([await broken.text(), broken.headers.get('retry-after')]).toEqual(['{"success": tru', '7'])
  const redirect = await raw()
  expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'http://127.0.0.1:9/'])
  expect(await (await raw()).text()).toBe('null')
})

test('a delay lets the API answer later, with the headers of the step', async () => {
  const { get, account, sandbox } = await startRest()
  sandbox.setFaults([
    { path: account, respond: [{ delayMs: 60, passThrough: true, headers: { 'X-Late': 'yes' } }] },
  ])
  const startedMs = performance.now()
  const answer = await get<{ id: string }>(account)
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(55)
  expect(answer.result.id).toBe(sandbox.accountTag)
  expect(answer.headers.get('x-late')).toBe('yes')
})

test('a reset breaks the connection and does nothing; applyThenReset does it first', async () => {
  const { call, get, account, sandbox } = await startRest()
  const path = `${account}/iam/user_groups`
  sandbox.setFaults([{ method: 'POST', path, respond: [{ reset: true }, { applyThenReset: true }] }])
  const create = (name: string) => call('POST', path, { body: { name } })
  await expect(create('Never')).rejects.toThrow('fetch failed')
  await expect(create('Unheard')).rejects.toThrow('fetch failed')
  expect((await get(`${path}?name=Never`)).result).toEqual([])
  expect((await get(`${path}?name=Unheard`)).result).toHaveLength(1)
  expect(sandbox.requests().map(({ status, faulted, clientGone }) => [status, faulted, clientGone])).toEqual([
    [null, true, false],
    [null, true, false],
    [200, false, false],
    [200, false, false],
  ])
})

test('a truncated answer ends before its length', async () => {
  const { account, sandbox } = await startRest()
  sandbox.setFaults([{ path: account, respond: [{ truncate: true }, { status: 500, truncate: true }] }])
  for (const status of [200, 500]) {
    const response = await fetch(`${sandbox.url}${account}`)
    expect(response.status).toBe(status)
    await expect(response.text()).rejects.toThrow()
  }
  expect(sandbox.requests().map(({ status }) => status)).toEqual([200, 500])
})

test('a hang before the headers lasts until the client leaves', async () => {
  const { account, sandbox } = await startRest()
  sandbox.setFaults([{ path: account, respond: [{ hang: 'before-headers' }] }])
  const abort = new AbortController()
  const answer = fetch(`${sandbox.url}${account}`, { signal: abort.signal })
  await vi.waitFor(() => expect(sandbox.requests()).toHaveLength(1))
  expect(sandbox.requests()[0]).toMatchObject({ status: null, durationMs: null, clientGone: false })
  abort.abort()
  await expect(answer).rejects.toThrow('aborted')
  await vi.waitFor(() => expect(sandbox.requests()[0]).toMatchObject({ status: null, clientGone: true }))
})

test('a hang in mid-body has sent the headers and half of the body', async () => {
  const { account, sandbox } = await startRest()
  sandbox.setFaults([{ path: account, respond: [{ hang: 'mid-body' }] }])
  const response = await fetch(`${sandbox.url}${account}`)
  const length = Number(response.headers.get('content-length'))
  const chunk = await response.body?.getReader().read()
  expect(response.status).toBe(200)
  expect(chunk?.done).toBe(false)
  expect(chunk?.value?.length).toBe(Math.floor(length / 2))
  expect(response.headers.get('ratelimit')).not.toBeNull()
})

test('a hang does not hold up others, nor the end of the sandbox', async () => {
  const { get, account, sandbox } = await startRest()
  sandbox.setFaults([
    { path: account, respond: [{ hang: 'before-headers' }, { hang: 'mid-body' }, { delayMs: 600_000 }] },
  ])
  const hanging = [get(account), get(account), get(account)].map((call) => call.catch(() => 'gone'))
  await vi.waitFor(() => expect(sandbox.requests()).toHaveLength(3))
  expect((await get(`${account}/members`)).status).toBe(200)
  await sandbox.close()
  expect(await Promise.all(hanging)).toEqual(['gone', 'gone', 'gone'])
})

test('what is left of the faults can be read, and taken away', async () => {
  const { get, account, control } = await startRest()
  const faults = [
    { path: account, respond: [500, 502] },
    { path: '*', respond: [{ delayMs: 1 }], repeat: true },
  ]
  expect(await control('POST', '/faults', { faults })).toEqual({ status: 200, body: { faults } })
  await get(account)
  expect((await control('GET', '/faults')).body).toEqual({
    faults: [{ path: account, respond: [502] }, faults[1]],
  })
  expect((await control('DELETE', '/faults')).body).toEqual({ faults: [] })
  expect((await get(account)).status).toBe(200)
})

test.each([
  [{ faults: [{ path: 'accounts', respond: [500] }] }, 'faults.0.path'],
  [{ faults: [{ path: '/x', respond: [] }] }, 'faults.0.respond'],
  [{ faults: [{ path: '/x', respond: [500, 204] }] }, 'faults.0.respond.1'],
  [{ faults: [{ path: '/x', respond: [{ status: 99 }] }] }, 'faults.0.respond.0.status'],
  [{ faults: [{ path: '/x', respond: [{ delay: 5 }] }] }, 'faults.0.respond.0'],
  [{ faults: [{ path: '/x', respond: [{}] }] }, 'faults.0.respond.0'],
  [{ faults: [{ path: '/x', respond: [{ reset: true, hang: 'mid-body' }] }] }, 'faults.0.respond.0'],
  [{ faults: [{ path: '/x', respond: [{ status: 500, passThrough: true }] }] }, 'faults.0.respond.0'],
  [{ faults: [{ path: '/x', respnd: [500] }] }, 'faults.0.respond'],
  [{ fault: [] }, 'faults'],
  ['{', ''],
])('a mistake is refused with its place, and the faults stay as they were: %j', async (body, at) => {
  const { control } = await startRest()
  const faults = [{ path: '/kept', respond: [500] }]
  await control('POST', '/faults', { faults })
  const refused = await control('POST', '/faults', body)
  expect(refused.status).toBe(400)
  const { mistakes } = refused.body as { mistakes: { at: string; message: string }[] }
  expect(mistakes.map((mistake) => mistake.at)).toContain(at)
  expect((await control('GET', '/faults')).body).toEqual({ faults })
})

test('setFaults refuses a mistake as well', async () => {
  const { sandbox } = await startRest()
  expect(() => sandbox.setFaults([{ path: '/x', respond: [100] }])).toThrow('a bare number is 200')
})
