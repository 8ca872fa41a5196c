import type { ExecutionResult } from 'graphql'

type Data = NonNullable<ExecutionResult['data']>

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

  /** It was executed; `estimated` is its price in REST calls. */
  land(data: Data, estimated: number): void {
    this.#settle(this.#landed && new SharedAnswer(data, estimated))
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

/** What those who joined are answered. */
export class SharedAnswer {
  readonly estimated: number
  readonly #data: Data
  #answer: (ExecutionResult & { stringify(): string }) | undefined

  constructor(data: Data, estimated: number) {
    this.#data = data
    this.estimated = estimated
  }

  /** The same for all of them, and written once; Yoga asks an answer how it is to be written. */
  answer(limit: number): ExecutionResult & { stringify(): string } {
    if (this.#answer === undefined) {
      const restCalls = { estimated: this.estimated, made: 0, limit }
      const shown = { data: this.#data, extensions: { restCalls } }
      let text: string | undefined
      const stringify = () => {
        text ??= JSON.stringify(shown)
        return text
      }
      this.#answer = { ...shown, stringify }
    }
    return this.#answer
  }
}
