import {
  createRemoteJWKSet,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import { UnusableCredentials } from './credentials.ts'

/** Who calls a gateway that uses credentials of its own, as far as that decides what may be asked. */
export type Caller = {
  /** `iam:read` to query, `iam:write` to mutate. */
  readonly scopes: ReadonlySet<string>
  /** Tags of the only accounts that may be named; undefined means any that the gateway's own credentials see. */
  readonly accounts: ReadonlySet<string> | undefined
}

/** How callers prove themselves: a JSON Web Key Set or a shared secret, and what their tokens have to say. */
export type CallerProof = {
  readonly key: { readonly jwksUrl: string } | { readonly secret: string }
  readonly issuer: string | undefined
  readonly audience: string | undefined
}

// A key set proves with public keys only: accepting HMAC there would let anybody sign with a public key (RFC 8725, section 3.1).
const publicKeyAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
const secretAlgorithms = ['HS256', 'HS384', 'HS512']
const clockToleranceSeconds = 5

/**
 * Reads who calls out of a request's bearer token.
 * @throws UnusableCredentials where there is none, or one that does not prove anything; what is wrong with it stays unsaid, but for its age.
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
    return callerOf(await verify(token))
  }
}

type Verifier = (token: string) => Promise<JWTPayload>

function verifierFor({ key, issuer, audience }: CallerProof): Verifier {
  const options: JWTVerifyOptions = {
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp'],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  }
  if ('secret' in key) {
    const secret = new TextEncoder().encode(key.secret)
    return checked(
      async (token) => (await jwtVerify(token, secret, { ...options, algorithms: secretAlgorithms })).payload,
    )
  }
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(key.jwksUrl))
  return checked(
    async (token) => (await jwtVerify(token, keys, { ...options, algorithms: publicKeyAlgorithms })).payload,
  )
}

function checked(verify: Verifier): Verifier {
  return async (token) => {
    try {
      return await verify(token)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'ERR_JWT_EXPIRED') throw new UnusableCredentials('The token has expired', 'invalid_token')
      if (typeof code === 'string' && /^ERR_(JWT|JWS|JOSE|JWKS_NO)/.test(code)) {
        throw new UnusableCredentials('The token does not prove who calls', 'invalid_token')
      }
      // The key set could not be fetched: nobody can be let in, and it is not the caller's fault.
      throw new KeySetUnavailable(error)
    }
  }
}

/** The key set that callers are checked with could not be had. Mapped to HTTP 503. */
export class KeySetUnavailable extends Error {
  override readonly name = 'KeySetUnavailable'

  constructor(cause: unknown) {
    super('Callers cannot be checked at the moment: the key set is out of reach', { cause })
  }
}

function callerOf(payload: JWTPayload): Caller {
  const accounts = payload['accounts']
  return {
    scopes: new Set([...words(payload['scope']), ...words(payload['scp'])]),
    accounts: accounts === undefined ? undefined : new Set(words(accounts).map((tag) => tag.toLowerCase())),
  }
}

// RFC 8693 writes scopes as words in one text; some issuers send a list.
function words(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '')
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : []
}
