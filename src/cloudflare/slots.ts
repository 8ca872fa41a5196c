/** Places for a bounded number of holders. */
export type Slots = {
  /**
   * Waits for a free slot, first come first served, and answers the function that frees it again.
   * Rejects with `SlotsExhausted` where too many wait already, and with the signal's reason once that aborts.
   */
  acquire(signal?: AbortSignal): Promise<() => void>
  taken(): number
  waiting(): number
}

/** The line is full: nobody else may wait. */
export class SlotsExhausted extends Error {
  override readonly name = 'SlotsExhausted'
}

/** At most `limit` holders at a time, and at most `maxWaiting` in line for their turn. */
export function createSlots({ limit, maxWaiting }: { limit: number; maxWaiting: number }): Slots {
  let taken = 0
  const line = new Set<() => void>()

  function take(): () => void {
    taken += 1
    let held = true
    return () => {
      if (!held) return
      held = false
      taken -= 1
      const [next] = line
      next?.()
    }
  }

  async function acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (taken < limit) return take()
    if (line.size >= maxWaiting) throw new SlotsExhausted(`${line.size} calls wait already`)
    return new Promise((resolve, reject) => {
      const leave = () => {
        line.delete(turn)
        reject(signal?.reason)
      }
      const turn = () => {
        line.delete(turn)
        signal?.removeEventListener('abort', leave)
        resolve(take())
      }
      line.add(turn)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  return { acquire, taken: () => taken, waiting: () => line.size }
}
