import type { SsoConnector } from '../records.ts'
import { createTag } from '../tags.ts'

/** One connector in each state of verification; the verified one is in use. */
export function createSsoConnectors(
  accountId: string,
  domains: readonly {
    readonly domain: string
    readonly status: SsoConnector['verification']['status']
    readonly enabled: boolean
  }[],
): readonly SsoConnector[] {
  return domains.map(({ domain, status, enabled }, index) => ({
    id: createTag('sso_connector', accountId, domain),
    email_domain: domain,
    enabled,
    use_fedramp_language: false,
    verification: { code: `cloudflare_dashboard_sso=${createTag('sso', accountId, domain)}`, status },
    created_on: `2025-0${index + 1}-03T08:15:00.0000Z`,
    updated_on: `2025-0${index + 1}-05T16:40:00.0000Z`,
  }))
}
