import type { Callers, Sample } from './comparison.ts'
import type { TimedQuery } from './queries.ts'

/** The value in the middle; of an even number of them, the mean of both. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ]
  return (low + high) / 2
}

/** What a ratio is made of: processor time a request, or requests a second. */
export type Measure = 'CPU' | 'requests/s'

/** A table in Markdown: a row for each query and contender, with medians over the rounds and the ratio of `measure` to `baseline`. */
export function comparisonTable(
  samples: readonly Sample[],
  {
    queries,
    callers,
    baseline,
    measure = 'CPU',
  }: { queries: readonly TimedQuery[]; callers: Callers; baseline: string; measure?: Measure },
): string {
  const rows = queries.flatMap(({ name: query, title }) => {
    const ofQuery = samples.filter((sample) => sample.query === query && sample.callers === callers)
    const contenders = [...new Set(ofQuery.map(({ contender }) => contender))]
    return contenders.map((contender, place) => {
      const own = ofQuery.filter((sample) => sample.contender === contender)
      const base = new Map(
        ofQuery.filter((sample) => sample.contender === baseline).map((sample) => [sample.round, sample]),
      )
      const middle = (read: (sample: Sample) => number) => median(own.map(read))
      return row([
        place === 0 ? title : '',
        contender,
        middle(({ requestsPerSecond }) => requestsPerSecond).toFixed(0),
        ...[middle(({ p50Ms }) => p50Ms), middle(({ p99Ms }) => p99Ms)].map((ms) => ms.toFixed(1)),
        middle(({ cpuMs }) => cpuMs).toFixed(3),
        contender === baseline ? '1' : ratioText(own, base, measure),
        middle(({ restCalls }) => restCalls)
          .toFixed(2)
          .replace(/\.?0+$/, ''),
        middle(({ rssMebibytes }) => rssMebibytes).toFixed(0),
      ])
    })
  })
  return [
    row([
      'query',
      '',
      'requests/s',
      'p50 ms',
      'p99 ms',
      'CPU ms',
      `${measure} to ${baseline}`,
      'REST calls',
      'RSS MiB',
    ]),
    row(['---', '---', ...Array.from({ length: 7 }, () => '---:')]),
    ...rows,
    '',
  ].join('\n')
}

/** The median of the ratios of each round, and their lowest and highest. */
function ratioText(own: readonly Sample[], base: ReadonlyMap<number, Sample>, measure: Measure): string {
  const read = ({ cpuMs, requestsPerSecond }: Sample) => (measure === 'CPU' ? cpuMs : requestsPerSecond)
  const ratios = own.flatMap((sample) => {
    const other = base.get(sample.round)
    return other === undefined ? [] : [read(sample) / read(other)]
  })
  if (ratios.length === 0) return ''
  return `**${median(ratios).toFixed(2)}** (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`
}

/** One row of a table in Markdown. */
export function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`
}
