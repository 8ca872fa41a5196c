import type { ExecutionResult } from 'graphql'

type Data = NonNullable<ExecutionResult['data']>
type Price = { readonly estimated: number; readonly limit: number }

/** An answer for several, and its price in REST calls. */
export type SharedAnswer = {
  readonly estimated: number
  readonly result: ExecutionResult & { stringify(): string }
}

/** A query that is being executed, for those who ask the same meanwhile. Where nobody does, it keeps nothing of what was answered. */
export class ExecutionFlight {
  readonly startedMs: number
  #whenEnded: (() => void) | undefined
  #landed: Promise<SharedAnswer | undefined> | undefined
  #resolve: (shared: SharedAnswer | undefined) => void = () => {}

  constructor(startedMs: number, whenEnded: () => void) {
    this.startedMs = startedMs
    this.#whenEnded = whenEnded
  }

  /** To be asked before it has ended. Undefined where it came to nothing that others could have; never rejects. */
  join(): Promise<SharedAnswer | undefined> {
    this.#landed ??= new Promise((resolve) => {
      this.#resolve = resolve
    })
    return this.#landed
  }

  /** It was executed, at a price in REST calls. */
  land(data: Data, price: Price): void {
    this.#settle(this.#landed && shareAnswer(data, price))
  }

  /** Does nothing where it has landed. */
  fail(): void {
    this.#settle(undefined)
  }

  #settle(shared: SharedAnswer | undefined): void {
    const whenEnded = this.#whenEnded
    if (whenEnded === undefined) return
    // Maps that this went through may hold it until V8's next full collection, and all that it holds.
    this.#whenEnded = undefined
    whenEnded()
    this.#resolve(shared)
  }
}

/** What those who joined are answered: the same for all, and written once, since Yoga asks an answer how it is to be written. */
function shareAnswer(data: Data, { estimated, limit }: Price): SharedAnswer {
  const shown = { data, extensions: { restCalls: { estimated, made: 0, limit } } }
  let text: string | undefined
  const stringify = () => {
    text ??= JSON.stringify(shown)
    return text
  }
  return { estimated, result: { ...shown, stringify } }
}
