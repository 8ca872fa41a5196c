import type { Cancellation } from './cancellation.ts'

/** Places for a bounded number of holders. */
export type Slots = {
  /** Takes a slot where one is free, and says whether it did. */
  take(): boolean
  /**
   * Waits for a slot and takes it, first come first served. Rejects with `SlotsExhausted` where too many wait already, and with
   * `LeftTheLine` once it is cancelled.
   */
  wait(cancellation: Cancellation): Promise<void>
  /** Gives a slot that was taken to whoever waits, or back. */
  free(): void
  taken(): number
  waiting(): number
}

/** The line is full: nobody else may wait. */
export class SlotsExhausted extends Error {
  override readonly name = 'SlotsExhausted'
}

/** Whoever waited does not want a slot any more. */
export class LeftTheLine extends Error {
  override readonly name = 'LeftTheLine'
}

/** At most `limit` holders at a time, and at most `maxWaiting` in line for their turn. */
export function createSlots({ limit, maxWaiting }: { limit: number; maxWaiting: number }): Slots {
  let taken = 0
  const line = new Set<() => void>()

  function take(): boolean {
    if (taken >= limit) return false
    taken += 1
    return true
  }

  async function wait(cancellation: Cancellation): Promise<void> {
    if (cancellation.isCancelled) throw new LeftTheLine()
    if (line.size >= maxWaiting) throw new SlotsExhausted(`${line.size} calls wait already`)
    return new Promise((resolve, reject) => {
      const turn = () => {
        line.delete(turn)
        cancellation.onCancel(undefined)
        resolve()
      }
      line.add(turn)
      cancellation.onCancel(() => {
        line.delete(turn)
        reject(new LeftTheLine())
      })
    })
  }

  function free(): void {
    const [next] = line
    // The slot changes hands: whoever comes meanwhile finds none.
    if (next === undefined) taken -= 1
    else next()
  }

  return { take, wait, free, taken: () => taken, waiting: () => line.size }
}
