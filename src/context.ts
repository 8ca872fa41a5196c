import type { Logger } from 'pino'
import type { RestClient } from './cloudflare/client.ts'
import type { CallBudget } from './cost/call-budget.ts'

/** What one operation carries; loaders live beside what they load, in a WeakMap from this object. */
export type Context = {
  /** The REST API with the caller's credentials. */
  readonly rest: RestClient
  /** What this operation may spend in REST calls. */
  readonly budget: CallBudget
  /** Whether the caller may use an account; undefined where that is for the upstream to say. */
  readonly permits?: ((accountTag: string) => boolean) | undefined
  readonly log: Logger
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
