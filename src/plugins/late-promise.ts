/**
 * A promise that is made when somebody first waits for it, which mostly nobody does: V8 keeps one that waited for long, and what it came to,
 * until its next full collection.
 */
export class LatePromise<T> {
  #promise: Promise<T> | undefined
  #resolve: (value: T) => void = () => {}

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

  resolve(value: T): void {
    this.#resolve(value)
  }
}
