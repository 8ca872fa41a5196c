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
export function createSlots(bounds: SlotBounds): Slots {
  return new BoundedSlots(bounds)
}

type SlotBounds = { readonly limit: number; readonly maxWaiting: number }

/** A class, and with a line only where somebody waits, since there is one for each of thousands of credentials. */
class BoundedSlots implements Slots {
  private readonly bounds: SlotBounds
  private holders = 0
  private line: Set<() => void> | undefined

  constructor(bounds: SlotBounds) {
    this.bounds = bounds
  }

  take(): boolean {
    if (this.holders >= this.bounds.limit) return false
    this.holders += 1
    return true
  }

  async wait(cancellation: Cancellation): Promise<void> {
    if (cancellation.isCancelled) throw new LeftTheLine()
    this.line ??= new Set()
    const { line } = this
    if (line.size >= this.bounds.maxWaiting) throw new SlotsExhausted(`${line.size} calls wait already`)
    return new Promise((resolve, reject) => {
      const leave = () => {
        line.delete(turn)
        if (line.size === 0) this.line = undefined
      }
      const turn = () => {
        leave()
        cancellation.onCancel(undefined)
        resolve()
      }
      line.add(turn)
      cancellation.onCancel(() => {
        leave()
        reject(new LeftTheLine())
      })
    })
  }

  free(): void {
    const [next] = this.line ?? []
    // The slot changes hands: whoever comes meanwhile finds none.
    if (next === undefined) this.holders -= 1
    else next()
  }

  taken(): number {
    return this.holders
  }

  waiting(): number {
    return this.line?.size ?? 0
  }
}
