import { parseArgs } from 'node:util'
import { type Callers, checkAnswers, compare, type Sample } from './speed/comparison.ts'
import { startBffContender, startGatewayContender } from './speed/contenders.ts'
import { comparisonTable } from './speed/figures.ts'
import { machineText } from './speed/machine.ts'
import { peerQueries, startPeers } from './speed/peers.ts'
import { startLoadProcess, startUpstreamProcess } from './speed/processes.ts'
import { readTags, timedQueries } from './speed/queries.ts'
import { writeResults } from './speed/results-file.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    queries: { type: 'string' },
    callers: { type: 'string', default: 'different,equal' },
    connections: { type: 'string', default: '32' },
    workers: { type: 'string' },
    peers: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds ?? (values.quick ? 3 : 6))
const seconds = Number(values.seconds ?? (values.quick ? 1 : 4))
const usual = values.peers ? peerQueries : timedQueries.map(({ name }) => name)
const names = values.queries?.split(',') ?? usual
const queries = timedQueries.filter(({ name }) => names.includes(name))
const callers = (['different', 'equal'] as const).filter((some) => values.callers.split(',').includes(some))
if (queries.length !== names.length || callers.length === 0 || !(rounds > 0) || !(seconds > 0)) {
  throw new Error(
    `npm run bench -- --rounds 6 --seconds 4 --queries ${timedQueries.map(({ name }) => name)} --callers different,equal`,
  )
}

const titles: Readonly<Record<Callers, string>> = {
  different: 'Each request with credentials of its own: nothing is shared',
  equal: 'All requests with the same credentials',
}

const upstream = await startUpstreamProcess()
const load = await startLoadProcess()
const peers = values.peers ? await startPeers(upstream.url) : { contenders: [], absent: [] }
const { workers } = values
// Several workers are held against one: the machine is the same, and so is the work.
const [baseline, measure, section] =
  workers === undefined
    ? (['BFF', 'CPU', values.peers ? 'Peers' : 'Speed'] as const)
    : (['gateway', 'requests/s', 'Workers'] as const)
const contenders = [
  ...(workers === undefined ? [await startBffContender(upstream.url)] : []),
  await startGatewayContender(upstream.url),
  ...(workers === undefined ? [] : [await startGatewayContender(upstream.url, workers)]),
  ...peers.contenders,
]
try {
  const tags = await readTags(upstream.url, upstream.accountTag)
  await checkAnswers({ contenders, queries, tags })
  const samples = await compare({
    contenders,
    queries,
    callers,
    upstream,
    load,
    tags,
    rounds,
    durationMs: seconds * 1_000,
    connections: Number(values.connections),
    tell,
  })
  const table = (some: Callers) => comparisonTable(samples, { queries, callers: some, baseline, measure })
  const settings = `${rounds} rounds of ${seconds} s each, ${values.connections} connections`
  const text = [
    `${machineText()} ${settings}.\n`,
    ...peers.absent.map((reason) => `Not measured, because it does not start here: ${reason}.\n`),
    ...callers.map((some) => `## ${titles[some]}\n\n${table(some)}`),
  ].join('\n')
  process.stdout.write(`\n${text}`)
  // What is only a part, or a glance, does not replace a whole measurement.
  if (!values.quick && values.queries === undefined) await writeResults(section, text)
} finally {
  await Promise.all([...contenders, load].map((one) => one.stop()))
  await upstream.stop()
}

function tell({ round, query, callers: some, contender, requestsPerSecond, cpuMs }: Sample): void {
  const line = [`round ${round}`, query.padEnd(8), some.padEnd(9), contender.padEnd(8)]
  const figures = `${requestsPerSecond.toFixed(0).padStart(6)} requests/s ${cpuMs.toFixed(3).padStart(8)} CPU ms`
  process.stderr.write(`${line.join('  ')}  ${figures}\n`)
}
