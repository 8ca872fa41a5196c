import { parseArgs } from 'node:util'
import type { Contender } from './speed/comparison.ts'
import { startBffContender, startGatewayContender } from './speed/contenders.ts'
import { row } from './speed/figures.ts'
import { machineText } from './speed/machine.ts'
import { readProcessFigures } from './speed/process-figures.ts'
import { type LoadProcess, startLoadProcess, startUpstreamProcess } from './speed/processes.ts'
import { nestedOf, queryNamed, readTags, type Tags, type TimedQuery } from './speed/queries.ts'
import { writeResults } from './speed/results-file.ts'

// What a server holds at rest, after many requests, and while it answers larger and larger pages.

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, seconds: { type: 'string', default: '5' } },
})
const requests = Number(values.requests)
const seconds = Number(values.seconds)
if (!(requests > 0) || !(seconds > 0))
  throw new Error('npm run bench:memory -- --requests 100000 --seconds 5')

const starts = [startBffContender, (url: string) => startGatewayContender(url)]
const largestPage = 500
const upstream = await startUpstreamProcess({ userGroups: largestPage })
const load = await startLoadProcess()
try {
  const tags = await readTags(upstream.url, upstream.accountTag)
  const lines: string[] = []
  for (const start of starts) {
    const contender = await start(upstream.url)
    lines.push(row([contender.name, ...(await rssUnderLoad(contender, load, tags)).map(inMebibytes)]))
    await contender.stop()
  }
  const pages: string[] = []
  for (const rows of [50, 100, 200, largestPage]) {
    for (const start of starts) {
      const contender = await start(upstream.url)
      const { rssMebibytes, cpuMs, p50Ms } = await apply(contender, nestedOf(rows), { load, tags, seconds })
      pages.push(row([rows, contender.name, inMebibytes(rssMebibytes), cpuMs.toFixed(2), p50Ms.toFixed(0)]))
      await contender.stop()
    }
  }
  const text = [
    `${machineText()} 32 connections, each request with credentials of its own. RSS in MiB.\n`,
    `## Before and after ${requests} requests for 50 user groups\n`,
    row(['', 'at rest', 'after a tenth', 'after half', 'after all', 'five seconds later']),
    row(['---', '---:', '---:', '---:', '---:', '---:']),
    ...lines,
    '\n## User groups with their policies, by page size, in a process of its own each\n',
    row(['rows', '', 'RSS', 'CPU ms', 'p50 ms']),
    row(['---:', '---', '---:', '---:', '---:']),
    ...pages,
  ].join('\n')
  process.stdout.write(`${text}\n`)
  await writeResults('Memory', text)
} finally {
  await load.stop()
  await upstream.stop()
}

type With = { readonly load: LoadProcess; readonly tags: Tags; readonly seconds: number }

function apply(contender: Contender, query: TimedQuery, { load, tags, seconds }: With) {
  const request = contender.requestFor(query, tags)
  if (request === undefined) throw new Error(`${contender.name} cannot answer ${query.name}`)
  return load.generate({
    url: contender.url + request.path,
    body: request.body,
    connections: 32,
    callers: 'different',
    warmUpMs: 100,
    durationMs: seconds * 1_000,
    pid: contender.pid,
  })
}

async function rssUnderLoad(contender: Contender, load: LoadProcess, tags: Tags): Promise<readonly number[]> {
  const rss = () => readProcessFigures(contender.pid).rssMebibytes
  const readings = [rss()]
  let sent = 0
  for (const share of [0.1, 0.5, 1]) {
    while (sent < share * requests)
      sent += (await apply(contender, queryNamed('flat'), { load, tags, seconds })).sent
    readings.push(rss())
  }
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  return [...readings, rss()]
}

function inMebibytes(mebibytes: number): string {
  return mebibytes.toFixed(0)
}
