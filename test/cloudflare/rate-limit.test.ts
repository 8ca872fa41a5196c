import { expect, test } from 'vitest'
import { CloudflareError } from '../../src/cloudflare/errors.ts'
import { createRateLimiter, type RateLimiter } from '../../src/cloudflare/rate-limit.ts'

function setUp(): { limiter: RateLimiter; pass: (ms: number) => void } {
  let nowMs = 1_000_000
  return {
    limiter: createRateLimiter(() => nowMs),
    pass: (ms) => {
      nowMs += ms
    },
  }
}

const state = (ratelimit: string, policy?: string) => ({
  outcome: 'served' as const,
  headers: { ratelimit, ...(policy === undefined ? {} : { 'ratelimit-policy': policy }) },
})
const throttled = (headers: Record<string, string> = {}) => ({ outcome: 'throttled' as const, headers })
const served = { outcome: 'served' as const, headers: {} }

function refusalOf(act: () => unknown): CloudflareError {
  try {
    act()
  } catch (error) {
    if (error instanceof CloudflareError) return error
  }
  throw new Error('not refused')
}

test('a budget that nobody stated refuses nothing', () => {
  const { limiter } = setUp()
  expect(limiter.stated()).toBe(null)
  expect(limiter.waitMs()).toBe(0)
  limiter.reserve(1_000_000)
})

test('the tightest of several limits is the one shown', () => {
  const { limiter, pass } = setUp()
  limiter.begin()(state('"a";r=900;t=200, "b";r=5;t=10', '"a";q=1200;w=300, "b";q=20;w=10'))
  pass(3_000)
  expect(limiter.stated()).toEqual({ limit: 20, remaining: 5, resetAt: new Date(1_010_000) })
})

test('the latest answer counts, and one that says nothing to be read leaves what was said before', () => {
  const { limiter } = setUp()
  limiter.begin()(state('"default";r=9;t=30'))
  limiter.begin()(state('"default";r=7;t=30'))
  limiter.begin()(served)
  expect(limiter.stated()).toMatchObject({ remaining: 7 })
  limiter.begin()(state('"default"'))
  expect(limiter.stated()).toMatchObject({ remaining: 7 })
})

test('what does not fit is refused with the time until it may', () => {
  const { limiter, pass } = setUp()
  limiter.begin()(state('"default";r=50;t=30'))
  pass(10_000)
  expect(refusalOf(() => limiter.reserve(51))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 20_000 })
  limiter.reserve(50)
  expect(refusalOf(() => limiter.reserve(1))).toMatchObject({ retryAfterMs: 20_000 })
  limiter.reserve(0)
})

test('every limit counts, and the one that lasts longest says how long', () => {
  const { limiter } = setUp()
  limiter.begin()(state('"a";r=3;t=100, "b";r=5;t=10'))
  expect(refusalOf(() => limiter.reserve(4)).retryAfterMs).toBe(100_000)
  limiter.begin()(state('"a";r=9;t=100, "b";r=3;t=10'))
  expect(refusalOf(() => limiter.reserve(4)).retryAfterMs).toBe(10_000)
})

test('after its window a limit refuses nothing until it is stated anew', () => {
  const { limiter, pass } = setUp()
  limiter.begin()(state('"default";r=0;t=30'))
  refusalOf(() => limiter.reserve(1))
  pass(30_000)
  limiter.reserve(1)
})

test('a release gives back what was not used, once', () => {
  const { limiter } = setUp()
  limiter.begin()(state('"default";r=10;t=30'))
  const first = limiter.reserve(8)
  expect([first.spend(), first.spend()]).toEqual([true, true])
  expect(limiter.reserved()).toBe(6)
  first.release()
  first.release()
  expect(limiter.reserved()).toBe(0)
  expect(first.spend()).toBe(false)
  limiter.reserve(10)
  refusalOf(() => limiter.reserve(1))
})

