import fc from 'fast-check'
import { AggregatorRegistry, Counter, Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { addRestCallMetrics } from '../../src/telemetry/rest-call-metrics.ts'
import { propertyRuns } from '../support/property-runs.ts'

const calls = fc.array(
  fc.record({
    method: fc.constantFrom('GET', 'PUT'),
    template: fc.constantFrom('/accounts', '/accounts/{account_id}/members'),
    status: fc.constantFrom(undefined, 200, 429),
    failure: fc.constantFrom(undefined, 'rate-limited' as const, 'timeout' as const),
    durationMs: fc.integer({ min: 0, max: 20_000 }),
    attempt: fc.constantFrom(1, 2),
  }),
)

test('figures of REST calls are those that prom-client would keep, as text and for other processes', async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (some) => {
      const [registry, plain] = [new Registry(), new Registry()]
      const tell = addRestCallMetrics(registry)
      const tellPlain = addPlainMetrics(plain)
      for (const call of some) {
        tell(call)
        tellPlain(call)
      }
      const expected = linesOf(await plain.metrics())
      expect(linesOf(await registry.metrics())).toEqual(expected)
      expect(linesOf(await registry.metrics())).toEqual(expected)
      const aggregated = AggregatorRegistry.aggregate([await registry.getMetricsAsJSON()])
      expect(linesOf(await aggregated.metrics())).toEqual(expected)
    }),
    propertyRuns(200),
  )
})

function addPlainMetrics(registry: Registry): ReturnType<typeof addRestCallMetrics> {
  const registers = [registry]
  const durations = new Histogram({
    name: 'iam_gateway_rest_call_duration_seconds',
    help: 'REST calls, from sending to the last byte of the answer',
    labelNames: ['method', 'route'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const total = new Counter({
    name: 'iam_gateway_rest_calls_total',
    help: 'REST calls that were sent, each try of its own',
    labelNames: ['method', 'route', 'status', 'outcome'],
    registers,
  })
  const retries = new Counter({
    name: 'iam_gateway_rest_retries_total',
    help: 'REST calls that were a further try',
    labelNames: ['method', 'route'],
    registers,
  })
  return ({
    method,
    template: route,
    status = 'none',
    failure: outcome = 'success',
    durationMs,
    attempt,
  }) => {
    total.inc({ method, route, status, outcome })
    durations.observe({ method, route }, durationMs / 1000)
    if (attempt > 1) retries.inc({ method, route })
  }
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').sort()
}
