import type { Metrics } from './metrics.ts'
import type { Tracing } from './tracing.ts'

/** What an operation tells of its steps, to figures and traces. */
export type Probe = {
  /** Computes the price. */
  price<T>(work: () => T): T
  /** Loads so many things together. */
  batch<T>(batch: Batch, load: () => Promise<T>): Promise<T>
}

/** What a loader was asked for together: records or windows of lists, of one kind. */
export type Batch = {
  readonly loader: 'record' | 'window'
  readonly kind: string
  readonly size: number
}

/** Tells `metrics`, and `tracing` where it is on. */
export function createProbe(metrics: Pick<Metrics, 'batch'>, tracing?: Tracing): Probe {
  return {
    price: (work) => (tracing === undefined ? work() : tracing.span({ name: 'price' }, work)),
    batch({ loader, kind, size }, load) {
      metrics.batch({ loader, kind, size })
      if (tracing === undefined) return load()
      const attributes = { 'iam_gateway.batch.kind': kind, 'iam_gateway.batch.size': size }
      return tracing.span({ name: `batch of ${loader}s`, attributes }, load)
    },
  }
}
