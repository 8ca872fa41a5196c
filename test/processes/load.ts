import { Agent, request } from 'node:http'

/** What became of one request; status 0 where no whole answer came. */
export type Outcome = {
  readonly startedMs: number
  readonly status: number
  readonly body: {
    readonly data?: unknown
    readonly errors?: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[]
  }
}

/** Asks one operation after the other, in several loops with a kept connection each, until it is stopped. */
export type Load = {
  /** Of every loop, in order. */
  readonly loops: readonly (readonly Outcome[])[]
  outcomes(): readonly Outcome[]
  /** Waits for what is under way. */
  stop(): Promise<void>
}

/** `document` makes the operation for a loop's next turn; `pauseMs` is kept after one that was refused. */
export function startLoad(
  urls: readonly string[],
  {
    loops,
    document,
    pauseMs = 20,
  }: {
    readonly loops: number
    readonly document: (loop: number, turn: number) => string
    readonly pauseMs?: number
  },
): Load {
  const outcomes: Outcome[][] = Array.from({ length: loops }, () => [])
  const agents: Agent[] = []
  let running = true

  async function run(own: Outcome[], loop: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    agents.push(agent)
    const url = urls[loop % urls.length] ?? ''
    for (let turn = 0; running; turn += 1) {
      const outcome = await post(url, document(loop, turn), agent)
      own.push(outcome)
      const isRefused = outcome.body.errors !== undefined
      if (isRefused) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  const runs = outcomes.map(run)
  return {
    loops: outcomes,
    outcomes: () => outcomes.flat(),
    async stop() {
      running = false
      await Promise.all(runs)
      for (const agent of agents) agent.destroy()
    },
  }
}

/** One operation over a connection of the agent's. Nothing is sent twice: a connection that fails is a request that failed. */
export function post(url: string, query: string, agent?: Agent): Promise<Outcome> {
  const startedMs = Date.now()
  return new Promise((resolve) => {
    const failed = () => resolve({ startedMs, status: 0, body: {} })
    const headers = { 'content-type': 'application/json', authorization: 'Bearer one-for-all' }
    const sent = request(url, { method: 'POST', headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.once('error', failed)
      response.once('close', () => {
        if (!response.complete) failed()
        else resolve({ startedMs, status: response.statusCode ?? 0, body: JSON.parse(text) })
      })
    })
    sent.once('error', failed)
    sent.end(JSON.stringify({ query }))
  })
}
