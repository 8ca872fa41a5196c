import { isLoopback } from './is-loopback.ts'

/** The variables that are set, by name, unread. */
type Given = ReadonlyMap<string, string | undefined>

/** What is wrong with the settings that no variable shows alone, a line each. */
export function contradictions(given: Given): readonly string[] {
  return [
    ...contradictionsOfUpstream(given),
    ...contradictionsOfCallers(given),
    ...contradictionsOfManifest(given),
  ]
}

function contradictionsOfUpstream(given: Given): readonly string[] {
  const found: string[] = []
  const ownKey = hasOwnKey(given)
  const sandbox = given.get('SANDBOX') ?? String(given.get('NODE_ENV') !== 'production')
  if (!given.has('CLOUDFLARE_BASE_URL') && sandbox === 'false') {
    found.push(
      'CLOUDFLARE_BASE_URL is not set; it must be the URL of the REST API, https://api.cloudflare.com/client/v4, unless SANDBOX is true',
    )
  }
  if (given.has('CLOUDFLARE_API_TOKEN') && ownKey) {
    found.push(
      'CLOUDFLARE_API_TOKEN is set; it must not be together with CLOUDFLARE_EMAIL or CLOUDFLARE_API_KEY',
    )
  }
  if (ownKey && !given.has('CLOUDFLARE_EMAIL')) {
    found.push('CLOUDFLARE_EMAIL is not set; it must be where CLOUDFLARE_API_KEY is')
  }
  if (ownKey && !given.has('CLOUDFLARE_API_KEY')) {
    found.push('CLOUDFLARE_API_KEY is not set; it must be where CLOUDFLARE_EMAIL is')
  }
  return found
}

function contradictionsOfCallers(given: Given): readonly string[] {
  const found: string[] = []
  const host = given.get('HOST') ?? '127.0.0.1'
  const hasOwn = given.has('CLOUDFLARE_API_TOKEN') || hasOwnKey(given)
  const [proof, ...others] = ['JWT_JWKS_URL', 'JWT_SECRET'].filter((name) => given.has(name))
  const detail = ['JWT_ISSUER', 'JWT_AUDIENCE'].find((name) => given.has(name))

  if (others.length > 0) {
    found.push(
      'JWT_SECRET is set; it must not be together with JWT_JWKS_URL: callers prove themselves in one way',
    )
  }
  if (detail !== undefined && proof === undefined) {
    found.push(`${detail} is set; it must be together with JWT_JWKS_URL or JWT_SECRET, which prove it`)
  }
  if (proof !== undefined && !hasOwn) {
    found.push(
      `${proof} is set; it must be together with CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY: without credentials of its own the gateway hands each caller's to the upstream`,
    )
  }
  if (hasOwn && proof === undefined && !isLoopback(host)) {
    found.push(
      `HOST is ${JSON.stringify(host)}; it must be 127.0.0.1, ::1 or localhost where the gateway has credentials of its own and callers prove nothing (JWT_JWKS_URL or JWT_SECRET), because whoever reaches it acts with them`,
    )
  }
  return found
}

function contradictionsOfManifest(given: Given): readonly string[] {
  const isNeeded = given.get('PERSISTED_OPERATIONS_ONLY') === 'true'
  if (!isNeeded || given.has('PERSISTED_OPERATIONS')) return []
  return [
    'PERSISTED_OPERATIONS is not set; it must be the path of a manifest where PERSISTED_OPERATIONS_ONLY is true',
  ]
}

function hasOwnKey(given: Given): boolean {
  return given.has('CLOUDFLARE_EMAIL') || given.has('CLOUDFLARE_API_KEY')
}
