import { expect, test } from 'vitest'
import type { BudgetRequest } from '../../src/cloudflare/shared-budget.ts'
import { createLocalAccount } from '../../src/shared-budget/local-account.ts'

const window = { name: '"default"', free: 400, endsAtMs: 100_000, quota: 1200, windowMs: 300_000 }
const nothing = { most: 0, outstanding: 0, ended: 0, unheard: 0, limits: [], pauseMs: 0 }

function setUp() {
  let nowMs = 0
  const account = createLocalAccount([window], { parts: 4, now: () => nowMs })
  return {
    ask: (request: Partial<BudgetRequest>) => account.ask({ ...nothing, least: 1, ...request }),
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

const statedEnd = (resetMs: number) => [
  { name: '"default"', remaining: 1000, resetMs, quota: 1200, windowMs: 300_000 },
]

test('a process has one part of what was free, and then of every window', () => {
  const { ask, pass } = setUp()
  expect(ask({ least: 101 })).toMatchObject({ calls: 0, waitMs: 100_000 })
  expect(ask({ least: 100 })).toMatchObject({ calls: 100 })
  expect(ask({ outstanding: 100 })).toMatchObject({ calls: 0 })
  pass(100_000)
  expect(ask({ least: 200, outstanding: 100 }).calls).toBe(200)
  expect(ask({ least: 1, outstanding: 300 })).toMatchObject({ calls: 0, waitMs: 300_000 })
})

test('what was granted before is no part of it', () => {
  const { ask } = setUp()
  expect(ask({ least: 100, outstanding: 30, ended: 5 }).calls).toBe(100)
  expect(ask({ least: 1, outstanding: 100, ended: 30 }).calls).toBe(0)
})

test('a window ends when answers say, and another one begins where they say that', () => {
  const { ask, pass } = setUp()
  pass(100_000)
  expect(ask({ least: 300 }).calls).toBe(300)
  expect(ask({ outstanding: 0, ended: 300, limits: statedEnd(50_000) })).toMatchObject({
    calls: 0,
    waitMs: 50_000,
  })
  expect(ask({ limits: statedEnd(51_000) }).calls).toBe(0)
  expect(ask({ least: 300, limits: statedEnd(250_000) }).calls).toBe(300)
})
