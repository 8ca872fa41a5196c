import { Counter, Histogram, type HistogramConfiguration, type Registry } from 'prom-client'
import type { RestCall } from '../cloudflare/upstream.ts'

type Call = Pick<RestCall, 'method' | 'template' | 'status' | 'failure' | 'durationMs' | 'attempt'>

/** Calls of one method and route. */
type Series = { readonly method: string; readonly durations: Histogram; readonly counts: Count[] }

type Count = { readonly status: number | string; readonly outcome: string; calls: number }

/**
 * Adds the figures of REST calls, and answers who is to be told of each. What counts one is looked up by the words of its labels, one after
 * the other: prom-client makes a text of all labels to find it by, each time, which was a fortieth of a query of 21 calls.
 */
export function addRestCallMetrics(registry: Registry): (call: Call) => void {
  const routes = new Map<string, Series[]>()

  const durations = new DurationHistogram({
    name: 'iam_gateway_rest_call_duration_seconds',
    help: 'REST calls, from sending to the last byte of the answer',
    labelNames: ['method', 'route'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  new Counter({
    name: 'iam_gateway_rest_calls_total',
    help: 'REST calls that were sent, each try of its own',
    labelNames: ['method', 'route', 'status', 'outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [route, all] of routes) {
        for (const { method, counts } of all)
          for (const { status, outcome, calls } of counts) this.inc({ method, route, status, outcome }, calls)
      }
    },
  })
  const retries = new Counter({
    name: 'iam_gateway_rest_retries_total',
    help: 'REST calls that were a further try',
    labelNames: ['method', 'route'],
    registers: [registry],
  })

  function seriesOf(method: string, route: string): Series {
    const all = routes.get(route) ?? []
    const known = all.find((one) => one.method === method)
    if (known !== undefined) return known
    const series = { method, durations: durations.seriesOf({ method, route }), counts: [] }
    routes.set(route, [...all, series])
    return series
  }

  return ({
    method,
    template: route,
    status = 'none',
    failure: outcome = 'success',
    durationMs,
    attempt,
  }) => {
    const series = seriesOf(method, route)
    series.durations.observe(durationMs / 1000)
    const count = series.counts.find((one) => one.status === status && one.outcome === outcome)
    if (count === undefined) series.counts.push({ status, outcome, calls: 1 })
    else count.calls += 1
    if (attempt > 1) retries.inc({ method, route })
  }
}

type Label = 'method' | 'route'
type Labels = Readonly<Record<Label, string>>

/** A histogram whose series are observed by themselves, as histograms without labels. */
class DurationHistogram extends Histogram<Label> {
  private readonly configuration: HistogramConfiguration<Label>
  private readonly series: { readonly labels: Labels; readonly histogram: Histogram }[] = []

  constructor(configuration: HistogramConfiguration<Label>) {
    super(configuration)
    this.configuration = { ...configuration, registers: [] }
  }

  /** A new series, for labels that have none yet. */
  seriesOf(labels: Labels): Histogram {
    const histogram = new Histogram({ ...this.configuration, labelNames: [] })
    this.series.push({ labels, histogram })
    return histogram
  }

  override async get(): ReturnType<Histogram<Label>['get']> {
    const all = await new Histogram(this.configuration).get()
    for (const { labels, histogram } of this.series) {
      const { values } = await histogram.get()
      for (const value of values) all.values.push({ ...value, labels: { ...value.labels, ...labels } })
    }
    return all
  }

  /** What prom-client asks for where it writes text. */
  getForPromString(): ReturnType<Histogram<Label>['get']> {
    return this.get()
  }
}
