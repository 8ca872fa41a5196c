import { Counter, Histogram, type HistogramConfiguration, type LabelValues, type Registry } from 'prom-client'
import type { RestCall } from '../cloudflare/upstream.ts'

type Call = Pick<RestCall, 'method' | 'template' | 'status' | 'failure' | 'durationMs' | 'attempt'>

/** Of durations, in seconds. */
const bounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Calls of one method and route: by what became of them, and by how long they took; the last of `durations` are beyond all bounds. */
type Series = {
  readonly labels: Readonly<Record<Label, string>>
  readonly counts: { readonly status: number | string; readonly outcome: string; calls: number }[]
  readonly durations: number[]
  seconds: number
}

type Label = 'method' | 'route'

/**
 * Adds the figures of REST calls, and answers who is to be told of each. What counts one is looked up by the words of its labels, one after
 * the other: prom-client makes a text of all labels to find it by, each time, which was a fortieth of a query of 21 calls.
 */
export function addRestCallMetrics(registry: Registry): (call: Call) => void {
  const routes = new Map<string, Series[]>()
  const all = () => [...routes.values()].flat()

  new DurationHistogram(registry, all)
  new Counter({
    name: 'iam_gateway_rest_calls_total',
    help: 'REST calls that were sent, each try of its own',
    labelNames: ['method', 'route', 'status', 'outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { labels, counts } of all())
        for (const { status, outcome, calls } of counts) this.inc({ ...labels, status, outcome }, calls)
    },
  })
  const retries = new Counter({
    name: 'iam_gateway_rest_retries_total',
    help: 'REST calls that were a further try',
    labelNames: ['method', 'route'],
    registers: [registry],
  })

  function seriesOf(method: string, route: string): Series {
    const ofRoute = routes.get(route) ?? []
    const known = ofRoute.find(({ labels }) => labels.method === method)
    if (known !== undefined) return known
    const durations = Array.from({ length: bounds.length + 1 }, () => 0)
    const series: Series = { labels: { method, route }, counts: [], durations, seconds: 0 }
    routes.set(route, [...ofRoute, series])
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
    const count = series.counts.find((one) => one.status === status && one.outcome === outcome)
    if (count === undefined) series.counts.push({ status, outcome, calls: 1 })
    else count.calls += 1
    addDuration(series, durationMs / 1000)
    if (attempt > 1) retries.inc({ method, route })
  }
}

function addDuration(series: Series, seconds: number): void {
  let place = 0
  while (seconds > (bounds[place] ?? Number.POSITIVE_INFINITY)) place += 1
  series.durations[place] = (series.durations[place] ?? 0) + 1
  series.seconds += seconds
}

const durationConfiguration: HistogramConfiguration<Label> = {
  name: 'iam_gateway_rest_call_duration_seconds',
  help: 'REST calls, from sending to the last byte of the answer',
  labelNames: ['method', 'route'],
  buckets: bounds,
}

/** How long REST calls took, by series that are counted elsewhere. */
class DurationHistogram extends Histogram<Label> {
  private readonly series: () => readonly Series[]

  constructor(registry: Registry, series: () => readonly Series[]) {
    super({ ...durationConfiguration, registers: [registry] })
    this.series = series
  }

  override async get(): ReturnType<Histogram<Label>['get']> {
    const figures = await new Histogram({ ...durationConfiguration, registers: [] }).get()
    const put = (name: string, labels: LabelValues<Label | 'le'>, value: number) =>
      figures.values.push({ metricName: `${figures.name}_${name}`, labels, value })
    for (const { labels, durations, seconds } of this.series()) {
      let upTo = 0
      for (const [index, count] of durations.entries()) {
        upTo += count
        put('bucket', { le: bounds[index] ?? '+Inf', ...labels }, upTo)
      }
      put('sum', labels, seconds)
      put('count', labels, upTo)
    }
    return figures
  }

  /** What prom-client asks for where it writes text. */
  getForPromString(): ReturnType<Histogram<Label>['get']> {
    return this.get()
  }
}
