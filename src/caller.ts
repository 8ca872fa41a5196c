import {
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  errors as joseErrors,
  jwtVerify,
} from 'jose'
import { UnusableCredentials } from './credentials.ts'

/** Who calls a gateway that uses credentials of its own, as far as that decides what may be asked. */
export type Caller = {
  readonly scopes: ReadonlySet<string>
  /** Tags of the only accounts that may be used; undefined means any that the gateway's own credentials see. */
  readonly accounts: ReadonlySet<string> | undefined
}

/** What a caller may do: `iam:read` is to query, `iam:write` to mutate. */
export type Scope = 'iam:read' | 'iam:write'

/** How callers prove themselves: a JSON Web Key Set or a shared secret, and what their tokens have to say. */
export type CallerProof = {
  readonly key: { readonly jwksUrl: string } | { readonly secret: string }
  readonly issuer: string | undefined
  readonly audience: string | undefined
}

/** The key set that callers are checked with could not be had. Mapped to HTTP 503. */
export class KeySetUnavailable extends Error {
  override readonly name = 'KeySetUnavailable'
  readonly retryAfterMs = keySetPauseMs

  constructor(cause: unknown) {
    super('Callers cannot be checked at the moment: the key set is out of reach', { cause })
  }
}

/** A caller who is known and may not do this. Mapped to HTTP 403 and `FORBIDDEN`. */
export class MissingScope extends Error {
  override readonly name = 'MissingScope'
  readonly scope: Scope

  constructor(scope: Scope) {
    super(`This needs the scope ${scope}, which the token does not have`)
    this.scope = scope
  }
}

// A key set proves with public keys only: accepting HMAC there would let anybody sign with a public key (RFC 8725, section 3.1).
const publicKeyAlgorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
const secretAlgorithms = ['HS256', 'HS384', 'HS512']
const clockToleranceSeconds = 5
const keySetPauseMs = 5_000
const keySetTimeoutMs = 5_000

/**
 * Reads who calls out of a request's bearer token.
 * @throws UnusableCredentials where there is none, or one that does not prove anything; what is wrong with it stays unsaid, but for its age.
 * @throws KeySetUnavailable where it cannot be checked.
 */
export type CallerReader = (headers: Headers) => Promise<Caller>

/** A reader for one kind of proof. Key sets are fetched when first needed, kept, and fetched anew when a token names an unknown key. */
export function createCallerReader(proof: CallerProof): CallerReader {
  const verify = verifierFor(proof)
  return async (headers) => {
    const token = /^bearer +(\S+)$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1]
    if (token === undefined) {
      throw new UnusableCredentials(
        'This gateway wants to know who calls: send a JWT in `Authorization: Bearer <token>`',
      )
    }
    try {
      return callerOf(await verify(token))
    } catch (error) {
      if (error instanceof joseErrors.JWTExpired)
        throw new UnusableCredentials('The token has expired', 'invalid_token')
      if (isFaultOfToken(error))
        throw new UnusableCredentials('The token does not prove who calls', 'invalid_token')
      // Nobody can be let in, and it is not the caller's fault.
      throw new KeySetUnavailable(error)
    }
  }
}

/** @throws MissingScope */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.has(scope)) throw new MissingScope(scope)
}

function verifierFor({ key, issuer, audience }: CallerProof): (token: string) => Promise<JWTPayload> {
  const options: JWTVerifyOptions = {
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp'],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  }
  if ('secret' in key) {
    const secret = new TextEncoder().encode(key.secret)
    return async (token) =>
      (await jwtVerify(token, secret, { ...options, algorithms: secretAlgorithms })).payload
  }
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(key.jwksUrl), {
    timeoutDuration: keySetTimeoutMs,
    [customFetch]: createPatientFetch(),
  })
  return async (token) =>
    (await jwtVerify(token, keys, { ...options, algorithms: publicKeyAlgorithms })).payload
}

// A key set that was had is good for longer than the pause, so that only vain attempts are held back: else each caller would cause one.
function createPatientFetch(): FetchImplementation {
  let lastMs = Number.NEGATIVE_INFINITY
  return async (url, options) => {
    const nowMs = performance.now()
    if (nowMs - lastMs < keySetPauseMs) throw new Error('the key set was asked for in vain a moment ago')
    lastMs = nowMs
    return fetch(url, options)
  }
}

function isFaultOfToken(error: unknown): boolean {
  const { JWTClaimValidationFailed, JWTInvalid, JWSInvalid, JWSSignatureVerificationFailed } = joseErrors
  const { JOSEAlgNotAllowed, JOSENotSupported, JWKSNoMatchingKey, JWKSMultipleMatchingKeys } = joseErrors
  return [
    ...[JWTClaimValidationFailed, JWTInvalid, JWSInvalid, JWSSignatureVerificationFailed],
    ...[JOSEAlgNotAllowed, JOSENotSupported, JWKSNoMatchingKey, JWKSMultipleMatchingKeys],
  ].some((fault) => error instanceof fault)
}

// A claim that cannot be read permits nothing, rather than everything.
function callerOf(payload: JWTPayload): Caller {
  const accounts = payload.accounts
  return {
    scopes: new Set([...words(payload.scope), ...words(payload.scp)]),
    accounts: accounts === undefined ? undefined : new Set(words(accounts).map((tag) => tag.toLowerCase())),
  }
}

// RFC 8693 writes scopes as words in one text; some issuers send a list.
function words(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '')
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : []
}
