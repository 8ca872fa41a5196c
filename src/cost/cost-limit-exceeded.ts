/** Part of an operation's price: the REST calls that the field at `path` causes. */
export type FieldPrice = { readonly path: string; readonly calls: number }

/** More REST calls than an operation may make. Mapped to `COST_LIMIT_EXCEEDED`; nothing of it was sent. */
export class CostLimitExceeded extends Error {
  override readonly name = 'CostLimitExceeded'
  /** REST calls that it would take; exact where known, else an upper bound. */
  readonly estimated: number
  readonly limit: number
  /** The dearest fields, dearest first. */
  readonly fields: readonly FieldPrice[]

  constructor(price: {
    readonly estimated: number
    readonly limit: number
    readonly fields: readonly FieldPrice[]
  }) {
    super(
      `This takes ${price.estimated} REST calls, and an operation may make ${price.limit}: ask for fewer rows, or in several operations`,
    )
    this.estimated = price.estimated
    this.limit = price.limit
    this.fields = price.fields
  }
}
