import type { Cluster, Worker } from 'node:cluster'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { AggregatorRegistry, type Registry } from 'prom-client'

/** Figures as a registry gives them to another process. */
type Families = readonly { readonly type: string }[]

/** What a worker says. `ask` is the id of a question. */
type FromWorker = { readonly figures: Families } | { readonly askFigures: string }
type ToWorker = 'tell figures' | { readonly answers: string; readonly text: string }

// Of the ten seconds that Prometheus waits.
const gatherMs = 2_000
const answerMs = 5_000

/**
 * In the process that started the workers: adds up their figures for whichever of them is asked. What a worker counted stays in the sum
 * when it has gone, as far as it had told, and one that is too busy to tell counts as it told last: a sum that fell would look like a
 * restart to Prometheus.
 */
export function gatherMetrics(cluster: Cluster): void {
  const told = new Map<number, Families>()
  let gone: Families[] = []
  let waiting = new Set<number>()
  let allTold = () => {}
  let gathering: Promise<string> | undefined

  async function gather(): Promise<string> {
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected())
    waiting = new Set(workers.map((worker) => worker?.id ?? 0))
    const complete = new Promise<void>((resolve) => {
      allTold = resolve
    })
    for (const worker of workers) tell(worker, 'tell figures')
    await Promise.race([complete, delay(gatherMs, undefined, { ref: false })])
    gone = [await sum(gone)]
    return AggregatorRegistry.aggregate([...gone, ...told.values()]).metrics()
  }

  function heard(id: number): void {
    waiting.delete(id)
    if (waiting.size === 0) allTold()
  }

  cluster.on('message', (worker: Worker, message: unknown) => {
    if (!isFromWorker(message)) return
    if ('figures' in message) {
      told.set(worker.id, message.figures)
      heard(worker.id)
    } else {
      gathering ??= gather().finally(() => {
        gathering = undefined
      })
      // Whoever gets no answer says so.
      const answer = (text: string) => tell(worker, { answers: message.askFigures, text })
      void gathering.then(answer, () => {})
    }
  })
  cluster.on('disconnect', (worker: Worker) => {
    const last = told.get(worker.id)
    // What stood at a moment ended with it.
    if (last !== undefined) gone.push(last.filter(({ type }) => type !== 'gauge'))
    told.delete(worker.id)
    heard(worker.id)
  })
}

/** What a worker does with its figures. */
export type SharedMetrics = {
  /** The figures of all workers, as Prometheus reads them. Rejects where nobody adds them up in time. */
  read(): Promise<string>
  /** Leaves the last figures to the others; to be called before the worker goes. */
  tellLast(): Promise<void>
}

/** In a worker: tells its figures when they are gathered, and asks for everybody's. */
export function shareMetrics(
  worker: Worker | undefined,
  registry: () => Registry | undefined,
): SharedMetrics {
  const questions = new Map<string, (text: string) => void>()

  async function tellFigures(): Promise<void> {
    const figures = await registry()?.getMetricsAsJSON()
    if (figures === undefined || !worker?.isConnected()) return
    await new Promise((resolve) => worker.send({ figures }, resolve))
  }

  worker?.on('message', (message: unknown) => {
    if (message === 'tell figures') void tellFigures()
    else if (isAnswer(message)) questions.get(message.answers)?.(message.text)
  })
  return {
    tellLast: tellFigures,
    async read() {
      const id = randomUUID()
      try {
        return await new Promise<string>((resolve, reject) => {
          questions.set(id, resolve)
          tell(worker, { askFigures: id })
          void delay(answerMs, undefined, { ref: false }).then(() =>
            reject(new Error('the figures of all workers were not added up in time')),
          )
        })
      } finally {
        questions.delete(id)
      }
    },
  }
}

async function sum(parts: readonly Families[]): Promise<Families> {
  const families = await AggregatorRegistry.aggregate([...parts]).getMetricsAsJSON()
  return families.map((family) => ({ ...family, type: String(family.type) }))
}

function tell(worker: Worker | undefined, message: ToWorker | object): void {
  if (worker?.isConnected()) worker.send(message)
}

function isFromWorker(message: unknown): message is FromWorker {
  return isRecord(message) && ('figures' in message || 'askFigures' in message)
}

function isAnswer(message: unknown): message is Extract<ToWorker, object> {
  return isRecord(message) && 'answers' in message
}

function isRecord(message: unknown): message is object {
  return typeof message === 'object' && message !== null
}
