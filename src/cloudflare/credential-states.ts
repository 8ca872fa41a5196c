import type { Answer } from './call.ts'
import { PageCaps } from './page-caps.ts'
import type { RateLimiter } from './rate-limit.ts'
import { SingleFlight } from './single-flight.ts'
import { createSlots, type Slots } from './slots.ts'

/** Everything that requests of one credential share, and those of another never see. */
export type CredentialState = {
  readonly key: string
  readonly slots: Slots
  readonly limiter: RateLimiter
  readonly flights: SingleFlight<Answer>
  readonly pageCaps: PageCaps
  /** Calls under way, waiting ones included. */
  callsUnderWay: number
}

/** The states of the credentials seen lately. */
export type CredentialStates = {
  /** The state of a credential, by the hash of it; a new one with that limiter where none is kept. */
  get(key: string, createLimiter: () => RateLimiter): CredentialState
  /** Those that are kept, the one used last at the end. */
  all(): Iterable<CredentialState>
}

/** `concurrency` is what one credential may have in flight. */
export type CredentialStatesOptions = {
  readonly maxCredentials: number
  readonly concurrency: number
}

// A budget is some 1,200 calls in five minutes: whoever stands behind more than that would not be served in time.
const waitingPerSlot = 100

/** Keeps the states used last, up to `maxCredentials`; one with calls under way or set aside is never dropped. */
export function createCredentialStates(options: CredentialStatesOptions): CredentialStates {
  const { maxCredentials, concurrency } = options
  const states = new Map<string, CredentialState>()

  function get(key: string, createLimiter: () => RateLimiter): CredentialState {
    const state = states.get(key) ?? {
      key,
      slots: createSlots({ limit: concurrency, maxWaiting: concurrency * waitingPerSlot }),
      limiter: createLimiter(),
      flights: new SingleFlight<Answer>(),
      pageCaps: new PageCaps(),
      callsUnderWay: 0,
    }
    // A map keeps the order of insertion: what was used last goes to its end.
    states.delete(key)
    states.set(key, state)
    dropIdle(key)
    return state
  }

  function dropIdle(keptKey: string): void {
    for (const [key, state] of states) {
      if (states.size <= maxCredentials) return
      if (key !== keptKey && state.callsUnderWay === 0 && state.limiter.isIdle()) states.delete(key)
    }
  }

  return { get, all: () => states.values() }
}
