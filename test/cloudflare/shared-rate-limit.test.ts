import { expect, test } from 'vitest'
import type { SpendableReservation } from '../../src/cloudflare/rate-limit.ts'
import { createSharedRateLimiter } from '../../src/cloudflare/shared-rate-limit.ts'

/** A limiter over an account with so many calls, which are gone when they ended. */
function setUp(calls: number) {
  let pauseMs = 0
  const limiter = createSharedRateLimiter(() => 0, {
    async ask({ least, outstanding }) {
      const granted = pauseMs === 0 && outstanding + least <= calls ? least : 0
      return { calls: granted, waitMs: 5_000, pauseMs }
    },
  })
  return {
    limiter,
    pause: (ms: number) => {
      pauseMs = ms
    },
  }
}

const served = { outcome: 'served' as const, headers: {} }

async function makeCall(limiter: ReturnType<typeof setUp>['limiter'], own: readonly SpendableReservation[]) {
  await limiter.claim(own)
  return limiter.begin()
}

test('calls that are set aside are granted as a whole, or refused as a whole', async () => {
  const { limiter } = setUp(10)
  const first = limiter.reserve(7)
  await first.granted
  const second = limiter.reserve(4)
  await expect(second.granted).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 5_000 })
  expect(limiter.reserved()).toBe(7)
  first.release()
  await limiter.reserve(4).granted
})

test('a reservation pays for its calls, and gives back what it did not use', async () => {
  const { limiter } = setUp(3)
  const reservation = limiter.reserve(3)
  const ends = [await makeCall(limiter, [reservation]), await makeCall(limiter, [reservation])]
  for (const end of ends) end(served)
  expect(limiter.reserved()).toBe(1)
  expect(limiter.isIdle()).toBe(false)
  reservation.release()
  expect(limiter.isIdle()).toBe(true)
})

test('a call that nobody has set aside is taken by itself, and given back where it is not sent', async () => {
  const { limiter } = setUp(1)
  const unclaim = await limiter.claim([])
  await expect(limiter.claim([])).rejects.toMatchObject({ kind: 'rate-limited' })
  unclaim()
  await limiter.claim([])
})

test('the calls of an extension wait for its answer, and all of them meet its refusal', async () => {
  const { limiter } = setUp(5)
  const reservation = limiter.reserve(1)
  await reservation.granted
  reservation.extend(5)
  const claims = await Promise.allSettled(Array.from({ length: 6 }, () => limiter.claim([reservation])))
  expect(claims.map(({ status }) => status)).toEqual(['fulfilled', ...Array(5).fill('rejected')])
  expect(limiter.reserved()).toBe(0)
})

test('a pause that others were told is kept here', async () => {
  const { limiter, pause } = setUp(5)
  pause(4_000)
  await expect(limiter.claim([])).rejects.toMatchObject({ kind: 'rate-limited' })
  expect(limiter.waitMs()).toBe(4_000)
})
