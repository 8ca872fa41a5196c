import { type BudgetShare, BudgetSpent, createBudgetShare } from './budget-share.ts'
import { createRateLimiter, doesNotFit, type RateLimiter, type SpendableReservation } from './rate-limit.ts'
import type { BudgetAccount } from './shared-budget.ts'

/**
 * A rate limiter for a credential that other processes use, too. What this process has heard itself counts as ever; besides, every call is
 * taken from the account that all share, and a pause that one is told is kept by all.
 */
export function createSharedRateLimiter(now: () => number, account: BudgetAccount): RateLimiter {
  const local = createRateLimiter(now)
  const share = createBudgetShare({ account, now, onPause: (pauseMs) => local.pauseFor(pauseMs) })
  const grants = new WeakMap<SpendableReservation, Grants>()

  async function claim(reservations: Iterable<SpendableReservation>): Promise<() => void> {
    await share.refresh()
    const undo = () => share.giveBack(1)
    for (const reservation of reservations) {
      if (!(await grants.get(reservation)?.draw())) continue
      reservation.spend()
      return undo
    }
    await takeFrom(share, 1)
    return undo
  }

  function reserve(calls: number): SpendableReservation {
    const reservation = local.reserve(calls)
    const granted = createGrants(share, reservation)
    const shared: SpendableReservation = {
      ...reservation,
      granted: granted.add(calls),
      extend(more) {
        reservation.extend(more)
        // Whoever is to make these calls waits for the answer, and meets the refusal.
        granted.add(more)?.catch(() => {})
      },
      release() {
        granted.release()
        reservation.release()
      },
    }
    grants.set(shared, granted)
    return shared
  }

  return {
    waitMs: () => local.waitMs(),
    stated: () => local.stated(),
    reserved: () => local.reserved(),
    pauseFor: (pauseMs) => local.pauseFor(pauseMs),
    claim,
    begin() {
      const end = local.begin()
      return (answer) => {
        end(answer)
        share.end(answer?.headers ?? {})
        if (answer?.outcome === 'throttled') share.tellPause(local.waitMs())
      }
    },
    reserve,
    isIdle: () => local.isIdle() && share.isIdle(),
    close: share.close,
  }
}

type Grants = {
  /** Asks for calls; undefined where they were had at once. */
  add(calls: number): Promise<void> | undefined
  /** Takes one of those that were granted, or waits for it; false where none is to come. */
  draw(): Promise<boolean>
  release(): void
}

function createGrants(share: BudgetShare, reservation: SpendableReservation): Grants {
  const awaited = new Set<Promise<unknown>>()
  let ready = 0
  let refusal: unknown
  let released = false

  async function receive(calls: number, taking: Promise<void>): Promise<void> {
    try {
      await taking
    } catch (error) {
      refusal = error
      reservation.drop(calls)
      throw error
    }
    if (released) share.giveBack(calls)
    else ready += calls
  }

  return {
    add(calls) {
      const taking = takeFrom(share, calls)
      if (taking === undefined) {
        ready += calls
        return undefined
      }
      const receiving = receive(calls, taking)
      const settled = receiving.catch(() => {}).finally(() => awaited.delete(settled))
      awaited.add(settled)
      return receiving
    },
    async draw() {
      while (ready === 0 && awaited.size > 0) await Promise.race(awaited)
      if (ready === 0 && refusal !== undefined) throw refusal
      if (ready === 0) return false
      ready -= 1
      return true
    },
    release() {
      released = true
      share.giveBack(ready)
      ready = 0
    },
  }
}

/** @throws CloudflareError of kind 'rate-limited' where they do not fit. */
function takeFrom(share: BudgetShare, calls: number): Promise<void> | undefined {
  return share.take(calls)?.catch((error: unknown) => {
    throw error instanceof BudgetSpent ? doesNotFit(calls, error.waitMs) : error
  })
}
