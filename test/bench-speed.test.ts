import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { startBff } from '../bench/speed/bff.ts'
import type { Sample } from '../bench/speed/comparison.ts'
import { comparisonTable } from '../bench/speed/figures.ts'
import { startFixedUpstream } from '../bench/speed/fixed-upstream.ts'
import { generateLoad } from '../bench/speed/load.ts'
import { queryNamed, readTags, timedQueries } from '../bench/speed/queries.ts'
import { startGateway } from './support/gateway.ts'

test('the hand-written endpoints give the answers of the gateway, by the same REST calls', async () => {
  const calls: string[] = []
  const upstream = await startFixedUpstream({
    seed: { userGroups: 60 },
    observe: (call, body) => calls.push(body === '' ? call : `${call} ${body}`),
  })
  onTestFinished(() => upstream.close())
  const bff = await startBff(upstream.url)
  onTestFinished(() => bff.close())
  const gateway = await startGateway({ baseUrl: upstream.url })
  const tags = await readTags(upstream.url, upstream.accountTag)

  for (const { name, document, variables } of timedQueries) {
    calls.length = 0
    const { data, errors } = await gateway.query(document, variables(tags))
    expect(errors?.[0], name).toBeUndefined()
    const gatewayCalls = calls.splice(0).sort()

    const response = await fetch(`${bff.url}/${name}`, {
      method: 'POST',
      headers: { authorization: 'Bearer token' },
      body: JSON.stringify({ variables: variables(tags) }),
    })
    expect(await response.json(), name).toEqual({ data })
    expect(calls.sort(), name).toEqual(gatewayCalls)
  }
})

test('every call of the fixed upstream is answered with the same bytes, and a budget that no load uses up', async () => {
  const upstream = await startFixedUpstream({ seed: { userGroups: 5 } })
  onTestFinished(() => upstream.close())
  const path = `${upstream.url}/accounts/${upstream.accountTag}/iam/user_groups?page=1&per_page=5`
  const answers = await Promise.all(
    [1, 2].map(async (caller) => {
      const response = await fetch(path, { headers: { authorization: `Bearer ${caller}` } })
      return [response.status, response.headers.get('ratelimit'), await response.text()]
    }),
  )
  expect(answers[0]).toEqual(answers[1])
  expect(answers[0]?.slice(0, 2)).toEqual([200, '"default";r=1000000000;t=300'])
  expect(JSON.parse(String(answers[0]?.[2])).result).toHaveLength(5)
})

test('a load that is answered with errors fails, and says with which', async () => {
  const answers = [
    { status: 200, body: '{"data":{"rename":{"userErrors":[]}}}' },
    { status: 200, body: '{"data":null,"errors":[{"message":"no"}]}' },
    { status: 503, body: '{"message":"busy"}' },
  ]
  const server = createServer((request, response) => {
    const { status, body } = answers[Number(request.url?.slice(1))] ?? { status: 404, body: '' }
    response.writeHead(status).end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => server.closeAllConnections())
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const load = (path: string) =>
    generateLoad({
      url: `http://127.0.0.1:${port}${path}`,
      body: '{}',
      connections: 2,
      callers: 'different',
      warmUpMs: 10,
      durationMs: 100,
      pid: process.pid,
    })

  const figures = await load('/0')
  expect(figures.requests).toBeGreaterThan(0)
  expect(figures.sent).toBeGreaterThanOrEqual(figures.requests)
  expect(figures.cpuMs * figures.requests).toBeLessThan(10_000)
  await expect(load('/1')).rejects.toThrow('/1 answered errors\n{"data":null')
  await expect(load('/2')).rejects.toThrow('/2 answered 503\n{"message":"busy"}')
})

test('a table has the median of the ratios of each round, not the ratio of medians', () => {
  const sample = (round: number, contender: string, cpuMs: number): Sample => ({
    ...{ round, contender, cpuMs, query: 'flat', callers: 'different' },
    ...{ requests: 1, requestsPerSecond: 10, p50Ms: 1, p99Ms: 2, rssMebibytes: 100, sent: 1, restCalls: 1 },
  })
  // The machine is three times as slow in the second round.
  const samples = [
    ...[1, 3, 1].map((cpuMs, index) => sample(index + 1, 'BFF', cpuMs)),
    ...[2, 6, 3].map((cpuMs, index) => sample(index + 1, 'gateway', cpuMs)),
  ]
  const table = comparisonTable(samples, {
    queries: [queryNamed('flat')],
    callers: 'different',
    baseline: 'BFF',
  })
  expect(table).toContain('|  | gateway | 10 | 1.0 | 2.0 | 3.000 | **2.00** (2.00–3.00) | 1 | 100 |')
})
