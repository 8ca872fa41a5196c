import type { ResponseHeaders } from './exchange.ts'
import { type StatedLimit, statedLimits } from './rate-limit-headers.ts'
import type { BudgetAccount, Grant } from './shared-budget.ts'

/** What this process has of one credential's budget: some calls in hand, more for the asking. */
export type BudgetShare = {
  /** Takes calls: at once where nothing is answered. Rejects with `BudgetSpent` where they do not fit into what is left. */
  take(calls: number): Promise<void> | undefined
  /** Hears what others have met, where that is long ago. */
  refresh(): Promise<void> | undefined
  /** Takes calls back that were not sent. */
  giveBack(calls: number): void
  /** One of the calls taken was sent, and has ended with these headers. */
  end(headers: ResponseHeaders): void
  /** The upstream wants nothing to be sent for so long. */
  tellPause(pauseMs: number): void
  /** Whether calls are taken and not ended. */
  isIdle(): boolean
  /** Hands back what is in hand. */
  close(): Promise<void>
}

/** The calls wanted do not fit into what is left; they may after `waitMs`. */
export class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent'
  readonly waitMs: number

  constructor(waitMs: number) {
    super(`the budget is spent for ${waitMs} ms`)
    this.waitMs = waitMs
  }
}

/** `onPause` hears how long nobody may send, as often as anybody tells. */
export type BudgetShareOptions = {
  readonly account: BudgetAccount
  readonly now: () => number
  readonly onPause: (pauseMs: number) => void
}

// Calls in hand spare most operations the question; few enough to be no loss to the others, who cannot have them meanwhile.
const handful = 16
// What others have met is heard after this long at the latest, and what nobody needed is handed back.
const freshMs = 500
// The upstream tells whole seconds, and answers take time: ends as near to each other are those of one window.
const sameWindowMs = 2_000

type Wish = { readonly calls: number; readonly grant: () => void; readonly refuse: (error: Error) => void }

/** Asks one question at a time, for all who wait. */
export function createBudgetShare({ account, now, onPause }: BudgetShareOptions): BudgetShare {
  let inHand = 0
  let outstanding = 0
  let ended = 0
  let unheard = 0
  let tellPauseMs = 0
  let isUrgent = false
  const heard = new Map<string, StatedLimit & { readonly resetAtMs: number }>()
  let askedAtMs = Number.NEGATIVE_INFINITY
  let wishes: readonly Wish[] = []
  let asking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const isFresh = () => now() - askedAtMs < freshMs

  function take(calls: number): Promise<void> | undefined {
    if (wishes.length === 0 && inHand >= calls && isFresh()) {
      inHand -= calls
      return undefined
    }
    return new Promise((grant, refuse) => {
      wishes = [...wishes, { calls, grant, refuse }]
      asking ??= askForAll()
    })
  }

  function refresh(): Promise<void> | undefined {
    return isFresh() ? undefined : take(0)
  }

  async function askForAll(): Promise<void> {
    do {
      const [first] = wishes
      const { calls, waitMs } = await ask(first?.calls ?? 0)
      inHand += calls
      if (first !== undefined && first.calls > inHand) {
        wishes = wishes.slice(1)
        first.refuse(new BudgetSpent(waitMs))
      }
      grantInOrder()
    } while (wishes.length > 0 || isUrgent)
    asking = undefined
    reportLater()
  }

  function grantInOrder(): void {
    for (let next = wishes[0]; next !== undefined && next.calls <= inHand; next = wishes[0]) {
      inHand -= next.calls
      wishes = wishes.slice(1)
      next.grant()
    }
  }

  async function ask(first: number): Promise<Grant> {
    const wanted = wishes.reduce((sum, { calls }) => sum + calls, 0)
    // Where nobody wants any, none is kept from the others.
    const spare = Math.max(0, inHand - (wishes.length === 0 ? 0 : wanted + handful))
    inHand -= spare
    outstanding -= spare
    const nowMs = now()
    for (const [name, { resetAtMs }] of heard) if (resetAtMs <= nowMs) heard.delete(name)
    const limits = [...heard.values()].map(({ resetAtMs, ...limit }) => ({
      ...limit,
      resetMs: resetAtMs - nowMs,
    }))
    const report = { outstanding, ended, unheard, limits, pauseMs: tellPauseMs }
    ended = 0
    unheard = 0
    tellPauseMs = 0
    isUrgent = false
    const least = Math.max(0, first - inHand)
    const most = wanted === 0 ? 0 : Math.max(least, wanted + handful - inHand)
    const grant = await account.ask({ ...report, least, most })
    askedAtMs = now()
    outstanding += grant.calls
    if (grant.pauseMs > 0) onPause(grant.pauseMs)
    return grant
  }

  /** Whoever has nothing to ask for has still something to tell, and to hand back. */
  function reportLater(): void {
    if (timer !== undefined || (inHand === 0 && ended === 0)) return
    timer = setTimeout(() => {
      timer = undefined
      if (isFresh()) reportLater()
      else asking ??= askForAll()
    }, freshMs).unref()
  }

  function reportNow(): void {
    isUrgent = true
    asking ??= askForAll()
  }

  function hear(headers: ResponseHeaders): void {
    const stated = statedLimits(headers)
    if (stated.length === 0) unheard += 1
    let isNews = false
    for (const limit of stated) {
      const before = heard.get(limit.name)
      const resetAtMs = now() + limit.resetMs
      const begins = before === undefined || resetAtMs > before.resetAtMs + sameWindowMs
      // Answers may overtake each other: within a window the least is the latest.
      if (begins || limit.remaining < before.remaining) heard.set(limit.name, { ...limit, resetAtMs })
      isNews ||= begins
    }
    // Of a window that begins nobody else may have heard.
    if (isNews) reportNow()
  }

  return {
    take,
    refresh,
    giveBack(calls) {
      inHand += calls
      reportLater()
    },
    end(headers) {
      outstanding -= 1
      ended += 1
      hear(headers)
      reportLater()
    },
    tellPause(pauseMs) {
      tellPauseMs = Math.max(tellPauseMs, pauseMs)
      reportNow()
    },
    isIdle: () => outstanding - inHand === 0,
    async close() {
      clearTimeout(timer)
      await asking
      if (inHand > 0 || ended > 0) {
        asking ??= askForAll()
        await asking
      }
      clearTimeout(timer)
    },
  }
}
