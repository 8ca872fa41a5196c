import { expect, test } from 'vitest'
import { startSandbox } from '../../src/sandbox/server.ts'
import { startRest } from './support/rest.ts'

// Taken before any sandbox starts: a replacement would stay for the life of the process.
const globalsAtLoad = [globalThis.Request, globalThis.Response, globalThis.Headers]

test('two sandboxes at once know nothing of each other', async () => {
  const one = await startRest()
  const two = await startRest()
  await one.call('POST', `${one.account}/iam/user_groups`, { body: { name: 'Only here' } })
  expect(two.sandbox.requests()).toEqual([])
  expect((await two.get(`${two.account}/iam/user_groups?name=Only%20here`)).result).toEqual([])
})

test('it ends at once with connections kept alive, and a second end is the first', async () => {
  const { get, account, sandbox } = await startRest()
  await Promise.all([get(account), get(account), get(account)])
  await Promise.all([sandbox.close(), sandbox.close()])
  await expect(get(account)).rejects.toThrow('fetch failed')
})

test('a port that is taken is an error', async () => {
  const first = await startRest()
  const port = Number(new URL(first.sandbox.url).port)
  await expect(startSandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('it leaves the globals of its process alone', async () => {
  const { get, account } = await startRest()
  await get(account)
  expect([globalThis.Request, globalThis.Response, globalThis.Headers]).toEqual(globalsAtLoad)
})

test('latency comes before every answer', async () => {
  const { get, account, sandbox } = await startRest({ latencyMs: 40 })
  await Promise.all([get(account), get(account)])
  for (const { durationMs } of sandbox.requests()) expect(durationMs).toBeGreaterThanOrEqual(35)
})

test('HEAD is answered like GET, without a body', async () => {
  const { account, sandbox } = await startRest()
  const response = await fetch(`${sandbox.url}${account}`, { method: 'HEAD' })
  expect([response.status, await response.text()]).toEqual([200, ''])
  expect(sandbox.requests()[0]).toMatchObject({ method: 'HEAD', status: 200 })
})
