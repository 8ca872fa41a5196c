import cluster from 'node:cluster'
import type { Order, StartFailure } from './orders.ts'

/** What a worker can be told to do. */
export type Obedient = {
  unready(): void
  drain(): Promise<void>
  leave(): Promise<void>
}

/** Does what the supervisor says. When this worker's service has ended, it lets go of the supervisor, and with that the process ends. */
export function obeyOrders(gateway: Obedient): { readonly leave: () => Promise<void> } {
  const { worker } = cluster
  let ending: Promise<void> | undefined
  const end = (finish: () => Promise<void>) => {
    ending ??= finish().finally(() => worker?.disconnect())
    return ending
  }
  worker?.on('message', (order: Order) => {
    if (order === 'unready') gateway.unready()
    if (order === 'leave') void end(gateway.leave)
    if (order === 'drain') void end(gateway.drain)
  })
  return { leave: () => end(gateway.leave) }
}

/** Tells the supervisor why this worker cannot start, and ends. */
export function tellStartFailure(startFailure: string): void {
  const failure: StartFailure = { startFailure }
  cluster.worker?.send(failure, () => cluster.worker?.disconnect())
}
