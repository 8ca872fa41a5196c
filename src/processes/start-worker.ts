import cluster from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { type Assignment, isStartFailure, type Order, workerArguments } from './orders.ts'

/** A process that serves. */
export type WorkerProcess = {
  readonly pid: number | undefined
  /** Where it listens. */
  readonly port: number
  /** Settles when it is gone, however that came about. */
  readonly ended: Promise<Ending>
  order(order: Order): void
  /** Waits until it is gone, and sees to that after `ms`. */
  endWithin(ms: number): Promise<void>
}

/** How a process ended: by itself, or by a signal. */
export type Ending = { readonly code: number | null; readonly signal: string | null }

/**
 * Starts this program anew, as a worker; resolves when it listens. `signal` ends it as long as it does not.
 * @throws Error with the worker's own words where it cannot start.
 */
export async function startWorker(assignment: Assignment, signal: AbortSignal): Promise<WorkerProcess> {
  // A worker accepts by itself. Were connections handed out, one on its way to a worker that dies would hang for ever.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({ args: workerArguments(assignment) })
  const worker = cluster.fork()
  let failure: string | undefined
  worker.on('message', (message: unknown) => {
    if (isStartFailure(message)) failure = message.startFailure
  })
  // An order for one that has just died: its end says enough.
  worker.on('error', () => {})
  const { process: child } = worker
  const kill = () => child.kill('SIGKILL')
  // What it had to say is read to the end when it is disconnected, which may be after its end.
  const ended = Promise.all([once(worker, 'exit'), once(worker, 'disconnect')]).then(
    ([[code, by]]): Ending => ({ code, signal: by }),
  )

  signal.addEventListener('abort', kill, { once: true })
  const listens = new AbortController()
  try {
    const [address] = await Promise.race([
      once(worker, 'listening', { signal: listens.signal }),
      ended.then((ending) => {
        throw new Error(failure ?? `A worker ended before it listened (${ending.signal ?? ending.code})`)
      }),
    ])
    return {
      pid: child.pid,
      port: address.port,
      ended,
      order(order) {
        if (worker.isConnected()) worker.send(order)
      },
      async endWithin(ms) {
        const waiting = new AbortController()
        const late = delay(ms, undefined, { signal: waiting.signal }).then(kill, () => {})
        await Promise.race([ended, late])
        waiting.abort()
        await ended
      },
    }
  } finally {
    signal.removeEventListener('abort', kill)
    listens.abort()
  }
}
