import { expect, test } from 'vitest'
import { createRestartDelay } from '../../src/processes/restart-delay.ts'

test('the first worker that dies is replaced soon, and the next ones later and later', () => {
  const nextDelayMs = createRestartDelay(() => 0)
  const delaysMs = Array.from({ length: 11 }, () => nextDelayMs())
  expect(delaysMs).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000])
})

test('deaths more than a minute ago are forgotten', () => {
  let nowMs = 0
  const nextDelayMs = createRestartDelay(() => nowMs)
  expect([nextDelayMs(), nextDelayMs()]).toEqual([100, 200])
  nowMs = 30_000
  expect(nextDelayMs()).toBe(400)
  nowMs = 60_000
  expect(nextDelayMs()).toBe(200)
})
