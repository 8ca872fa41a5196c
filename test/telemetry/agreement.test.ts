import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import type { Fault, LoggedRequest } from '../../src/sandbox/server.ts'
import { buildSchema } from '../../src/schema/schema.ts'
import { readMaterial } from '../cost/material.ts'
import { randomOperation } from '../cost/random-operation.ts'
import { type Answer, startGateway } from '../support/gateway.ts'
import { type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { readMetrics, type Sample, sumOf } from '../support/read-metrics.ts'

const schema = buildSchema()
const seed = { userGroups: 9, members: 60, permissionGroups: 60, resourceGroups: 7 }
const rateLimit = { calls: 1_000_000, windowSeconds: 300 }

const faults: readonly Fault['respond'][number][] = [
  200,
  400,
  404,
  500,
  503,
  { reset: true },
  { truncate: true },
  { status: 200, body: 'no envelope' },
  { status: 429, headers: { 'retry-after': '0' } },
  { delayMs: 30, passThrough: true },
]

test('over a random load, metrics and traces agree with what reached the upstream, call for call', async () => {
  vi.stubEnv('OTEL_BSP_MAX_QUEUE_SIZE', '1000000')
  onTestFinished(() => void vi.unstubAllEnvs())
  const receiver = await startOtlpReceiver()
  const { tracing } = parseConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  const gateway = await startGateway({ sandbox: { seed, rateLimit }, config: { tracing } })
  const { sandbox, query } = gateway
  const material = await readMaterial(gateway)
  const before = readMetrics(await (await gateway.fetch('/metrics')).text())
  sandbox.clearRequests()

  const answers: Answer<unknown>[] = []
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (g) => {
      const operations = Array.from({ length: 8 }, () => {
        const kind = g(fc.nat, { max: 3 }) === 0 ? 'mutation' : 'query'
        return randomOperation(g, schema, { material, kind })
      })
      const respond = Array.from({ length: g(fc.nat, { max: 5 }) }, () => g(fc.constantFrom, ...faults))
      sandbox.setFaults(respond.length === 0 ? [] : [{ path: '*', respond }])
      // One whose calls were limited waits before the next: others go on.
      const caller = { authorization: `Bearer token-of-a-test-${answers.length}` }
      const asked = operations.map(({ document, variables }) => query(document, variables, caller))
      answers.push(...(await Promise.all(asked)))
    }),
    { ...propertyRuns(30), endOnFailure: true },
  )

  const requests = sandbox.requests()
  const samples = difference(readMetrics(await (await gateway.fetch('/metrics')).text()), before)
  await gateway.close()
  const ids = new Set(answers.map(({ headers }) => headers.get('x-request-id')))
  const all = receiver.spans()
  const servers = all.filter(({ kind }) => kind === 'SERVER')
  const traces = new Map(
    servers.map((span) => [span.traceId, requestIdOf(span)] as const).filter(([, id]) => ids.has(id)),
  )
  const spans = all.filter(({ traceId }) => traces.has(traceId))
  const calls = spans.filter(({ kind }) => kind === 'CLIENT')

  expect(requests.length).toBeGreaterThan(150)
  const statuses = requests.map(({ status }) => status)
  expect(statuses).toEqual(expect.arrayContaining([null, 200, 400, 404, 429, 500, 503]))
  const sent = tally(requests.map(lineOf))
  expect(tallyOf(samples)).toEqual(sent)
  expect(
    tally(
      calls.map(({ attributes }) =>
        line(
          String(attributes['http.request.method']),
          String(attributes['url.template']),
          attributes['http.response.status_code'],
        ),
      ),
    ),
  ).toEqual(sent)

  // What each answer says of itself is what its trace shows, and all of them are what was counted.
  const made = new Map(
    [...traces].map(([traceId, id]) => [id, calls.filter((call) => call.traceId === traceId).length]),
  )
  for (const { headers, extensions } of answers) {
    const bill = Object(extensions?.restCalls)
    expect(made.get(headers.get('x-request-id') ?? '')).toBe(bill.made ?? 0)
  }
  const billed = (part: 'made' | 'estimated') =>
    answers.reduce((sum, { extensions }) => sum + Number(Object(extensions?.restCalls)[part] ?? 0), 0)
  expect(sumOf(samples, 'iam_gateway_operation_rest_calls_made_sum')).toBe(billed('made'))
  expect(sumOf(samples, 'iam_gateway_rest_call_duration_seconds_count')).toBe(requests.length)
  const repeated = calls.filter(({ attributes }) => attributes['http.request.resend_count'] !== undefined)
  expect(sumOf(samples, 'iam_gateway_rest_retries_total')).toBe(repeated.length)
  const failed = calls.filter(({ isError }) => isError)
  expect(sumOf(samples, 'iam_gateway_rest_calls_total', { outcome: 'success' })).toBe(
    calls.length - failed.length,
  )
  const joined = spans.flatMap(({ events }) => events)
  expect(sumOf(samples, 'iam_gateway_rest_calls_shared_total')).toBe(joined.length)
  expect(joined.length).toBeGreaterThan(0)
  expect(sumOf(samples, 'iam_gateway_operation_duration_seconds_count')).toBe(answers.length)
  const codes = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => String(extensions.code)))
  const counted = samples.filter(({ name }) => name === 'iam_gateway_operation_errors_total')
  expect(new Map(counted.map(({ labels, value }) => [labels.code, value]))).toEqual(tally(codes))
}, 120_000)

function requestIdOf({ attributes }: ReceivedSpan): string {
  return [attributes['http.response.header.x-request-id']].flat().join()
}

function lineOf({ method, path, status }: LoggedRequest): string {
  const [pathname = ''] = path.split('?')
  return line(method, pathname.replace(/[0-9a-f]{32}/g, '{}'), status ?? undefined)
}

function tallyOf(samples: readonly Sample[]): ReadonlyMap<string, number> {
  const tallied = new Map<string, number>()
  for (const { name, labels, value } of samples) {
    if (name !== 'iam_gateway_rest_calls_total' || value === 0) continue
    const key = line(labels.method ?? '', labels.route ?? '', labels.status)
    tallied.set(key, (tallied.get(key) ?? 0) + value)
  }
  return tallied
}

function line(method: string, template: string, status: unknown): string {
  return `${method} ${template.replace(/\{\w*\}/g, '{}')} ${status ?? 'none'}`
}

function tally(lines: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const one of lines) counts.set(one, (counts.get(one) ?? 0) + 1)
  return counts
}

function difference(after: readonly Sample[], before: readonly Sample[]): readonly Sample[] {
  return after.map((sample) => ({
    ...sample,
    value: sample.value - sumOf(before, sample.name, sample.labels),
  }))
}
