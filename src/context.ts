import type { RestClient } from './cloudflare/client.ts'
import type { CallBudget } from './cost/call-budget.ts'
import type { Probe } from './telemetry/probe.ts'

/** What one operation carries; loaders live beside what they load, and keep what they have in `memory`. */
export type Context = {
  /** The REST API with the caller's credentials. */
  readonly rest: RestClient
  /** What this operation may spend in REST calls. */
  readonly budget: CallBudget
  /** Whether the caller may use an account; undefined where that is for the upstream to say. */
  readonly permits?: ((accountTag: string) => boolean) | undefined
  /** Lines under the id of the request. */
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, message: string): void }
  /** Hears of the steps of this operation, for metrics and traces. */
  readonly probe: Probe
  /**
   * What loaders keep for this operation, see `remember`. A WeakMap from this object would do as well, but for V8: what such a map holds
   * outlives young generations, and each answer would be left for the full garbage collection.
   */
  readonly memory: Map<string, unknown>
  /** Joins that could not read everything and were allowed to say so; reported in `extensions.incomplete`. */
  readonly incomplete: Incomplete[]
}

/** One gap in an answer that was allowed to have gaps. */
export type Incomplete = {
  readonly path: readonly (string | number)[]
  readonly message: string
  /** Global id of the object whose part is missing. */
  readonly missing: string
}
