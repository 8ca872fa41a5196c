import { Hono } from 'hono'
import { type ControlParts, controlRoutes } from './control.ts'
import { answerScripted, checkAccess, limitRate } from './gate.ts'
import { injectFaults, pause } from './inject-faults.ts'
import { apiPath, logRequests, recordBody } from './log-requests.ts'
import type { RateLimit } from './rate-limit.ts'
import { accountMemberRoutes } from './routes/account-members.ts'
import { accountRoutes } from './routes/accounts.ts'
import { permissionGroupRoutes } from './routes/permission-groups.ts'
import { resourceGroupRoutes } from './routes/resource-groups.ts'
import { ssoConnectorRoutes } from './routes/sso-connectors.ts'
import { userGroupMemberRoutes } from './routes/user-group-members.ts'
import { userGroupRoutes } from './routes/user-groups.ts'
import { answerFailure, answerUnrouted, type Operation } from './unanswered.ts'
import type { SandboxEnv, World } from './world.ts'

/** Below which path the sandbox is steered. */
export const controlPath = '/__sandbox'

export type SandboxAppOptions = ControlParts & {
  readonly limit: RateLimit
  /** Before every answer. */
  readonly latencyMs: number
  /** Ends every wait. */
  readonly closing: AbortSignal
}

/** The API behind its layers, from the outermost to the routes, and the controls beside it. */
export function createSandboxApp(options: SandboxAppOptions): Hono<SandboxEnv> {
  const { world, faults, log, limit, latencyMs, closing } = options
  const routes = apiRoutes(world)
  const api = new Hono<SandboxEnv>()
    .use(logRequests(log))
    .use(recordBody())
    .use(injectFaults(faults, closing))
    .use(async (_, next) => {
      if (latencyMs > 0) await pause(latencyMs, closing)
      await next()
    })
    .use(limitRate(world, limit))
    .use(answerScripted(world, limit))
    .use(checkAccess(world))
    .route('/', routes)

  return new Hono<SandboxEnv>()
    .route(controlPath, controlRoutes(options))
    .route(apiPath, api)
    .notFound(answerUnrouted(world, listOperations(routes)))
    .onError(answerFailure(world))
}

/** Every operation of the API, in hono's notation. */
export function listOperations(routes: Hono<SandboxEnv>): readonly Operation[] {
  return routes.routes.map(({ method, path }) => ({ method, path }))
}

/** The routes of all resources. */
export function apiRoutes(world: World): Hono<SandboxEnv> {
  return new Hono<SandboxEnv>()
    .route('/', accountRoutes(world))
    .route('/', accountMemberRoutes(world))
    .route('/', permissionGroupRoutes(world))
    .route('/', resourceGroupRoutes(world))
    .route('/', userGroupRoutes(world))
    .route('/', userGroupMemberRoutes(world))
    .route('/', ssoConnectorRoutes(world))
}
