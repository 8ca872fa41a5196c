import { deepStrictEqual, strictEqual } from 'node:assert'
import type { LoadFigures } from './load.ts'
import type { LoadProcess, ServerProcess, UpstreamProcess } from './processes.ts'
import type { Tags, TimedQuery } from './queries.ts'
import { warmUp } from './warm-up.ts'

/** A server under test and how it is asked. */
export type Contender = ServerProcess & {
  readonly name: string
  /** Whether its answers have other names and ids; then they are compared by the number of their values. */
  readonly hasOwnSchema?: boolean
  /** Where a query goes and with which body; undefined where this server cannot answer it. */
  requestFor(query: TimedQuery, tags: Tags): { readonly path: string; readonly body: string } | undefined
}

/** Whether every request has credentials of its own, so that nothing can be shared. */
export type Callers = 'different' | 'equal'

/** One measurement of one round. */
export type Sample = LoadFigures & {
  readonly round: number
  readonly query: string
  readonly callers: Callers
  readonly contender: string
  /** REST calls a request, counted by the upstream. */
  readonly restCalls: number
}

export type ComparisonOptions = {
  readonly contenders: readonly Contender[]
  readonly queries: readonly TimedQuery[]
  readonly callers: readonly Callers[]
  readonly upstream: UpstreamProcess
  readonly load: LoadProcess
  readonly tags: Tags
  readonly rounds: number
  readonly durationMs: number
  readonly connections: number
  /** Told of every measurement when it is done. */
  readonly tell: (sample: Sample) => void
}

// Connections are open by then.
const settleMs = 300

/** Measures all contenders by turns, round by round, so that what slows the machine for a while slows them all. */
export async function compare(options: ComparisonOptions): Promise<readonly Sample[]> {
  const { contenders, queries, rounds, tell } = options
  const samples: Sample[] = []
  for (const query of queries) {
    for (const contender of contenders)
      await warmUp(async (durationMs) => {
        const sample = await measure(contender, query, 'different', 0, { ...options, durationMs })
        return sample?.sent
      })
  }
  for (let round = 1; round <= rounds; round += 1) {
    // Whoever comes second meets a machine that is warm.
    const order = round % 2 === 1 ? contenders : contenders.toReversed()
    for (const query of queries) {
      for (const callers of options.callers) {
        for (const contender of order) {
          const sample = await measure(contender, query, callers, round, options)
          if (sample === undefined) continue
          samples.push(sample)
          tell(sample)
        }
      }
    }
  }
  return samples
}

/** Asks each contender once. @throws where their answers to a query differ. */
export async function checkAnswers({
  contenders,
  queries,
  tags,
}: Pick<ComparisonOptions, 'contenders' | 'queries' | 'tags'>): Promise<void> {
  for (const query of queries) {
    let expected: unknown
    for (const contender of contenders) {
      const request = contender.requestFor(query, tags)
      if (request === undefined) continue
      const response = await fetch(contender.url + request.path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer check' },
        body: request.body,
      })
      const { data } = (await response.json()) as { readonly data?: unknown }
      expected ??= data
      const place = `${contender.name}, ${query.name}`
      if (contender.hasOwnSchema) strictEqual(countValues(data), countValues(expected), place)
      else deepStrictEqual(data, expected, place)
    }
  }
}

/** Everything in an answer that is neither null, nor a list, nor an object. */
function countValues(answer: unknown): number {
  if (answer === null || answer === undefined) return 0
  if (typeof answer !== 'object') return 1
  return Object.values(answer).reduce((count: number, value) => count + countValues(value), 0)
}

async function measure(
  contender: Contender,
  query: TimedQuery,
  callers: Callers,
  round: number,
  { upstream, load, tags, durationMs, connections }: ComparisonOptions,
): Promise<Sample | undefined> {
  const { name, url, pid } = contender
  const request = contender.requestFor(query, tags)
  if (request === undefined) return undefined
  await upstream.takeCalls()
  const figures = await load.generate({
    url: url + request.path,
    body: request.body,
    connections,
    callers,
    warmUpMs: settleMs,
    durationMs,
    pid,
  })
  const restCalls = (await upstream.takeCalls()) / figures.sent
  return { ...figures, round, query: query.name, callers, contender: name, restCalls }
}
