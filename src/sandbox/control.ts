import { Hono } from 'hono'
import { z } from 'zod'
import { magicTokens } from './auth.ts'
import { type Faults, faultsSchema } from './faults.ts'
import { isQuirkName, type Quirks, quirkNames, quirkTable, switchQuirks } from './quirks.ts'
import type { RequestLog } from './request-log.ts'
import { withStatus } from './routes/sso-connectors.ts'
import type { Landmarks } from './seed/seed.ts'
import type { SandboxEnv, World } from './world.ts'

export type ControlParts = {
  readonly world: World
  readonly faults: Faults
  readonly log: RequestLog
  readonly landmarks: Landmarks
  reset(): void
}

const quirksSchema = z.record(
  z.string().refine(isQuirkName, `a quirk is one of ${quirkNames.join(', ')}`),
  z.boolean(),
)
const verificationSchema = z.strictObject({
  status: z.enum(['awaiting', 'pending', 'failed', 'verified']),
})

/** What steers the sandbox: faults, the log of requests, quirks, reset. Neither logged nor counted. */
export function controlRoutes({ world, faults, log, landmarks, reset }: ControlParts): Hono<SandboxEnv> {
  return new Hono<SandboxEnv>()
    .get('/', (c) => c.json(describe(world, landmarks)))
    .get('/faults', (c) => c.json({ faults: faults.list() }))
    .post('/faults', async (c) => {
      faults.set((await readControlBody(c.req, faultsSchema)).faults)
      return c.json({ faults: faults.list() })
    })
    .delete('/faults', (c) => {
      faults.set([])
      return c.json({ faults: [] })
    })
    .get('/requests', (c) => c.json({ requests: log.list() }))
    .delete('/requests', (c) => {
      log.clear()
      return c.json({ requests: [] })
    })
    .get('/quirks', (c) => c.json({ quirks: showQuirks(world.quirks) }))
    .patch('/quirks', async (c) => {
      world.quirks = switchQuirks(world.quirks, await readControlBody(c.req, quirksSchema))
      return c.json({ quirks: showQuirks(world.quirks) })
    })
    .patch('/sso_connectors/:id/verification', async (c) => {
      const { status } = await readControlBody(c.req, verificationSchema)
      for (const { ssoConnectors } of world.store.accounts.values()) {
        const connector = ssoConnectors.get(c.req.param('id'))
        if (connector === undefined) continue
        ssoConnectors.put(withStatus(connector, status, world))
        return c.json(ssoConnectors.get(connector.id))
      }
      return c.json({ error: 'There is no such SSO connector' }, 404)
    })
    .post('/reset', (c) => {
      reset()
      return c.json({ reset: true })
    })
    .onError((error, c) =>
      error instanceof z.ZodError || error instanceof SyntaxError
        ? c.json(
            { error: 'The body was not understood; nothing was changed', mistakes: listMistakes(error) },
            400,
          )
        : c.json({ error: error.message }, 500),
    )
    .all('/*', (c) => c.json({ error: 'There is no such control', controls: controlTable }, 404))
}

const controlTable = {
  'GET /__sandbox': 'this page',
  'GET, POST, DELETE /__sandbox/faults': 'what is set to go wrong; POST replaces it',
  'GET, DELETE /__sandbox/requests': 'the log of requests',
  'GET, PATCH /__sandbox/quirks': 'how the API differs from its description, switched by name',
  'PATCH /__sandbox/sso_connectors/{id}/verification': 'decides what a look at the DNS finds: { "status" }',
  'POST /__sandbox/reset': 'the state, faults, quirks, log and rate windows as at the start',
} as const

function describe(world: World, landmarks: Landmarks) {
  const accounts = [...world.store.accounts.values()].map((state) => ({
    id: state.account.id,
    name: state.account.name,
    permission_groups: state.permissionGroups.size,
    resource_groups: state.resourceGroups.size,
    user_groups: state.userGroups.size,
    members: state.members.size,
    sso_connectors: state.ssoConnectors.size,
  }))
  const quirks = quirkNames.map((name) => ({
    name,
    on: world.quirks.has(name),
    meaning: quirkTable[name].meaning,
  }))
  return {
    what: "A stand-in for Cloudflare's IAM REST API with invented data",
    api: '/client/v4',
    accounts,
    landmarks,
    tokens: magicTokens,
    controls: controlTable,
    quirks,
  }
}

function showQuirks(quirks: Quirks): Readonly<Record<string, boolean>> {
  return Object.fromEntries(quirkNames.map((name) => [name, quirks.has(name)]))
}

async function readControlBody<T>(request: { text(): Promise<string> }, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await request.text()))
}

/** Each mistake with its place, such as `faults.0.respond.1`. */
function listMistakes(error: z.ZodError | SyntaxError) {
  if (error instanceof SyntaxError) return [{ at: '', message: error.message }]
  return error.issues.flatMap((issue) => flattenIssue(issue, []))
}

function flattenIssue(
  issue: z.core.$ZodIssue,
  above: readonly PropertyKey[],
): readonly { readonly at: string; readonly message: string }[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return issue.errors
      .filter((branch) => !branch.some((inner) => inner.code === 'invalid_type' && inner.path.length === 0))
      .flatMap((branch) => branch.flatMap((inner) => flattenIssue(inner, path)))
  return [{ at: path.map(String).join('.'), message: issue.message }]
}
