import { Counter, Histogram, Registry } from 'prom-client'
import type { RestCall } from '../cloudflare/upstream.ts'
import { createBoundedNames } from './bounded-names.ts'
import { addLoadMetrics, type LoadSources } from './load-metrics.ts'
import { addRestCallMetrics } from './rest-call-metrics.ts'

/**
 * What became of one GraphQL operation: 'refused' is for whoever sent it to mend, 'failed' came to
 * nothing by no fault of theirs. Counts are REST calls.
 */
export type OperationFigures = {
  readonly name: string | undefined
  readonly type: string | undefined
  readonly outcome: 'success' | 'partial' | 'failed' | 'refused'
  readonly durationMs: number
  readonly errorCodes: readonly string[]
  readonly restCalls: { readonly estimated: number; readonly made: number } | undefined
}

/** The figures of one process, for Prometheus. No label holds anything of a credential, an account or a value. */
export type Metrics = {
  readonly registry: Registry
  operation(figures: OperationFigures): void
  httpRequest(request: { readonly route: string; readonly status: number }): void
  /** One attempt that was sent. */
  restCall(call: RestCall): void
  /** A query that was answered with what an equal one came to meanwhile. */
  operationShared(): void
  /** A read that joined one in flight in place of being sent. */
  joined(call: Pick<RestCall, 'template'>): void
  /** So many things were asked of a loader together. */
  batch(batch: { readonly loader: string; readonly kind: string; readonly size: number }): void
}

/** `operationNames` are those that always have a series of their own. */
export type MetricsOptions = LoadSources & { readonly operationNames?: Iterable<string> }

const mostNames = 100

const operationSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const callCounts = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500]
const batchSizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]

/** Figures in a registry of their own. */
export function createMetrics({ operationNames = [], ...sources }: MetricsOptions): Metrics {
  const registry = new Registry()
  const nameOf = createBoundedNames(mostNames, operationNames)
  const codeOf = createBoundedNames(mostNames)
  const named = (name: string, help: string) => ({ name: `iam_gateway_${name}`, help, registers: [registry] })

  const operations = new Histogram({
    ...named('operation_duration_seconds', 'GraphQL operations, from the request to its answer'),
    labelNames: ['operation', 'type', 'outcome'],
    buckets: operationSeconds,
  })
  const errors = new Counter({
    ...named('operation_errors_total', 'Errors in GraphQL answers by extensions.code'),
    labelNames: ['code'],
  })
  const sharedOperations = new Counter(
    named('operations_shared_total', 'Queries that got the answer of an equal one and were not executed'),
  )
  const estimated = new Histogram({
    ...named('operation_rest_calls_estimated', 'REST calls that an operation was priced at'),
    buckets: callCounts,
  })
  const made = new Histogram({
    ...named('operation_rest_calls_made', 'REST calls that an operation took, retries too'),
    buckets: callCounts,
  })
  const requests = new Counter({
    ...named('http_requests_total', 'HTTP requests that were answered'),
    labelNames: ['route', 'status'],
  })
  const restCall = addRestCallMetrics(registry)
  const shared = new Counter({
    ...named('rest_calls_shared_total', 'Reads that joined the same one in flight and were not sent'),
    labelNames: ['route'],
  })
  const batches = new Histogram({
    ...named('batch_size', 'Records, or windows of lists, that were asked for together'),
    labelNames: ['loader', 'kind'],
    buckets: batchSizes,
  })
  addLoadMetrics(registry, sources)

  return {
    registry,
    operation({ name, type = 'none', outcome, durationMs, errorCodes, restCalls: calls }) {
      const operation = type === 'none' ? 'none' : nameOf(name)
      operations.observe({ operation, type, outcome }, durationMs / 1000)
      for (const code of errorCodes) errors.inc({ code: codeOf(code) })
      if (calls === undefined) return
      estimated.observe(calls.estimated)
      made.observe(calls.made)
    },
    operationShared() {
      sharedOperations.inc()
    },
    httpRequest({ route, status }) {
      requests.inc({ route, status })
    },
    restCall,
    joined({ template }) {
      shared.inc({ route: template })
    },
    batch({ loader, kind, size }) {
      batches.observe({ loader, kind }, size)
    },
  }
}
