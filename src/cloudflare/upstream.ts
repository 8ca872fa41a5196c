import { hash, randomBytes } from 'node:crypto'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { createClient, type RateLimit, type RestClient } from './client.ts'
import { createCredentialStates } from './credential-states.ts'
import { createDispatcher } from './dispatcher.ts'
import type { CloudflareErrorKind } from './errors.ts'
import { createRateLimiter, type SpendableReservation } from './rate-limit.ts'
import { createRedactor } from './redaction.ts'
import type { SharedBudget } from './shared-budget.ts'
import { createSharedRateLimiter } from './shared-rate-limit.ts'

/** Exactly the authentication headers that go upstream. */
export type Credentials = { readonly headers: Readonly<Record<string, string>> }

/** One attempt that was sent, reported when it ended. `path` includes the query. */
export type RestCall = {
  readonly method: string
  readonly template: string
  readonly path: string
  readonly status: number | undefined
  readonly attempt: number
  readonly durationMs: number
  readonly ray: string | undefined
  readonly failure: CloudflareErrorKind | undefined
}

/** Whom a client calls for, and the hooks and the signal of one request. */
export type ClientOptions = {
  readonly credentials: Credentials
  readonly signal?: AbortSignal | undefined
  /** Whether this caller may use an account, whatever the credentials allow; without it, any. */
  readonly permits?: ((accountTag: string) => boolean) | undefined
  /** Asked before every attempt is sent; may throw to refuse it, and the call then fails with what it threw. */
  readonly admit?: ((call: Pick<RestCall, 'method' | 'template' | 'path'>) => void) | undefined
  /** Told of every attempt exactly once, when it ended. */
  readonly observe?: ((call: RestCall) => void) | undefined
  /** Whether `observe` needs the async context of whoever made the call, as tracing does; else it is that of a connection. */
  readonly observesInContext?: boolean | undefined
  /** Told of every read that was not sent, because the same one was in flight for this credential. */
  readonly joined?: ((call: Pick<RestCall, 'method' | 'template' | 'path'>) => void) | undefined
}

/** `timeoutMs` bounds one attempt, `retries` are those after the first, `concurrency` is per credential. */
export type UpstreamOptions = {
  readonly baseUrl: string
  readonly timeoutMs: number
  readonly retries: number
  readonly concurrency: number
  readonly userAgent?: string
  readonly maxBodyBytes?: number
  readonly maxCredentials?: number
  /** Where other processes take from the same budgets; without it, each credential's is taken to be all for this one. */
  readonly sharedBudget?: SharedBudget | undefined
  readonly now?: () => number
  readonly random?: () => number
}

/** The REST API for everybody; one for each process. */
export type Upstream = {
  client(options: ClientOptions): RestClient
  /** What is going on now. */
  load(): UpstreamLoad
  /** Waits for the calls under way, then closes every connection; calls made from then on fail. */
  close(): Promise<void>
}

/** Calls as they stand, and what is left to the credentials used lately, by the salted hash of each. */
export type UpstreamLoad = {
  readonly inFlight: number
  /** For a turn of their credential. */
  readonly waitingForTurn: number
  readonly waitingForConnection: number
  /** Whether this process takes from the same budgets as others; undefined where it is not meant to. */
  readonly budgetIsShared: boolean | undefined
  readonly budgets: readonly { readonly credentialKey: string; readonly rateLimit: RateLimit }[]
}

// What processes share has to have the same name in all of them.
const commonSalt = 'cloudflare-iam-graphql: rate budget'

/** One upstream for the whole process; `maxBodyBytes` bounds each answer and `maxCredentials` what is remembered. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { maxCredentials = 10_000, now = Date.now, concurrency, sharedBudget } = options
  const { userAgent = 'cloudflare-iam-graphql' } = options
  const dispatcher = createDispatcher({
    maxBodyBytes: 32 * 1024 * 1024,
    random: Math.random,
    ...options,
    now,
  })
  const states = createCredentialStates({ maxCredentials, concurrency })
  const salt = randomBytes(32).toString('hex')

  function client({ credentials: { headers }, signal, permits, ...hooks }: ClientOptions): RestClient {
    const state = states.get(credentialHash(headers, salt), () =>
      sharedBudget === undefined
        ? createRateLimiter(now)
        : createSharedRateLimiter(now, sharedBudget.account(credentialHash(headers, commonSalt))),
    )
    const reservations = new Set<SpendableReservation>()
    const redact = createRedactor(headers)
    return createClient({
      caller: {
        headers: { accept: 'application/json', 'user-agent': userAgent, ...headers },
        usable: areSendable(headers),
        redact,
        state,
        reservations,
        parts: [],
        ...hooks,
      },
      permits,
      reservations,
      signal,
      send: dispatcher.send,
    })
  }

  function load(): UpstreamLoad {
    const all = [...states.all()]
    const waitingForConnection = dispatcher.waiting()
    const holding = all.reduce((sum, { slots }) => sum + slots.taken(), 0)
    return {
      // A turn is taken before a connection is waited for.
      inFlight: holding - waitingForConnection,
      waitingForTurn: all.reduce((sum, { slots }) => sum + slots.waiting(), 0),
      waitingForConnection,
      budgetIsShared: sharedBudget?.isShared(),
      budgets: all.flatMap(({ key, limiter }) => {
        const rateLimit = limiter.stated()
        return rateLimit === null ? [] : [{ credentialKey: key, rateLimit }]
      }),
    }
  }

  async function close(): Promise<void> {
    await dispatcher.close()
    await Promise.all([...states.all()].map(({ limiter }) => limiter.close()))
  }

  return { client, load, close }
}

function credentialHash(headers: Credentials['headers'], salt: string): string {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  const canonical = JSON.stringify(entries.sort())
  return hash('sha256', salt + canonical, 'hex')
}

// undici would refuse them too, but keeps the connection that it chose for such a request busy for good.
function areSendable(headers: Credentials['headers']): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    }
    return true
  } catch {
    return false
  }
}
