import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startBffContender, startGatewayContender } from './speed/contenders.ts'
import { median, row } from './speed/figures.ts'
import type { LoadFigures } from './speed/load.ts'
import { machineText } from './speed/machine.ts'
import { nodeFlags } from './speed/node-flags.ts'
import {
  type ServerProcess,
  startGatewayProcess,
  startLoadProcess,
  startProgram,
  startUpstreamProcess,
} from './speed/processes.ts'
import { queryNamed, readTags } from './speed/queries.ts'
import { writeResults } from './speed/results-file.ts'
import { warmUp } from './speed/warm-up.ts'

// How long one waits: for the first answer after the start, and behind an upstream that takes its time.

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '5' },
    sizes: { type: 'string', default: '10,100,1000,10000' },
  },
})
const starts = Number(values.starts)
const seconds = Number(values.seconds)
const sizes = values.sizes.split(',').map(Number)
if (!(starts > 0) || !(seconds > 0) || !sizes.every((size) => size > 0))
  throw new Error('npm run bench:time -- --starts 10 --seconds 5 --sizes 10,100,1000,10000')

const usualUserGroups = 60
const load = await startLoadProcess()
try {
  const text = [
    `${machineText()}\n`,
    `## From the start of the process to the first answer, median of ${starts}\n`,
    ...(await firstAnswers()),
    '\n## Latency of one caller, over an upstream that takes its time\n',
    'The critical path is what the REST calls that wait for one another take.\n',
    row(['query', 'upstream', '', 'p50 ms', 'p99 ms', 'critical path', 'p50 to critical path']),
    row(['---', '---:', '---', '---:', '---:', '---:', '---:']),
    ...(await latencies()),
    '\n## The same over 20 ms, by user groups in the account\n',
    row(['user groups', 'query', '', 'p50 ms', 'CPU ms', 'REST calls']),
    row(['---:', '---', '---', '---:', '---:', '---:']),
    ...(await growth()),
  ].join('\n')
  process.stdout.write(`${text}\n`)
  await writeResults('Time', text)
} finally {
  await load.stop()
}

async function firstAnswers(): Promise<readonly string[]> {
  const upstream = await startUpstreamProcess()
  const plainYoga = fileURLToPath(new URL('./speed/plain-yoga-process.js', import.meta.url))
  const gateway: number[] = []
  const plain: number[] = []
  for (let start = 0; start < starts; start += 1) {
    plain.push(
      await firstAnswer(() => startProgram(process.execPath, [...nodeFlags, plainYoga], { env: {} })),
    )
    gateway.push(await firstAnswer(() => startGatewayProcess(upstream.url)))
  }
  await upstream.stop()
  const ratio = median(gateway.map((ms, index) => ms / (plain[index] ?? Number.NaN)))
  return [
    row(['', 'ms', 'ratio']),
    row(['---', '---:', '---:']),
    row(['plain yoga, the same schema without resolvers', median(plain).toFixed(0), '1']),
    row(['gateway', median(gateway).toFixed(0), ratio.toFixed(2)]),
  ]
}

async function firstAnswer(start: () => Promise<ServerProcess>): Promise<number> {
  const startedMs = performance.now()
  const server = await start()
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }' }),
  })
  await response.json()
  const tookMs = performance.now() - startedMs
  await server.stop()
  return tookMs
}

async function latencies(): Promise<readonly string[]> {
  const lines: string[] = []
  for (const delayMs of [20, 100]) {
    for (const name of ['fan-out', 'console']) {
      const { roundTrips } = queryNamed(name)
      const criticalMs = roundTrips * delayMs
      for (const { contender, p50Ms, p99Ms } of await behind({
        delayMs,
        name,
        userGroups: usualUserGroups,
      })) {
        const times = [p50Ms.toFixed(1), p99Ms.toFixed(1), `${roundTrips} × ${delayMs} ms`]
        lines.push(row([name, `${delayMs} ms`, contender, ...times, (p50Ms / criticalMs).toFixed(2)]))
      }
    }
  }
  return lines
}

async function growth(): Promise<readonly string[]> {
  const lines: string[] = []
  for (const userGroups of sizes) {
    for (const name of ['fan-out', 'console']) {
      for (const { contender, p50Ms, cpuMs, restCalls } of await behind({ delayMs: 20, name, userGroups })) {
        const figures = [p50Ms.toFixed(0), cpuMs.toFixed(1), restCalls.toFixed(0)]
        lines.push(row([userGroups, name, contender, ...figures]))
      }
    }
  }
  return lines
}

/** One caller after the other, over an account of that size. */
async function behind(at: { readonly delayMs: number; readonly name: string; readonly userGroups: number }) {
  const upstream = await startUpstreamProcess({ userGroups: at.userGroups })
  const contenders = [await startBffContender(upstream.url), await startGatewayContender(upstream.url)]
  try {
    const tags = await readTags(upstream.url, upstream.accountTag)
    const measured: (LoadFigures & { readonly contender: string; readonly restCalls: number })[] = []
    for (const contender of contenders) {
      const request = contender.requestFor(queryNamed(at.name), tags)
      if (request === undefined) throw new Error(`${contender.name} cannot answer ${at.name}`)
      const one = {
        url: contender.url + request.path,
        body: request.body,
        callers: 'different' as const,
        pid: contender.pid,
      }
      await warmUp(async (durationMs) => {
        const { sent } = await load.generate({ ...one, connections: 2, warmUpMs: 0, durationMs })
        return sent
      })
      await upstream.delay(at.delayMs)
      await upstream.takeCalls()
      const figures = await load.generate({
        ...one,
        connections: 1,
        warmUpMs: 0,
        durationMs: seconds * 1_000,
      })
      const restCalls = (await upstream.takeCalls()) / figures.sent
      await upstream.delay(0)
      measured.push({ ...figures, contender: contender.name, restCalls })
    }
    return measured
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()))
    await upstream.stop()
  }
}
