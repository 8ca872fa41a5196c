/**
 * A promise that is made when somebody first waits for it, which mostly nobody does: V8 keeps one that waited for long, and what it came to,
 * until its next full collection.
 */
export class LatePromise<T> {
  #whenResolved: (() => void) | undefined
  #promise: Promise<T> | undefined
  #resolve: (value: T) => void = () => {}

  constructor(whenResolved: () => void) {
    this.#whenResolved = whenResolved
  }

  get isAwaited(): boolean {
    return this.#promise !== undefined
  }

  /** To be asked before it is resolved. */
  wait(): Promise<T> {
    this.#promise ??= new Promise((resolve) => {
      this.#resolve = resolve
    })
    return this.#promise
  }

  /** Does nothing a second time. */
  resolve(value: T): void {
    const whenResolved = this.#whenResolved
    if (whenResolved === undefined) return
    // What this went through may hold it until V8's next full collection, and all that it holds.
    this.#whenResolved = undefined
    whenResolved()
    this.#resolve(value)
  }
}
