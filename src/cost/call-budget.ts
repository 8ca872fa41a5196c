import type { Reservation } from '../cloudflare/client.ts'
import { CostLimitExceeded, type FieldPrice } from './cost-limit-exceeded.ts'

/** What one operation may spend, has spent, and is known to cost. All numbers are REST calls. */
export type CallBudget = {
  readonly limit: number
  /** The price as far as it is known now: what was computed beforehand plus what the upstream has told since. */
  estimated(): number
  /** Calls really sent, retries too. */
  made(): number
  /** Sets the price that was computed before the first call, and where in the credential's budget it was set aside. */
  open(estimated: number, reservation?: Reservation): void
  /**
   * Adds a fan-out whose size only the upstream could tell, before it starts.
   * @throws CostLimitExceeded with the exact price where the operation cannot afford it; nothing is added then.
   * @throws CloudflareError of kind `rate-limited` where the credential's budget upstream does not hold that many.
   */
  extend(calls: number, path: string): void
  /**
   * Counts one call that is about to be sent.
   * @throws CostLimitExceeded at the limit: the last guard, whatever the estimate said.
   * @throws Error where the operation has ended.
   */
  admit(): void
  /** Ends the operation: what was set aside and not used is given back, and no call is sent that nobody waits for any more. */
  close(): void
}

/** A budget of at most `limit` REST calls, opened with its price before the operation runs; `onClose` hears of its end. */
export function createCallBudget(limit: number, onClose = () => {}): CallBudget {
  let estimated = 0
  let made = 0
  let reservation: Reservation | undefined
  let isClosed = false
  const refuse = (total: number, fields: readonly FieldPrice[]): never => {
    throw new CostLimitExceeded({ estimated: total, limit, fields })
  }
  return {
    limit,
    estimated: () => estimated,
    made: () => made,
    open(price, setAside) {
      estimated = price
      reservation = setAside
    },
    extend(calls, path) {
      if (calls <= 0) return
      const total = estimated + calls
      if (total > limit) refuse(total, [{ path, calls }])
      reservation?.extend(calls)
      estimated = total
    },
    admit() {
      if (isClosed) throw new Error('The operation has ended: nobody waits for this call')
      if (made >= limit) refuse(made + 1, [])
      made += 1
      // A retry, or an upstream that broke its word: then the price is what it came to.
      if (made > estimated) estimated = made
    },
    close() {
      isClosed = true
      reservation?.release()
      onClose()
    },
  }
}
