import { createHmac, randomBytes } from 'node:crypto'
import { Gauge, type GaugeConfiguration, type Registry } from 'prom-client'
import type { UpstreamLoad } from '../cloudflare/upstream.ts'

/** What is read at the moment that somebody asks for figures. */
export type LoadSources = {
  readonly load: () => UpstreamLoad
  /** Requests that are not answered yet. */
  readonly inFlight: () => number
}

const mostCredentials = 20

/**
 * Adds queues and what is left to credentials: the `mostCredentials` that have least, under a hash with a salt of this process, which says
 * nothing to whoever does not hold the process.
 */
export function addLoadMetrics(registry: Registry, { load, inFlight }: LoadSources): void {
  const registers = [registry]
  new Gauge({
    name: 'iam_gateway_http_requests_in_flight',
    help: 'HTTP requests that are not answered yet',
    registers,
    collect() {
      this.set(inFlight())
    },
  })
  new Gauge({
    name: 'iam_gateway_rest_calls_in_flight',
    help: 'REST calls that were sent and are not answered yet',
    registers,
    collect() {
      this.set(load().inFlight)
    },
  })
  new Gauge({
    name: 'iam_gateway_rest_calls_waiting',
    help: 'REST calls that wait for a turn of their credential, or for a connection',
    labelNames: ['for'],
    registers,
    collect() {
      const { waitingForTurn, waitingForConnection } = load()
      this.set({ for: 'turn' }, waitingForTurn)
      this.set({ for: 'connection' }, waitingForConnection)
    },
  })
  if (load().budgetIsShared !== undefined) addSharingMetric(registry, load)
  addBudgetMetrics(registry, load)
}

function addSharingMetric(registry: Registry, load: LoadSources['load']): void {
  new Gauge({
    name: 'iam_gateway_budget_shared',
    help: 'Whether every process takes from the same budgets (1), or one has only a part of them to itself (0)',
    aggregator: 'min',
    registers: [registry],
    collect() {
      this.set(load().budgetIsShared ? 1 : 0)
    },
  })
}

function addBudgetMetrics(registry: Registry, load: LoadSources['load']): void {
  const salt = randomBytes(32)
  // Processes that share a budget have each heard of it at another time: the least is nearest to the truth.
  const perCredential = {
    labelNames: ['credential'],
    registers: [registry],
    aggregator: 'min',
  } satisfies Partial<GaugeConfiguration<'credential'>>
  const labelOf = (key: string) => createHmac('sha256', salt).update(key).digest('hex').slice(0, 12)
  new Gauge({
    ...perCredential,
    name: 'iam_gateway_credential_budget_remaining',
    help: 'REST calls that the upstream leaves a credential in this window, of those that have least',
    collect() {
      this.reset()
      for (const { credentialKey, rateLimit } of tightest(load()))
        this.set({ credential: labelOf(credentialKey) }, rateLimit.remaining)
    },
  })
  new Gauge({
    ...perCredential,
    name: 'iam_gateway_credential_budget_limit',
    help: 'REST calls that the upstream allows a credential in a window, of those that have least left',
    collect() {
      this.reset()
      for (const { credentialKey, rateLimit } of tightest(load()))
        if (rateLimit.limit !== null) this.set({ credential: labelOf(credentialKey) }, rateLimit.limit)
    },
  })
}

/** Those with least left, of the windows that are not over. */
function tightest({ budgets }: UpstreamLoad): UpstreamLoad['budgets'] {
  return budgets
    .filter(({ rateLimit }) => rateLimit.resetAt.getTime() > Date.now())
    .toSorted((a, b) => a.rateLimit.remaining - b.rateLimit.remaining)
    .slice(0, mostCredentials)
}
