/** The headers that name a caller to the REST API, and no other header of the request. */
export type AuthHeaders = Readonly<Record<string, string>>

/** No credentials, or none that could be sent upstream. Mapped to `UNAUTHENTICATED`; holds nothing of what was sent. */
export class UnusableCredentials extends Error {
  override readonly name = 'UnusableCredentials'
  /** Error code of RFC 6750, section 3.1, where the caller did send something. */
  readonly challenge: 'invalid_request' | 'invalid_token' | undefined

  constructor(message: string, challenge?: 'invalid_request' | 'invalid_token') {
    super(message)
    this.challenge = challenge
  }
}

const howTo = 'send `Authorization: Bearer <token>`, or `X-Auth-Email` with `X-Auth-Key`'

/**
 * What of a request goes upstream: `Authorization: Bearer`, or `X-Auth-Email` with `X-Auth-Key`; undefined where there is neither.
 * @throws UnusableCredentials where both are there, one is half there, or the value is no bearer token.
 */
export function callerCredentials(headers: Headers): AuthHeaders | undefined {
  const authorization = headers.get('authorization')
  const email = headers.get('x-auth-email')
  const key = headers.get('x-auth-key')
  if (authorization !== null && (email !== null || key !== null)) {
    throw new UnusableCredentials(`Two kinds of credentials at once: ${howTo}, not both`, 'invalid_request')
  }
  if (authorization !== null) return { authorization: bearer(authorization) }
  if (email === null && key === null) return undefined
  if (!isHeaderToken(email) || !isHeaderToken(key)) {
    throw new UnusableCredentials(
      'X-Auth-Email and X-Auth-Key belong together, and hold no spaces',
      'invalid_request',
    )
  }
  return { 'x-auth-email': email, 'x-auth-key': key }
}

/** With whose credentials a request goes upstream: the gateway's own where it has some, else the caller's. */
export function chooseCredentials(
  headers: Headers,
  { own, toSandbox }: { readonly own: AuthHeaders | undefined; readonly toSandbox: boolean },
): AuthHeaders | undefined {
  if (own !== undefined) return own
  // The sandbox takes any token, and counts calls by token; those who send none share this one.
  return callerCredentials(headers) ?? (toSandbox ? { authorization: 'Bearer sandbox' } : undefined)
}

/** What a call without any credentials fails with, before it is sent. */
export function missingCredentials(): UnusableCredentials {
  return new UnusableCredentials(`This needs the REST API, and the request has no credentials: ${howTo}`)
}

/** RFC 6750, section 2.1: the scheme is case-insensitive, the token one word. */
function bearer(authorization: string): string {
  const token = /^bearer +([\w.~+/=-]+)$/i.exec(authorization.trim())?.[1]
  if (token === undefined) {
    throw new UnusableCredentials(`The Authorization header is no bearer token: ${howTo}`, 'invalid_request')
  }
  return `Bearer ${token}`
}

function isHeaderToken(value: string | null): value is string {
  return value !== null && /^[\x21-\x7e]+$/.test(value)
}
