import fc from 'fast-check'
import { expect, test } from 'vitest'
import { retryAfterMs, statedLimits } from '../../src/cloudflare/rate-limit-headers.ts'

test('a limit is read with the quota of the policy of its name', () => {
  const headers = {
    ratelimit: '"default";r=50;t=30',
    'ratelimit-policy': '"burst";q=100;w=60, "default";q=1200;w=300',
  }
  expect(statedLimits(headers)).toEqual([
    { name: '"default"', remaining: 50, resetMs: 30_000, quota: 1200, windowMs: 300_000 },
  ])
})

test('a single policy is that of every limit, as the documented example has two names for one', () => {
  const headers = { ratelimit: '"default";r=50;t=30', 'ratelimit-policy': '"burst";q=100;w=60' }
  expect(statedLimits(headers)).toEqual([
    { name: '"default"', remaining: 50, resetMs: 30_000, quota: 100, windowMs: 60_000 },
  ])
})

test('several limits are read, from one header or from several', () => {
  const limits = [
    { name: '"a"', remaining: 5, resetMs: 1_000, quota: null, windowMs: null },
    { name: '"b"', remaining: 900, resetMs: 200_000, quota: null, windowMs: null },
  ]
  expect(statedLimits({ ratelimit: '"a";r=5;t=1, "b";r=900;t=200' })).toEqual(limits)
  expect(statedLimits({ ratelimit: ['"a";r=5;t=1', '"b"; t=200; r=900'] })).toEqual(limits)
})

test('names may hold separators', () => {
  const headers = { ratelimit: '"a,b;r=1;t=1";r=2;t=3', 'ratelimit-policy': '"x";q=1, "a,b;r=1;t=1";q=7' }
  expect(statedLimits(headers)).toEqual([
    { name: '"a,b;r=1;t=1"', remaining: 2, resetMs: 3_000, quota: 7, windowMs: null },
  ])
})

test('what does not parse is left out', () => {
  for (const ratelimit of ['', 'limit=10', '"a"', '"a";r=5', '"a";t=5', '"a";r=x;t=5', ';;,,', '"open;r=1']) {
    expect([ratelimit, statedLimits({ ratelimit })]).toEqual([ratelimit, []])
  }
  expect(statedLimits({})).toEqual([])
})

test('no limit lasts longer than an hour', () => {
  expect(statedLimits({ ratelimit: '"a";r=0;t=999999999' })[0]?.resetMs).toBe(3_600_000)
})

test('any header is read without harm', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (ratelimit, policy) => {
      for (const limit of statedLimits({ ratelimit, 'ratelimit-policy': policy })) {
        expect(Number.isFinite(limit.remaining) && Number.isFinite(limit.resetMs)).toBe(true)
      }
      expect(retryAfterMs({ 'retry-after': ratelimit }, 0) ?? 0).toBeGreaterThanOrEqual(0)
    }),
  )
})

test('Retry-After is seconds or a date', () => {
  const nowMs = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT')
  const read = (value: string) => retryAfterMs({ 'retry-after': value }, nowMs)
  expect(read('120')).toBe(120_000)
  expect(read('0')).toBe(0)
  expect(read('1.5')).toBe(1_500)
  expect(read('Wed, 21 Oct 2026 07:28:30 GMT')).toBe(30_000)
  expect(read('Wed, 21 Oct 2026 07:27:30 GMT')).toBe(0)
})

test('a Retry-After that is neither says nothing', () => {
  for (const value of ['', 'soon', '-1', '2026-10-21', 'NaN', 'Infinity', 'Wed']) {
    expect([value, retryAfterMs({ 'retry-after': value }, 0)]).toEqual([value, undefined])
  }
  expect(retryAfterMs({}, 0)).toBe(undefined)
})