test('an extension is refused like a reservation, and keeps what there was', () => {
  const { limiter } = setUp()
  limiter.begin()(state('"default";r=10;t=30'))
  const held = limiter.reserve(4)
  held.extend(5)
  expect(refusalOf(() => held.extend(2)).kind).toBe('rate-limited')
  expect(limiter.reserved()).toBe(9)
  held.release()
  expect(limiter.reserved()).toBe(0)
})

test('attempts in flight are not promised to anybody else', () => {
  const { limiter } = setUp()
  limiter.begin()(state('"default";r=10;t=30'))
  const end = limiter.begin()
  refusalOf(() => limiter.reserve(10))
  end(undefined)
  limiter.reserve(10)
})

test('after a refusal nothing is sent for as long as Retry-After says', () => {
  const { limiter, pass } = setUp()
  limiter.begin()(throttled({ 'retry-after': '9', ratelimit: '"default";r=0;t=100' }))
  expect(limiter.waitMs()).toBe(9_000)
  expect(refusalOf(() => limiter.reserve(1)).retryAfterMs).toBe(100_000)
  pass(8_999)
  expect(limiter.waitMs()).toBe(1)
  pass(1)
  expect(limiter.waitMs()).toBe(0)
})

test('without Retry-After the reset of the tightest limit counts', () => {
  const { limiter } = setUp()
  limiter.begin()(throttled({ ratelimit: '"a";r=7;t=50, "b";r=0;t=12, "c";r=0;t=20' }))
  expect(limiter.waitMs()).toBe(20_000)
})

test('a pause lasts a minute at most', () => {
  const { limiter } = setUp()
  limiter.begin()(throttled({ 'retry-after': '86400' }))
  expect(limiter.waitMs()).toBe(60_000)
})

test('where nothing is said the pause doubles with every probe that is refused', () => {
  const { limiter, pass } = setUp()
  const pausesMs: number[] = []
  for (let refusal = 0; refusal < 8; refusal += 1) {
    limiter.begin()(throttled())
    pausesMs.push(limiter.waitMs())
    pass(limiter.waitMs())
  }
  expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
})

test('a burst of refusals is one refusal, and an older promise is not cut short', () => {
  const { limiter } = setUp()
  const ends = Array.from({ length: 24 }, () => limiter.begin())
  ends[0]?.(throttled({ 'retry-after': '5' }))
  for (const end of ends.slice(1)) end(throttled())
  expect(limiter.waitMs()).toBe(5_000)
})

test('after the pause one attempt at a time probes, until one is served', () => {
  const { limiter, pass } = setUp()
  limiter.begin()(throttled())
  pass(1_000)
  expect(limiter.waitMs()).toBe(0)
  const lostProbe = limiter.begin()
  expect(limiter.waitMs()).toBeGreaterThan(0)
  lostProbe(undefined)
  expect(limiter.waitMs()).toBe(0)
  const brokenProbe = limiter.begin()
  brokenProbe({ outcome: 'broken', headers: {} })
  const probe = limiter.begin()
  expect(limiter.waitMs()).toBeGreaterThan(0)
  probe(served)
  limiter.begin()
  limiter.begin()
  expect(limiter.waitMs()).toBe(0)
})

test('an answer to something sent before the pause does not end it', () => {
  const { limiter } = setUp()
  const early = limiter.begin()
  limiter.begin()(throttled({ 'retry-after': '5' }))
  early(served)
  expect(limiter.waitMs()).toBe(5_000)
})

test('a probe that is served does not end a pause that began meanwhile', () => {
  const { limiter, pass } = setUp()
  const early = limiter.begin()
  limiter.begin()(throttled())
  pass(1_000)
  const probe = limiter.begin()
  early(throttled({ 'retry-after': '5' }))
  probe(served)
  expect(limiter.waitMs()).toBe(5_000)
})

test('after a probe was served the next refusal starts from a second again', () => {
  const { limiter, pass } = setUp()
  limiter.begin()(throttled())
  pass(1_000)
  limiter.begin()(throttled())
  pass(2_000)
  limiter.begin()(served)
  limiter.begin()(throttled())
  expect(limiter.waitMs()).toBe(1_000)
})
