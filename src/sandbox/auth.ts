import { createHash } from 'node:crypto'
import { Refusal, refuseCredential, refuseHeaders } from './refusal.ts'

/** Who calls, as far as the headers tell. */
export type Caller = {
  /** Short hash of the credential, `none` without one: what the log and the rate limit know a caller by. */
  readonly credential: string
  /** The token or the API key; undefined without a usable credential. */
  readonly secret: string | undefined
  /** Why the headers are refused, if they are. */
  readonly refusal: Refusal | undefined
}

/** Tokens (and API keys) with a meaning; each also with anything behind a dash, so that there can be many of a kind. */
export const magicTokens = {
  'invalid-token': 'refused everywhere: 403, code 10000',
  'ip-filtered-token': 'refused everywhere: 403, code 9109',
  'read-only-token': 'may read, every write is 403',
  'sso-forbidden-token': '403 on SSO connectors',
  'user-groups-forbidden-token': '403 on user groups and their members',
  'other-account-token': 'sees only the second account, 403 on the first',
} as const

/** Prefix of account-owned tokens, which GET /accounts refuses (quirk 46). */
export const accountTokenPrefix = 'cfat_'

/** Reads the credential. Never throws: what is wrong with it is kept in `refusal`. */
export function identifyCaller(header: (name: string) => string | undefined): Caller {
  const authorization = header('authorization')
  const email = header('x-auth-email')
  const key = header('x-auth-key')
  // The official package sends both styles where both are configured: the token wins.
  if (authorization !== undefined) {
    const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization.trim())?.[1]
    const refusal =
      token === undefined ? refuseHeaders(6111, 'Invalid format for Authorization header') : undefined
    return { credential: hashCredential(authorization), secret: token, refusal }
  }
  if (email === undefined && key === undefined)
    return { credential: 'none', secret: undefined, refusal: undefined }
  return {
    credential: hashCredential(`${email} ${key}`),
    secret: key,
    refusal: findKeyRefusal(email, key),
  }
}

/** Throws a `Refusal` where the caller's credential does not allow the request; `path` is below `/client/v4`. */
export function authorize(
  caller: Caller,
  request: {
    readonly method: string
    readonly path: string
    readonly otherAccountId: string | undefined
    readonly requireCredential: boolean
  },
): void {
  if (caller.refusal !== undefined) throw caller.refusal
  if (caller.secret === undefined) {
    if (request.requireCredential) throw missingHeaders()
    return
  }
  if (isMagic(caller, 'invalid-token')) throw refuseCredential()
  if (isMagic(caller, 'ip-filtered-token'))
    throw refuseCredential('Cannot use the access token from location: 203.0.113.7', 9109)

  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const [, accountId, area, kind] = request.path.split('/').filter((segment) => segment !== '')
  const isForbidden =
    (!isRead && isMagic(caller, 'read-only-token')) ||
    (area === 'sso_connectors' && isMagic(caller, 'sso-forbidden-token')) ||
    (kind === 'user_groups' && isMagic(caller, 'user-groups-forbidden-token')) ||
    (accountId !== undefined && !maySeeAccount(caller, accountId, request.otherAccountId))
  if (isForbidden) throw refuseCredential()
}

/** Whether a caller sees an account at all. */
export function maySeeAccount(
  caller: Caller,
  accountId: string,
  otherAccountId: string | undefined,
): boolean {
  return accountId === otherAccountId || !isMagic(caller, 'other-account-token')
}

function isMagic({ secret }: Caller, name: keyof typeof magicTokens): boolean {
  return secret === name || secret?.startsWith(`${name}-`) === true
}

function findKeyRefusal(email: string | undefined, key: string | undefined): Refusal | undefined {
  if (email === undefined || key === undefined) return missingHeaders()
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) return refuseHeaders(6102, 'Invalid format for X-Auth-Email header')
  if (!/^[\w-]+$/.test(key)) return refuseHeaders(6103, 'Invalid format for X-Auth-Key header')
  return undefined
}

/** The status that comes with 9106 is not recorded: 400, as for other credentials that cannot be used. */
function missingHeaders(): Refusal {
  const message = 'Missing X-Auth-Key, X-Auth-Email or Authorization headers'
  return new Refusal(400, [{ code: 9106, message }], { short: true })
}

function hashCredential(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
