import type { BudgetRequest, Grant } from '../cloudflare/shared-budget.ts'

/** What is known of a limit: calls free, when its window ends, and what a new window holds. */
export type KnownLimit = {
  readonly name: string
  readonly free: number
  readonly endsAtMs: number
  readonly quota: number
  readonly windowMs: number
}

/** Hands out of a part that is this process's own. */
export type LocalAccount = { ask(request: BudgetRequest): Grant }

type Window = Omit<KnownLimit, 'free'> & {
  left: number
  endsAtMs: number
  /** Whether the upstream has said when it ends. */
  isSure: boolean
}

// Two ends as near to each other as this are those of one window: the upstream tells whole seconds, and answers take time.
const slackMs = 2_000

/**
 * Hands out one of `parts` equal parts of what was known to be free, and then of every new window. What answers say is left is heeded
 * elsewhere; of them only the ends of windows count here. So all processes together stay within the budget, although none hears of the others.
 */
export function createLocalAccount(
  limits: readonly KnownLimit[],
  { parts, now }: { readonly parts: number; readonly now: () => number },
): LocalAccount {
  const windows = limits.map(
    ({ free, ...limit }): Window => ({
      ...limit,
      left: Math.floor(Math.max(0, free) / parts),
      isSure: true,
    }),
  )
  // What was granted before is no part of what is left.
  let grantedBefore: number | undefined

  function renew(window: Window, endsAtMs: number, isSure: boolean): void {
    window.left = Math.floor(window.quota / parts)
    window.endsAtMs = endsAtMs
    window.isSure = isSure
  }

  return {
    ask({ least, outstanding, ended, limits: stated }) {
      const nowMs = now()
      grantedBefore ??= outstanding + ended
      const endedBefore = Math.min(ended, grantedBefore)
      grantedBefore -= endedBefore
      const out = outstanding - grantedBefore
      for (const window of windows) {
        if (window.endsAtMs <= nowMs) renew(window, nowMs + window.windowMs, false)
        const resetMs = stated.find(({ name }) => name === window.name)?.resetMs
        const endsAtMs = resetMs === undefined ? window.endsAtMs : nowMs + resetMs
        if (window.isSure && endsAtMs > window.endsAtMs + slackMs) renew(window, endsAtMs, true)
        else if (!window.isSure && resetMs !== undefined) {
          window.endsAtMs = endsAtMs
          window.isSure = true
        }
        window.left -= ended - endedBefore
      }
      const lacking = windows.filter(({ left }) => left - out < least)
      const waitMs = Math.max(0, ...lacking.map(({ endsAtMs }) => endsAtMs - nowMs))
      return { calls: lacking.length === 0 ? least : 0, waitMs, pauseMs: 0 }
    },
  }
}
