import { Redis } from 'ioredis'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { BudgetRequest, SharedBudget } from '../../src/cloudflare/shared-budget.ts'
import { createUpstream } from '../../src/cloudflare/upstream.ts'
import { startSandbox } from '../../src/sandbox/server.ts'
import { createRedisBudget } from '../../src/shared-budget/redis-budget.ts'
import { type RedisServer, startRedisServer } from '../support/redis-server.ts'

const nothing = { least: 0, most: 0, outstanding: 0, ended: 0, unheard: 0, limits: [], pauseMs: 0 }
const limit = { name: '"default"', remaining: 100, resetMs: 60_000, quota: 100, windowMs: 300_000 }

async function open({ url }: Pick<RedisServer, 'url'>) {
  const changes: boolean[] = []
  const budget = await createRedisBudget({
    url,
    processes: 1,
    holdMs: 40_000,
    onChange: ({ isShared }) => changes.push(isShared),
  })
  onTestFinished(() => budget.close())
  return { budget, changes, ask: asking(budget) }
}

function asking(budget: SharedBudget) {
  const account = budget.account('somebody')
  return (request: Partial<BudgetRequest>) => account.ask({ ...nothing, ...request })
}

const patience = { timeout: 15_000, interval: 100 }

test('what one process has is not given to another, until it says that it was not used', async ({ skip }) => {
  const redis = await startRedisServer(skip)
  const [one, two] = [await open(redis), await open(redis)]
  expect((await one.ask({ least: 70, most: 70, limits: [limit] })).calls).toBe(70)
  const refused = await two.ask({ least: 31, most: 31 })
  expect(refused.calls).toBe(0)
  expect(refused.waitMs).toBeGreaterThan(50_000)
  expect((await two.ask({ least: 30, most: 30 })).calls).toBe(30)
  await one.ask({ outstanding: 60 })
  expect((await two.ask({ least: 10, most: 10, outstanding: 30 })).calls).toBe(10)
  expect((await two.ask({ least: 1, most: 1, outstanding: 40 })).calls).toBe(0)
})

test('calls that ended are spent, as far as answers say, and where they say nothing', async ({ skip }) => {
  const redis = await startRedisServer(skip)
  const [one, two] = [await open(redis), await open(redis)]
  await one.ask({ least: 50, most: 50, limits: [limit] })
  await one.ask({ ended: 50, limits: [{ ...limit, remaining: 50 }] })
  await two.ask({ least: 20, most: 20 })
  await two.ask({ ended: 20, unheard: 20 })
  expect((await one.ask({ least: 31, most: 31 })).calls).toBe(0)
  expect((await one.ask({ least: 30, most: 30 })).calls).toBe(30)
})

test('somebody else who spends the same budget is heeded', async ({ skip }) => {
  const { ask } = await open(await startRedisServer(skip))
  await ask({ least: 1, most: 1, limits: [limit] })
  await ask({ ended: 1, limits: [{ ...limit, remaining: 5 }] })
  expect((await ask({ least: 6, most: 6 })).calls).toBe(0)
})

test('a window that is over starts anew with its quota, and what is out counts on', async ({ skip }) => {
  const { ask } = await open(await startRedisServer(skip))
  await ask({ least: 1, most: 1, limits: [{ ...limit, remaining: 5, resetMs: 30 }] })
  await new Promise((resolve) => setTimeout(resolve, 40))
  expect((await ask({ least: 98, most: 98, outstanding: 3 })).calls).toBe(0)
  expect((await ask({ least: 97, most: 97, outstanding: 3 })).calls).toBe(97)
})

test('until an answer says something, the documented 1,200 calls are there for all', async ({ skip }) => {
  const redis = await startRedisServer(skip)
  const [one, two] = [await open(redis), await open(redis)]
  expect((await one.ask({ least: 1_000, most: 1_000 })).calls).toBe(1_000)
  expect((await two.ask({ least: 201, most: 201 })).calls).toBe(0)
  expect((await two.ask({ least: 200, most: 200 })).calls).toBe(200)
})

