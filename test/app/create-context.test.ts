import { expect, onTestFinished, test, vi } from 'vitest'
import { createContext } from '../../src/app/create-context.ts'
import { createUpstream, type Upstream } from '../../src/cloudflare/upstream.ts'
import { parseConfig } from '../../src/config.ts'
import { UnusableCredentials } from '../../src/credentials.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createProbe } from '../../src/telemetry/probe.ts'

test('nothing is opened before the first question, and one client answers all of them', () => {
  const { contextOf, opened } = startContexts()
  const { rest, budget } = contextOf({ authorization: 'Bearer some-token' })
  expect(opened()).toBe(0)
  expect(rest.rateLimit()).toBeNull()
  rest.pageCaps.set('members', 7)
  expect([rest.pageCaps.get('members'), rest.credentialKey.length]).toEqual([7, 64])
  expect(opened()).toBe(1)
  budget.close()
})

test('credentials that cannot be used are refused although nothing is opened', () => {
  const { contextOf, opened } = startContexts()
  expect(() => contextOf({ authorization: 'Basic some-word' })).toThrow(UnusableCredentials)
  expect(opened()).toBe(0)
})

test('without credentials nothing is set aside', () => {
  const { contextOf } = startContexts()
  const { rest, budget } = contextOf({})
  expect(() => rest.reserve(1)).toThrow(UnusableCredentials)
  budget.close()
})

test('the time of an operation runs from its start, also where its client is opened later', () => {
  const { contextOf, signals } = startContexts({ operationTimeoutMs: 100 })
  useFakeTime()
  const { rest, budget } = contextOf({ authorization: 'Bearer some-token' })
  vi.advanceTimersByTime(60)
  rest.rateLimit()
  vi.advanceTimersByTime(39)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  vi.advanceTimersByTime(1)
  expect(signals.map(({ reason }) => reason.name)).toEqual(['TimeoutError'])
  budget.close()
})

test('the end of an operation clears its timer, and a client that is opened after it sets none', () => {
  const { contextOf, signals } = startContexts()
  useFakeTime()
  const { rest, budget } = contextOf({ authorization: 'Bearer some-token' })
  rest.rateLimit()
  expect(vi.getTimerCount()).toBe(1)
  budget.close()
  expect(vi.getTimerCount()).toBe(0)
  const late = contextOf({ authorization: 'Bearer some-token' })
  late.budget.close()
  late.rest.rateLimit()
  expect(signals).toHaveLength(2)
  expect(vi.getTimerCount()).toBe(0)
})

function useFakeTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
}

function startContexts(settings: { readonly operationTimeoutMs?: number } = {}) {
  const upstream = createUpstream({
    baseUrl: 'http://127.0.0.1:9',
    timeoutMs: 1_000,
    retries: 0,
    concurrency: 1,
  })
  onTestFinished(() => upstream.close())
  const signals: AbortSignal[] = []
  const watched: Upstream = {
    ...upstream,
    client(options) {
      if (options.signal !== undefined) signals.push(options.signal)
      return upstream.client(options)
    },
  }
  const metrics = createMetrics({ load: upstream.load, inFlight: () => 0 })
  const parts = {
    config: { ...parseConfig({ CLOUDFLARE_BASE_URL: 'http://127.0.0.1:9' }), ...settings },
    upstream: watched,
    logger: createLogger('silent'),
    metrics,
    tracing: undefined,
    probe: createProbe(metrics),
  }
  return {
    signals,
    opened: () => signals.length,
    contextOf: (headers: Readonly<Record<string, string>>) =>
      createContext(new Request('http://gateway.test/graphql', { headers }), parts),
  }
}
