import { Counter, Histogram, type HistogramConfiguration, type LabelValues, type Registry } from 'prom-client'
import type { RestCall } from '../cloudflare/upstream.ts'

type Call = Pick<RestCall, 'method' | 'template' | 'status' | 'failure' | 'durationMs' | 'attempt'>

/** Of durations, in seconds. */
const bounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Calls of one method and route. */
type Series = { readonly method: string; readonly durations: Durations; readonly counts: Count[] }

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
    buckets: bounds,
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
    add(series.durations, durationMs / 1000)
    const count = series.counts.find((one) => one.status === status && one.outcome === outcome)
    if (count === undefined) series.counts.push({ status, outcome, calls: 1 })
    else count.calls += 1
    if (attempt > 1) retries.inc({ method, route })
  }
}

type Label = 'method' | 'route'
type Labels = Readonly<Record<Label, string>>

/** How many calls took so many seconds, and all of them together; the last count is of those beyond all bounds. */
type Durations = { readonly labels: Labels; readonly counts: number[]; sum: number }

/** A histogram whose series are handed out and counted in by whoever has one. */
class DurationHistogram extends Histogram<Label> {
  private readonly configuration: HistogramConfiguration<Label>
  private readonly series: Durations[] = []

  constructor(configuration: HistogramConfiguration<Label>) {
    super(configuration)
    this.configuration = { ...configuration, registers: [] }
  }

  /** A new series, for labels that have none yet. */
  seriesOf(labels: Labels): Durations {
    const durations = { labels, counts: [...bounds, Number.POSITIVE_INFINITY].map(() => 0), sum: 0 }
    this.series.push(durations)
    return durations
  }

  override async get(): ReturnType<Histogram<Label>['get']> {
    const all = await new Histogram(this.configuration).get()
    const put = (name: string, labels: LabelValues<Label | 'le'>, value: number) =>
      all.values.push({ metricName: `${all.name}_${name}`, labels, value })
    for (const { labels, counts, sum } of this.series) {
      let upTo = 0
      for (const [index, count] of counts.entries()) {
        upTo += count
        put('bucket', { le: bounds[index] ?? '+Inf', ...labels }, upTo)
      }
      put('sum', labels, sum)
      put('count', labels, upTo)
    }
    return all
  }

  /** What prom-client asks for where it writes text. */
  getForPromString(): ReturnType<Histogram<Label>['get']> {
    return this.get()
  }
}

function add(durations: Durations, seconds: number): void {
  let place = 0
  while (seconds > (bounds[place] ?? Number.POSITIVE_INFINITY)) place += 1
  durations.counts[place] = (durations.counts[place] ?? 0) + 1
  durations.sum += seconds
}
