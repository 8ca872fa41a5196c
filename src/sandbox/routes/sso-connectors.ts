import { Hono } from 'hono'
import { z } from 'zod'
import { readBody } from '../body.ts'
import { succeed, succeedDeleted, succeedList } from '../envelope.ts'
import type { SsoConnector } from '../records.ts'
import { refuse } from '../refusal.ts'
import type { AccountState } from '../store.ts'
import { createTag, tagPattern } from '../tags.ts'
import type { SandboxEnv, World } from '../world.ts'

const domainPattern = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/
const publicMailProviders = new Set([
  'aol.com',
  'gmail.com',
  'gmx.net',
  'hotmail.com',
  'icloud.com',
  'mail.com',
  'outlook.com',
  'proton.me',
  'yahoo.com',
])

const createSchema = z.object({
  email_domain: z.string().toLowerCase().regex(domainPattern, 'email_domain must be a domain name'),
  begin_verification: z.boolean().default(true),
  use_fedramp_language: z.boolean().default(false),
})
const updateSchema = z.object({
  enabled: z.boolean().optional(),
  use_fedramp_language: z.boolean().optional(),
})

/** SSO connectors: one page. No refusal of theirs is recorded: status and code are those of the IAM service. */
export function ssoConnectorRoutes(world: World): Hono<SandboxEnv> {
  const path = `/accounts/:account_id{${tagPattern}}/sso_connectors` as const
  const onePath = `${path}/:sso_connector_id{${tagPattern}}` as const

  return new Hono<SandboxEnv>()
    .get(path, (c) => {
      const rows = c.get('account').ssoConnectors.list()
      // The published envelope has `result_info` though there is nothing to page (quirk 18).
      const page = { page: 1, perPage: Math.max(rows.length, 20) }
      return c.json(
        succeedList(world.quirks, { rows, info: { page, matching: rows.length, all: rows.length } }),
      )
    })
    .post(path, async (c) => {
      const account = c.get('account')
      const body = await readBody(c, createSchema)
      checkDomain(account, body.email_domain)
      const id = world.store.nextTag()
      const stamp = world.store.clock.stamp()
      const connector: SsoConnector = {
        id,
        email_domain: body.email_domain,
        enabled: false,
        use_fedramp_language: body.use_fedramp_language,
        verification: {
          code: `cloudflare_dashboard_sso=${createTag('sso', id)}`,
          status: body.begin_verification ? 'pending' : 'awaiting',
        },
        created_on: stamp,
        updated_on: stamp,
      }
      account.ssoConnectors.put(connector)
      return c.json(succeed(world.quirks, connector))
    })
    .get(onePath, (c) =>
      c.json(succeed(world.quirks, findConnector(c.get('account'), c.req.param('sso_connector_id')))),
    )
    .patch(onePath, async (c) => {
      const account = c.get('account')
      const found = findConnector(account, c.req.param('sso_connector_id'))
      const { enabled = found.enabled, use_fedramp_language = found.use_fedramp_language } = await readBody(
        c,
        updateSchema,
      )
      if (enabled && !found.enabled) checkMayEnable(world, found)
      const updated_on = world.store.clock.stamp()
      const connector = { ...found, enabled, use_fedramp_language, updated_on }
      account.ssoConnectors.put(connector)
      return c.json(succeed(world.quirks, connector))
    })
    .delete(onePath, (c) => {
      const account = c.get('account')
      const connector = findConnector(account, c.req.param('sso_connector_id'))
      // The documentation disables first; that the API insists on it is inferred (quirk 45).
      if (connector.enabled) throw refuse(400, 'An enabled SSO connector cannot be deleted: disable it first')
      account.ssoConnectors.remove(connector.id)
      return c.json(succeedDeleted(world.quirks, connector.id))
    })
    .post(`${onePath}/begin_verification`, (c) => {
      const account = c.get('account')
      const connector = findConnector(account, c.req.param('sso_connector_id'))
      const { status } = connector.verification
      if (status === 'verified') throw refuse(400, 'The domain of this SSO connector is verified already')
      if (status !== 'pending') account.ssoConnectors.put(withStatus(connector, 'pending', world))
      return c.json(succeed(world.quirks))
    })
}

/** The connector as it is after the upstream's look at the DNS, which here somebody else decides. */
export function withStatus(
  connector: SsoConnector,
  status: SsoConnector['verification']['status'],
  world: World,
): SsoConnector {
  const updated_on = world.store.clock.stamp()
  return { ...connector, verification: { ...connector.verification, status }, updated_on }
}

function findConnector(account: AccountState, id: string): SsoConnector {
  const connector = account.ssoConnectors.get(id)
  if (connector === undefined) throw refuse(404, `SSO connector ${id} not found`)
  return connector
}

function checkDomain(account: AccountState, domain: string): void {
  if (publicMailProviders.has(domain))
    throw refuse(400, `${domain} is a public e-mail provider`, '/email_domain')
  if (account.ssoConnectors.list().some(({ email_domain }) => email_domain === domain))
    throw refuse(400, `An SSO connector for ${domain} is already in use`, '/email_domain')
}

function checkMayEnable(world: World, { id, email_domain, verification }: SsoConnector): void {
  if (verification.status !== 'verified')
    throw refuse(400, `${email_domain} must be verified before SSO can be enabled`, '/enabled')
  const isEnabledElsewhere = [...world.store.accounts.values()].some((account) =>
    account.ssoConnectors
      .list()
      .some((other) => other.id !== id && other.email_domain === email_domain && other.enabled),
  )
  if (isEnabledElsewhere)
    throw refuse(400, `SSO for ${email_domain} is enabled in another account`, '/enabled')
}
