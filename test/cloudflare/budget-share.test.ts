import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type BudgetShare, BudgetSpent, createBudgetShare } from '../../src/cloudflare/budget-share.ts'
import type { BudgetRequest, Grant } from '../../src/cloudflare/shared-budget.ts'

/** A share of an account that answers as told, granting what is asked at most by default. */
function setUp(answer: (request: BudgetRequest) => Partial<Grant> = ({ most }) => ({ calls: most })) {
  let nowMs = 0
  const requests: BudgetRequest[] = []
  const pausesMs: number[] = []
  const share = createBudgetShare({
    now: () => nowMs,
    onPause: (pauseMs) => pausesMs.push(pauseMs),
    account: {
      async ask(request) {
        requests.push(request)
        return { calls: 0, waitMs: 0, pauseMs: 0, ...answer(request) }
      },
    },
  })
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { share, requests, pausesMs, pass }
}

const stated = (remaining: number) => ({ ratelimit: `"default";r=${remaining};t=30` })

test('a handful is asked for besides, and spares the next ones the question', async () => {
  const { share, requests } = setUp()
  await share.take(3)
  expect(requests).toMatchObject([{ least: 3, most: 19, outstanding: 0 }])
  expect(share.take(16)).toBeUndefined()
  await share.take(1)
  expect(requests[1]).toMatchObject({ least: 1, most: 17, outstanding: 19 })
})

test('those who ask while somebody asks are asked for together', async () => {
  const { share, requests } = setUp()
  await Promise.all([share.take(1), share.take(20), share.take(30)])
  expect(requests.map(({ least, most }) => [least, most])).toEqual([
    [1, 17],
    [4, 50],
  ])
})

test('what does not fit is refused with the time until it may, and smaller wishes are not', async () => {
  const { share } = setUp(({ least }) => (least <= 2 ? { calls: least } : { waitMs: 7_000 }))
  const [small, large, other] = await Promise.allSettled([share.take(2), share.take(5), share.take(1)])
  expect([small?.status, other?.status]).toEqual(['fulfilled', 'fulfilled'])
  expect(large).toEqual({ status: 'rejected', reason: new BudgetSpent(7_000) })
})

test('what is in hand counts for half a second, because others may have met a refusal since', async () => {
  const { share, requests, pass } = setUp()
  await share.take(1)
  expect(share.refresh()).toBeUndefined()
  pass(500)
  await share.refresh()
  expect(requests).toHaveLength(2)
  expect(share.take(1)).toBeUndefined()
})

test('what became of calls is told with the next question: how many ended, and the least that was left', async () => {
  const { share, requests, pass } = setUp()
  await share.take(4)
  share.end(stated(90))
  await setImmediate()
  for (const remaining of [70, 80]) share.end(stated(remaining))
  share.end({})
  pass(500)
  await share.refresh()
  expect(requests[2]).toMatchObject({
    outstanding: 0,
    ended: 3,
    unheard: 1,
    limits: [{ name: '"default"', remaining: 70, resetMs: 29_500 }],
  })
  pass(500)
  await share.refresh()
  expect(requests[3]).toMatchObject({ ended: 0, unheard: 0, limits: [{ remaining: 70, resetMs: 29_000 }] })
  pass(29_000)
  await share.refresh()
  expect(requests[4]?.limits).toEqual([])
})

test('what the first answer of a window says is told at once', async () => {
  const { share, requests, pass } = setUp()
  await share.take(2)
  share.end(stated(90))
  expect(requests[1]).toMatchObject({ least: 0, limits: [{ remaining: 90 }] })
  await setImmediate()
  pass(30_000)
  share.end(stated(99))
  expect(requests[2]).toMatchObject({ least: 0, limits: [{ remaining: 99 }] })
})

test('a pause is told at once, and one that is told is passed on', async () => {
  const { share, requests, pausesMs } = setUp(({ pauseMs }) => ({ pauseMs: pauseMs || 3_000 }))
  await share.refresh()
  expect(pausesMs).toEqual([3_000])
  share.tellPause(9_000)
  await share.close()
  expect(requests[1]).toMatchObject({ pauseMs: 9_000, least: 0, most: 0 })
})

test('what nobody used is handed back after a moment, and the rest when it is closed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const { share, requests, pass } = setUp()
  await share.take(2)
  expect(share.isIdle()).toBe(false)
  share.giveBack(2)
  expect(share.isIdle()).toBe(true)
  pass(500)
  await vi.advanceTimersByTimeAsync(500)
  expect(requests[1]).toMatchObject({ least: 0, most: 0, outstanding: 0 })

  await takenBack(share)
  await share.close()
  expect(requests.at(-1)).toMatchObject({ least: 0, most: 0, outstanding: 0 })
})

async function takenBack(share: BudgetShare): Promise<void> {
  await share.take(5)
  share.giveBack(5)
}
