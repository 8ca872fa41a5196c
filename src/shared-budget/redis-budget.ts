import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { StatedLimit } from '../cloudflare/rate-limit-headers.ts'
import type { BudgetAccount, BudgetRequest, Grant, SharedBudget } from '../cloudflare/shared-budget.ts'
import { grantScript } from './grant-script.ts'
import { createLocalAccount, type KnownLimit, type LocalAccount } from './local-account.ts'

/** `onChange` hears when sharing ends, with the reason, and when it begins again; not of the first beginning. */
export type RedisBudgetOptions = {
  readonly url: string
  /** Processes that are known to share before Redis has told how many do. */
  readonly processes: number
  /** How long a call that was granted may take to end; a process that said nothing for so long is taken for dead. */
  readonly holdMs: number
  readonly onChange: (change: { readonly isShared: boolean; readonly reason?: string }) => void
  readonly now?: () => number
}

// What Cloudflare documents, until an answer states something else.
const documented = { quota: 1200, windowMs: 300_000 }
// No request waits longer for Redis, and only those that are under way when it fails wait at all.
const patienceMs = 500
// After that the client forgets what it waited for.
const commandTimeoutMs = 5_000
const connectTimeoutMs = 1_000
const checkEveryMs = 500
// After an outage all come back within this time, and report before anything is handed out again.
const soonMs = 1_500
const presenceMs = 30_000
const presentEveryMs = 2_000
// What was learnt of a credential's limits is kept for so long after its last call.
const keepMs = 3_600_000
const prefix = 'cloudflare-iam-graphql:budget:'
const presenceKey = 'cloudflare-iam-graphql:processes'

/**
 * Budgets that every process with this Redis shares. While it cannot be reached each process hands out of a part of its own: what was
 * left, and then what every window holds, divided by the processes last seen. Waits for the first connection, a second at most.
 */
export async function createRedisBudget(options: RedisBudgetOptions): Promise<SharedBudget> {
  const { url, holdMs, onChange, now = Date.now } = options
  const id = randomUUID()
  const redis = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(50 * attempt, checkEveryMs),
    scripts: { grantCalls: { lua: grantScript, numberOfKeys: 1 } },
  })
  let processes = options.processes
  let sharing: 'yes' | 'soon' | 'no' = 'yes'
  let soonSinceMs = 0
  let outages = 0
  let presentAtMs = Number.NEGATIVE_INFINITY
  let failure = 'it does not answer'

  function lose(reason: string): void {
    const before = sharing
    sharing = 'no'
    if (before === 'yes') {
      outages += 1
      onChange({ isShared: false, reason })
    }
  }

  async function check(): Promise<void> {
    if (sharing === 'yes' && now() - presentAtMs < presentEveryMs) return
    try {
      const present = await inTime(markPresence(redis, id, now()))
      presentAtMs = now()
      // One that has just come back may be the first of many.
      processes = Math.max(present, sharing === 'yes' ? options.processes : processes)
      if (sharing === 'no') {
        sharing = 'soon'
        soonSinceMs = now()
      } else if (sharing === 'soon' && now() - soonSinceMs >= soonMs) {
        sharing = 'yes'
        onChange({ isShared: true })
      }
    } catch (error) {
      lose(redis.status === 'ready' ? reasonOf(error) : failure)
    }
  }

  function account(key: string): BudgetAccount {
    let known: readonly KnownLimit[] = []
    let assumed = documented
    let local: { readonly outage: number; readonly account: LocalAccount } | undefined

    function askLocally(request: BudgetRequest): Grant {
      const limits = known.length > 0 ? known : [{ ...assumed, name: '', free: 0, endsAtMs: 0 }]
      if (local?.outage !== outages)
        local = { outage: outages, account: createLocalAccount(limits, { parts: processes, now }) }
      return local.account.ask(request)
    }

    async function askRedis(request: BudgetRequest): Promise<Grant> {
      const limits = request.limits.map(withoutNulls)
      const wanted = { ...request, limits, id, assumed, holdMs, keepMs }
      const answer: GrantAnswer = JSON.parse(
        await inTime(redis.grantCalls(`${prefix}${key}`, JSON.stringify(wanted))),
      )
      known = Object.entries(answer.limits).map(([name, { left, ends = 0, quota, window }]) => ({
        name,
        free: left - answer.out,
        endsAtMs: now() + ends - answer.now,
        quota,
        windowMs: window,
      }))
      return answer
    }

    return {
      async ask(request) {
        assumed = tightestQuota(request) ?? assumed
        // Others do not know yet what this process holds, nor it what they do: it only reports.
        const grant = sharing === 'yes' ? undefined : askLocally(request)
        if (grant !== undefined && sharing === 'no') return grant
        try {
          if (grant === undefined) return await askRedis(request)
          const outstanding = request.outstanding + grant.calls
          const { pauseMs } = await askRedis({ ...request, outstanding, least: 0, most: 0 })
          return { ...grant, pauseMs }
        } catch (error) {
          lose(redis.status === 'ready' ? reasonOf(error) : failure)
          return grant ?? askLocally(request)
        }
      },
    }
  }

  // The client goes on trying to connect, and tells of every try.
  redis.on('error', (error: Error) => {
    failure = reasonOf(error)
  })
  redis.on('close', () => lose(failure))
  redis.on('ready', () => void check())
  await Promise.race([
    once(redis, 'ready').catch(() => {}),
    delay(connectTimeoutMs, undefined, { ref: false }),
  ])
  await check()
  const timer = setInterval(() => void check(), checkEveryMs).unref()
  return {
    account,
    isShared: () => sharing === 'yes',
    async close() {
      clearInterval(timer)
      redis.removeAllListeners('close')
      if (redis.status === 'ready') await inTime(redis.zrem(presenceKey, id)).catch(() => {})
      redis.disconnect()
    },
  }
}

type GrantAnswer = Grant & {
  /** The time by Redis, as in the limits. */
  readonly now: number
  readonly out: number
  readonly limits: Readonly<
    Record<
      string,
      { readonly left: number; readonly ends?: number; readonly quota: number; readonly window: number }
    >
  >
}

declare module 'ioredis' {
  interface Redis {
    /** `grantScript`. */
    grantCalls(key: string, request: string): Promise<string>
  }
}

/** Says that this process is there; answers how many are. */
async function markPresence(redis: Redis, id: string, nowMs: number): Promise<number> {
  const answers = await redis
    .multi()
    .zadd(presenceKey, nowMs, id)
    .zremrangebyscore(presenceKey, '-inf', nowMs - presenceMs)
    .pexpire(presenceKey, presenceMs)
    .zcard(presenceKey)
    .exec()
  const [error, count] = answers?.at(-1) ?? []
  if (error) throw error
  return Number(count)
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const waiting = new AbortController()
  const late = delay(patienceMs, undefined, { signal: waiting.signal }).then(async () => {
    // Where this process was busy for so long, the answer may be here and not read yet.
    await setImmediate()
    throw new Error(`no answer within ${patienceMs} ms`)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    waiting.abort()
  }
}

function tightestQuota({ limits }: BudgetRequest): typeof documented | undefined {
  const [tightest] = limits
    .flatMap(({ quota, windowMs }) => (quota === null || windowMs === null ? [] : [{ quota, windowMs }]))
    .toSorted((a, b) => a.quota - b.quota)
  return tightest
}

// Lua takes JSON's null for true.
function withoutNulls(limit: StatedLimit) {
  return Object.fromEntries(Object.entries(limit).filter(([, value]) => value !== null))
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
