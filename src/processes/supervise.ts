import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Assignment } from './orders.ts'
import { createRestartDelay } from './restart-delay.ts'
import { startWorker, type WorkerProcess } from './start-worker.ts'

/** Several processes that serve on one port. */
export type Supervision = {
  /** The one in use, also where port 0 asked for any. */
  readonly port: number
  /**
   * Replaces every worker, one after the other: the new one listens before the old one leaves. Where a new one cannot start the old ones
   * stay. Asked again meanwhile, it does nothing.
   */
  replaceAll(): Promise<void>
  /** Tells all that the end is near, then ends one after the other; the last one refuses what still comes. */
  stop(): Promise<void>
}

/** `graceMs` is how long a worker may take to finish what it has in flight. */
export type SupervisionOptions = {
  readonly count: number
  readonly assignment: Assignment
  readonly graceMs: number
  readonly logger: Logger
}

// What a worker has to close besides requests: connections upstream, a last batch of traces.
const closingMs = 10_000

/**
 * Runs `count` workers, and replaces each that dies.
 * @throws Error with the worker's own words where one cannot start; none is left then.
 */
export async function supervise(options: SupervisionOptions): Promise<Supervision> {
  const { count, assignment, graceMs, logger } = options
  const serving = new Set<WorkerProcess>()
  const stopping = new AbortController()
  const restartDelayMs = createRestartDelay(Date.now)
  let port = 0
  let starting = 0
  let replacing = false

  async function start(): Promise<void> {
    starting += 1
    try {
      const worker = await startWorker(assignment, stopping.signal)
      port = worker.port
      serving.add(worker)
      logger.info({ worker: worker.pid }, 'a worker serves')
      void worker.ended.then((ending) => {
        if (serving.delete(worker) && !stopping.signal.aborted)
          void replace({ worker: worker.pid, ...ending })
      })
    } finally {
      starting -= 1
    }
  }

  async function replace(lost: object): Promise<void> {
    const delayMs = restartDelayMs()
    logger.error({ ...lost, delayMs }, 'a worker is lost and will be replaced')
    try {
      await delay(delayMs, undefined, { signal: stopping.signal })
      await fill()
    } catch (error) {
      if (!stopping.signal.aborted) await replace({ reason: reasonOf(error) })
    }
  }

  async function fill(): Promise<void> {
    while (serving.size + starting < count) await start()
  }

  async function leave(worker: WorkerProcess): Promise<void> {
    serving.delete(worker)
    worker.order('leave')
    await worker.endWithin(graceMs + closingMs)
  }

  async function replaceAll(): Promise<void> {
    if (replacing || stopping.signal.aborted) return
    replacing = true
    logger.info({ workers: serving.size }, 'rolling restart')
    try {
      for (const old of [...serving]) {
        if (!serving.has(old)) continue
        await start()
        if (stopping.signal.aborted) return
        await leave(old)
      }
      await fill()
      logger.info('rolling restart done')
    } catch (error) {
      if (!stopping.signal.aborted) logger.error({ reason: reasonOf(error) }, 'rolling restart given up')
    } finally {
      replacing = false
    }
  }

  async function stop(): Promise<void> {
    stopping.abort()
    const workers = [...serving]
    for (const worker of workers) worker.order('unready')
    const endings: Promise<void>[] = []
    for (const [index, worker] of workers.entries()) {
      if (index === workers.length - 1) worker.order('drain')
      else worker.order('leave')
      const ending = worker.endWithin(graceMs + closingMs)
      endings.push(ending)
      // Not the whole grace for each: whoever stops this program does not wait for ever.
      await Promise.race([ending, delay(graceMs / workers.length, undefined, { ref: false })])
    }
    await Promise.all(endings)
  }

  try {
    await start()
    await Promise.all(Array.from({ length: count - 1 }, start))
  } catch (error) {
    await stop()
    throw error
  }
  return { port, replaceAll, stop }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
