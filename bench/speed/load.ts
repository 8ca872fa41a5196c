import { Client, type Dispatcher } from 'undici'
import { readProcessFigures } from './process-figures.ts'

/** Requests that are sent over and over, each connection waiting for its answer before it sends the next. */
export type Load = {
  readonly url: string
  readonly body: string
  readonly connections: number
  /** Each request with a bearer token of its own, or all with one. */
  readonly callers: 'different' | 'equal'
  /** Not measured, at the start. */
  readonly warmUpMs: number
  /** Longer where no answer came in that time. */
  readonly durationMs: number
  /** The process that serves, whose time is counted. */
  readonly pid: number
}

/** Of the measured time, except `sent`. */
export type LoadFigures = {
  readonly requests: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Time of the serving process's threads, a request. */
  readonly cpuMs: number
  readonly rssMebibytes: number
  /** Every request, those of the warm-up included. */
  readonly sent: number
}

// Tokens of other loads have to be others, too.
const run = `${process.pid}${Date.now()}`.padStart(32, '0')

/** @throws where any answer is not 200 or holds errors. */
export async function generateLoad(load: Load): Promise<LoadFigures> {
  const { connections, callers, warmUpMs, durationMs, pid } = load
  const { origin, pathname } = new URL(load.url)
  const latenciesMs: number[] = []
  let tellMeasured = () => {}
  const measured = new Promise<void>((resolve) => {
    tellMeasured = resolve
  })
  let sent = 0
  let isMeasured = false
  let isOver = false
  const clients = Array.from({ length: connections }, () => new Client(origin))

  async function work(client: Client): Promise<void> {
    while (!isOver) {
      sent += 1
      const token = callers === 'equal' ? 'everybody' : `${run}${sent}`
      const startedMs = performance.now()
      await request(client, {
        method: 'POST',
        path: pathname,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: load.body,
      })
      if (!isMeasured) continue
      latenciesMs.push(performance.now() - startedMs)
      tellMeasured()
    }
  }

  try {
    const working = Promise.all(clients.map(work))
    await Promise.race([after(warmUpMs), working])
    const before = readProcessFigures(pid)
    const startedMs = performance.now()
    isMeasured = true
    await Promise.race([Promise.all([after(durationMs), measured]), working])
    isMeasured = false
    const seconds = (performance.now() - startedMs) / 1000
    const { cpuMs, rssMebibytes } = readProcessFigures(pid)
    isOver = true
    await working
    const sorted = Float64Array.from(latenciesMs).sort()
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
    return {
      requests: sorted.length,
      requestsPerSecond: sorted.length / seconds,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      cpuMs: (cpuMs - before.cpuMs) / sorted.length,
      rssMebibytes,
      sent,
    }
  } finally {
    isOver = true
    await Promise.all(clients.map((client) => client.destroy()))
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

// The answer is not parsed, so that the load takes little of the processor; `userErrors` does not begin like this.
const errors = Buffer.from('"errors":[{')

function request(client: Client, options: Dispatcher.DispatchOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let problem: string | undefined
    client.dispatch(options, {
      onRequestStart() {},
      onResponseStart(_controller, status) {
        if (status !== 200) problem = `answered ${status}`
      },
      onResponseData(_controller, chunk) {
        if (problem === undefined && chunk.includes(errors)) problem = 'answered errors'
        if (problem !== undefined) problem += `\n${chunk.toString().slice(0, 1_000)}`
      },
      onResponseEnd() {
        if (problem === undefined) resolve()
        else reject(new Error(`${options.path} ${problem}`))
      },
      onResponseError: (_controller, error) => reject(error),
    })
  })
}
