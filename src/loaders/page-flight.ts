import type { Page } from '../paging/page-plan.ts'

/**
 * A page on its way. Its promise is made when somebody else waits for the page, which hardly ever happens: a flight that always has one
 * keeps the page's rows until V8's next full collection.
 */
export class PageFlight {
  readonly page: Page
  private settled: Promise<void> | undefined
  private settle: { readonly land: () => void; readonly fail: (error: unknown) => void } | undefined

  constructor(page: Page) {
    this.page = page
  }

  /** Ends as the flight does. */
  done(): Promise<void> {
    this.settled ??= new Promise((land, fail) => {
      this.settle = { land, fail }
    })
    return this.settled
  }

  land(): void {
    this.settle?.land()
  }

  fail(error: unknown): void {
    this.settle?.fail(error)
  }
}