test('extra calls are given where there is plenty, and fewer where there is not', async ({ skip }) => {
  const { ask } = await open(await startRedisServer(skip))
  expect((await ask({ least: 10, most: 26, limits: [limit] })).calls).toBe(10 + 11)
  expect((await ask({ least: 70, most: 86, outstanding: 21 })).calls).toBe(70 + 1)
})

test('a pause that one is told is kept by all', async ({ skip }) => {
  const redis = await startRedisServer(skip)
  const [one, two] = [await open(redis), await open(redis)]
  await one.ask({ pauseMs: 9_000 })
  const refused = await two.ask({ least: 1, most: 1 })
  expect(refused.calls).toBe(0)
  expect(refused.pauseMs).toBeGreaterThan(8_000)
})

test('a Redis that hangs is waited for once; then there is a part, until it answers again', async ({
  skip,
}) => {
  const redis = await startRedisServer(skip)
  const [one] = [await open(redis), await open(redis)]
  await one.ask({ limits: [limit] })
  await one.budget.account('the-presence-of-both').ask(nothing)
  redis.freeze()
  const startedMs = performance.now()
  const [first, second] = [await one.ask({ least: 1, most: 1 }), await one.ask({ least: 1, most: 1 })]
  expect([first.calls, second.calls]).toEqual([1, 1])
  expect(performance.now() - startedMs).toBeLessThan(1_500)
  expect([one.changes, one.budget.isShared()]).toEqual([[false], false])
  redis.thaw()
  while (!one.budget.isShared()) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(one.changes).toEqual([false, true])
})

test('without a Redis at the start it starts all the same, and says so once', async () => {
  const { budget, changes, ask } = await open({ url: 'redis://127.0.0.1:1' })
  expect([budget.isShared(), changes]).toEqual([false, [false]])
  expect((await ask({ least: 1_200, most: 1_200 })).calls).toBe(1_200)
  expect((await ask({ least: 1, most: 1, outstanding: 1_200 })).calls).toBe(0)
})

test('two processes take from one budget, which knows the credential by a hash alone', async ({ skip }) => {
  const redis = await startRedisServer(skip)
  const sandbox = await startSandbox({ rateLimit: { calls: 20, windowSeconds: 60 } })
  onTestFinished(() => sandbox.close())
  const connect = async () => {
    const { budget } = await open(redis)
    const upstream = createUpstream({
      baseUrl: sandbox.url,
      timeoutMs: 5_000,
      retries: 0,
      concurrency: 24,
      sharedBudget: budget,
    })
    onTestFinished(() => upstream.close())
    return upstream.client({ credentials: { headers: { authorization: 'Bearer a-token-to-find' } } })
  }
  const [one, two] = [await connect(), await connect()]
  const route = { template: '/accounts/{account_id}', path: `/accounts/${sandbox.accountTag}` }
  await one.get(route)
  const first = one.reserve(12)
  await first.granted
  const second = two.reserve(8)
  await expect(second.granted).rejects.toMatchObject({ kind: 'rate-limited' })
  first.release()

  // Calls that have just ended may be held for out by others for a moment, and be had after it.
  const refusals: { readonly kind?: unknown; readonly retryAfterMs?: unknown }[] = []
  await vi.waitFor(async () => {
    const calls = [one, two].flatMap((client) =>
      Array.from({ length: 15 }, (_, page) => client.get(route, { page })),
    )
    const results = await Promise.allSettled(calls)
    refusals.push(...results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])))
    expect(sandbox.requests().length).toBeGreaterThanOrEqual(20)
  }, patience)
  expect(refusals.filter(({ kind, retryAfterMs }) => kind !== 'rate-limited' || !retryAfterMs)).toEqual([])
  await Promise.allSettled([one.get(route), two.get(route)])
  expect(sandbox.requests().map(({ status }) => status)).toEqual(Array(20).fill(200))

  const client = new Redis(redis.url)
  onTestFinished(() => client.disconnect())
  const keys = await client.keys('*')
  const values = await Promise.all(keys.map((key) => client.dump(key)))
  expect(keys).toHaveLength(2)
  expect(JSON.stringify([keys, values])).not.toMatch(/a-token-to-find|Bearer/)
})
