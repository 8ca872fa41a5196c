import type { StatedLimit } from './rate-limit-headers.ts'

/** One place that hands out the calls of each credential to all processes that send with it. */
export type SharedBudget = {
  /** What is handed out of the budget of one credential, by a hash of it. */
  account(key: string): BudgetAccount
  /** False while each process has only a part of every budget to itself, because the place cannot be reached. */
  isShared(): boolean
  close(): Promise<void>
}

/** The budget of one credential, as one process sees it. */
export type BudgetAccount = {
  /** Reports, and asks for calls; the answer comes in bounded time whatever happens. The next one may be asked only after it. */
  ask(request: BudgetRequest): Promise<Grant>
}

/** What a process wants, and what it knows that others do not. All but the limits count calls. */
export type BudgetRequest = {
  /** Wanted, all or none. */
  readonly least: number
  /** As good where there is plenty. */
  readonly most: number
  /** Granted before and not ended yet: those in hand, set aside and in flight. */
  readonly outstanding: number
  /** Sent and ended since the last request. */
  readonly ended: number
  /** Those of them whose answers said nothing of limits. */
  readonly unheard: number
  /** The least that answers have said to be left in windows that are not over. */
  readonly limits: readonly StatedLimit[]
  /** How long the upstream wants nothing to be sent; 0 where it did not say so. */
  readonly pauseMs: number
}

/** `waitMs` is when to ask again where nothing was granted, `pauseMs` how long nobody may send. */
export type Grant = { readonly calls: number; readonly waitMs: number; readonly pauseMs: number }
