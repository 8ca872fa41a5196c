import type { Sample } from './gateway-process.ts'

/** What a soak has counted and found. */
export type Figures = {
  readonly seed: number
  readonly seconds: number
  readonly operations: number
  readonly restCalls: number
  readonly faultyCalls: number
  readonly cancelledCalls: number
  /** Milliseconds. */
  readonly latency: { readonly median: number; readonly p99: number; readonly longest: number }
  /** By `extensions.code`; `none` had no error, `left` was left by its caller. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Writes by what was told of them. */
  readonly writes: {
    readonly done: number
    readonly refused: number
    readonly failed: number
    /** Told as uncertain, and found to be done, or not. */
    readonly uncertainDone: number
    readonly uncertainNotDone: number
  }
  /** Comparisons of the model with the upstream. */
  readonly comparisons: number
  /** Walks through a list that others write to; `gaps` tells those that missed a row. */
  readonly walks: number
  readonly gaps: readonly string[]
  /** Of the gateway's process, one a second. */
  readonly samples: readonly Sample[]
  readonly logLines: number
  /** What must not be; none, if all is well. */
  readonly findings: readonly string[]
}

/** The figures for a person. */
export function figuresText(figures: Figures): string {
  const { seconds, operations, restCalls, faultyCalls, cancelledCalls, latency, writes, samples } = figures
  const outcomes = Object.entries(figures.outcomes).sort(([, a], [, b]) => b - a)
  const first = samples[Math.floor(samples.length / 4)]
  const last = samples.at(-1)
  const rows: readonly (readonly [string, string])[] = [
    ['Time', `${Math.round(seconds)} s, seed ${figures.seed}`],
    ['Operations', `${operations} (${Math.round(operations / seconds)} a second)`],
    ['REST calls', `${restCalls}, ${faultyCalls} of them met a fault, ${cancelledCalls} were cancelled`],
    ['Latency', `median ${latency.median} ms, 99 % within ${latency.p99} ms, longest ${latency.longest} ms`],
    ['Outcomes', outcomes.map(([code, count]) => `${code} ${count}`).join(', ')],
    ['Writes', `${writes.done} done, ${writes.refused} refused, ${writes.failed} failed`],
    [
      '',
      `${writes.uncertainDone + writes.uncertainNotDone} uncertain, of which ${writes.uncertainDone} were done`,
    ],
    ['Comparisons', `${figures.comparisons} of the model with the upstream`],
    ['Walks', `${figures.walks} through a list that changes, ${figures.gaps.length} of them missed a row`],
    [
      'Memory',
      `${samples[0]?.rssMebibytes} MiB at first, ${first?.rssMebibytes} MiB after a quarter, ${last?.rssMebibytes} MiB at last`,
    ],
    [
      'Files',
      `${samples[0]?.fileDescriptors} at first, ${first?.fileDescriptors} after a quarter, ${last?.fileDescriptors} at last`,
    ],
    ['Log lines', `${figures.logLines}`],
    ['Findings', figures.findings.length === 0 ? 'none' : `${figures.findings.length}`],
  ]
  const table = rows.map(([name, text]) => `  ${name.padEnd(12)}${text}`).join('\n')
  const told = [
    ...figures.gaps.map((gap) => `  (${gap})\n`),
    ...figures.findings.map((finding) => `  - ${finding}\n`),
  ]
  return `${table}\n${told.join('')}`
}
