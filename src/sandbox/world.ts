import type { HttpBindings } from '@hono/node-server'
import type { Caller } from './auth.ts'
import type { FaultStep } from './faults.ts'
import type { Quirks } from './quirks.ts'
import type { LogEntry } from './request-log.ts'
import type { AccountState, Store } from './store.ts'

export type PagedList = 'accounts' | 'members' | 'permission_groups' | 'user_groups' | 'user_group_members'

/** What the routes act on. A reset replaces the store and the quirks. */
export type World = {
  store: Store
  quirks: Quirks
  readonly pageCaps: Readonly<Partial<Record<PagedList, number | undefined>>>
}

/** What one request carries from the outer layers to the routes. */
export type SandboxEnv = {
  Bindings: HttpBindings
  Variables: {
    entry: LogEntry
    caller: Caller
    fault: FaultStep | undefined
    /** Set where a fault broke the connection. */
    broken: true | undefined
    account: AccountState
  }
}
