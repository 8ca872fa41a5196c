import type { PermissionGroup } from '../records.ts'
import { createTag } from '../tags.ts'

const accountScope = 'com.cloudflare.api.account'
const zoneScope = 'com.cloudflare.api.account.zone'

/** Roles: label, name, and a description where the name does not give it; those of a zone begin with `zone:`. */
const roles = `
admin|Administrator|Full access to the whole account, but not to who is a member of it.
admin_readonly|Administrator Read Only|Read access to the whole account.
super_admin|Super Administrator|Full access to the whole account and its members.
minimal_account_access|Minimal Account Access|Can sign in to the account and see nothing in it.
analytics|Analytics
api_gateway|API Gateway
api_gateway_read|API Gateway Read
audit_logs_viewer|Audit Logs Viewer
billing|Billing
billing_readonly|Billing Read Only
bot_management|Bot Management
brand_protection|Brand Protection
cache_purge|Cache Purge
access|Cloudflare Access
casb|Cloudflare CASB
casb_readonly|Cloudflare CASB Read
dex|Cloudflare DEX
gateway|Cloudflare Gateway
images|Cloudflare Images
r2_admin|Cloudflare R2 Admin
r2_readonly|Cloudflare R2 Read
stream|Cloudflare Stream
workers_admin|Cloudflare Workers Admin
workers_editor|Workers Editor
teams|Cloudflare Zero Trust
teams_pii|Cloudflare Zero Trust PII
teams_readonly|Cloudflare Zero Trust Read Only
teams_reporting|Cloudflare Zero Trust Reporting
connector|Cloudflare Connector
dns|DNS
email_configuration_admin|Email Configuration Admin
email_security_analyst|Email Security Analyst
email_security_readonly|Email Security Read Only
firewall|Firewall
fbm_user|Magic Network Monitoring
fbm_admin|Magic Network Monitoring Admin
hyperdrive_admin|Hyperdrive Admin
hyperdrive_readonly|Hyperdrive Read Only
load_balancer|Load Balancer
load_balancer_admin|Load Balancing Account Admin
log_share|Log Share
log_share_reader|Log Share Reader
network_services_write|Network Services Write
network_services_read|Network Services Read
page_shield|Page Shield
page_shield_read|Page Shield Read
trust_and_safety|Trust and Safety
turnstile|Turnstile
turnstile_read|Turnstile Read
vectorize_admin|Vectorize Admin
vectorize_readonly|Vectorize Read Only
waiting_room|Waiting Room
zaraz_admin|Zaraz Admin
zaraz_edit|Zaraz Edit
zaraz_readonly|Zaraz Read Only
zone:domain_admin|Domain Administrator|Full access to the chosen domains.
zone:domain_admin_readonly|Domain Administrator Read Only|Read access to the chosen domains.
zone:domain_api_gateway|Domain API Gateway
zone:domain_dns|Domain DNS
zone:domain_cache_purge|Cache Domain Purge
zone:domain_waiting_room|Domain Waiting Room
zone:domain_waiting_room_readonly|Domain Waiting Room Read
zone:domain_page_shield|Domain Page Shield
zone:zone_versioning|Zone Versioning
zone:zone_versioning_readonly|Zone Versioning Read
zone:http_applications|HTTP Applications`

/** Products that can each be read or edited. */
const products = `
access_apps|Access: Apps and Policies
access_keys|Access: Mutual TLS Certificates
account_analytics|Account Analytics
account_rulesets|Account Rulesets
ai_gateway|AI Gateway
bulk_redirects|Bulk URL Redirects
calls|Calls
cloudchamber|Containers
d1|D1
ddos_protection|DDoS Protection
devices|Zero Trust Devices
dns_firewall|DNS Firewall
durable_objects|Durable Objects
ip_lists|Account Filter Lists
magic_transit|Magic Transit
magic_wan|Magic WAN
pages|Pages
pubsub|Pub/Sub
queues|Queues
secrets_store|Secrets Store
tunnels|Cloudflare Tunnel
zone:bot_fight|Bot Fight Mode
zone:cache_rules|Cache Rules
zone:certificates|SSL and Certificates
zone:config_rules|Config Rules
zone:custom_pages|Custom Error Pages
zone:dns_records|DNS Records
zone:health_checks|Health Checks
zone:rate_limits|Rate Limiting Rules
zone:snippets|Snippets
zone:waf|Zone WAF
zone:web3|Web3 Hostnames`

/** The catalogue that every account shares: the same identifiers in all of them. Past its end, numbered variants. */
export function createPermissionGroups(count: number): readonly PermissionGroup[] {
  return Array.from({ length: Math.ceil(count / catalogue.length) }, (_, round) => round + 1)
    .flatMap((edition) => catalogue.map((entry, index) => createPermissionGroup(entry, { edition, index })))
    .slice(0, count)
}

type Entry = {
  readonly label: string
  readonly name: string
  readonly description: string
  readonly scopes: string
}

function createPermissionGroup(
  entry: Entry,
  { edition, index }: { readonly edition: number; readonly index: number },
): PermissionGroup {
  const label = edition === 1 ? entry.label : `${entry.label}_${edition}`
  const name = edition === 1 ? entry.name : `${entry.name} ${edition}`
  const stamp = `2023-${String((index % 12) + 1).padStart(2, '0')}-14T09:00:00.0000Z`
  return {
    ...entry,
    id: createTag('permission_group', label),
    label,
    name,
    created_on: stamp,
    modified_on: stamp,
  }
}

function parseLines(lines: string): readonly Entry[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [label = '', name = '', description] = line.replace(/^zone:/, '').split('|')
      const scopes = line.startsWith('zone:') ? zoneScope : accountScope
      return { label, name, scopes, description: description ?? describeGrant(name, scopes) }
    })
}

function withAccess(entry: Entry, access: 'Read' | 'Write'): Entry {
  const name = `${entry.name} ${access}`
  const label = `${entry.label}_${access.toLowerCase()}`
  return { ...entry, label, name, description: describeGrant(name, entry.scopes) }
}

function describeGrant(name: string, scopes: string): string {
  const subject = name.replace(/ (Read Only|Read|Write|Admin|Edit|Editor|Viewer|Reader|Reporting)$/, '')
  const access = / (Read Only|Read|Viewer|Reader|Reporting|Analyst)$/.test(name) ? 'Read' : 'Full'
  return `${access} access to ${subject} on ${scopes === zoneScope ? 'the chosen domains' : 'the whole account'}.`
}

const catalogue: readonly Entry[] = [
  ...parseLines(roles),
  ...parseLines(products).flatMap((entry) => [withAccess(entry, 'Read'), withAccess(entry, 'Write')]),
]
