/**
 * Tells a call that nobody waits for it any more. It has what an `AbortSignal` has of use here, and next to nothing to pay for it: hundreds
 * of calls wait at a time, and making their signals took as long as all else that is done for them.
 */
export class Cancellation {
  isCancelled = false
  private end: (() => void) | undefined

  /** What to end when it is cancelled: one thing at a time, and the one that is set last. Undefined for nothing. */
  onCancel(end: (() => void) | undefined): void {
    this.end = end
  }

  /** A second time does nothing. */
  cancel(): void {
    if (this.isCancelled) return
    this.isCancelled = true
    const { end } = this
    this.end = undefined
    end?.()
  }
}
