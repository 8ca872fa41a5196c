import { onTestFinished } from 'vitest'
import { createUpstream } from '../../src/cloudflare/upstream.ts'
import type { Context } from '../../src/context.ts'
import { createCallBudget } from '../../src/cost/call-budget.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createProbe } from '../../src/telemetry/probe.ts'

/** What one request carries, over a sandbox of the test's own; `priced` are the REST calls that it was opened with. */
export type Request = { readonly context: Context; readonly sandbox: Sandbox }

export async function startRequest(
  options: SandboxOptions = {},
  { limit = 200, priced = 1 }: { readonly limit?: number; readonly priced?: number } = {},
): Promise<Request> {
  const sandbox = await startSandbox(options)
  const upstream = createUpstream({ baseUrl: sandbox.url, timeoutMs: 5_000, retries: 0, concurrency: 24 })
  onTestFinished(async () => {
    await Promise.all([upstream.close(), sandbox.close()])
  })
  const budget = createCallBudget(limit)
  budget.open(priced)
  const rest = upstream.client({
    credentials: { headers: { authorization: 'Bearer token-of-a-test' } },
    admit: budget.admit,
  })
  const probe = createProbe(createMetrics({ load: upstream.load, inFlight: () => 0 }))
  return {
    context: { rest, budget, log: createLogger('silent'), probe, memory: new Map(), incomplete: [] },
    sandbox,
  }
}
