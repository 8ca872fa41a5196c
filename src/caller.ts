import type { JWTPayload } from 'jose'
import type { TokenVerdict } from './caller/token-verifier.ts'
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

const keySetPauseMs = 5_000

/**
 * Reads who calls out of a request's bearer token.
 * @throws UnusableCredentials where there is none, or one that does not prove anything; what is wrong with it stays unsaid, but for its age.
 * @throws KeySetUnavailable where it cannot be checked.
 */
export type CallerReader = (headers: Headers) => Promise<Caller>

/** A reader for one kind of proof. Key sets are fetched when first needed, kept, and fetched anew when a token names an unknown key. */
export function createCallerReader(proof: CallerProof): CallerReader {
  const verifier = loadVerifier(proof)
  return async (headers) => {
    const token = /^bearer +(\S+)$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1]
    if (token === undefined) {
      throw new UnusableCredentials(
        'This gateway wants to know who calls: send a JWT in `Authorization: Bearer <token>`',
      )
    }
    const verify = await verifier
    // Nobody can be let in where it cannot be checked, and it is not the caller's fault.
    const verdict: TokenVerdict = await verify(token).catch((error) => {
      throw new KeySetUnavailable(error)
    })
    if ('claims' in verdict) return callerOf(verdict.claims)
    const message =
      verdict.fault === 'expired' ? 'The token has expired' : 'The token does not prove who calls'
    throw new UnusableCredentials(message, 'invalid_token')
  }
}

// Loaded here and nowhere else: where callers prove nothing, nothing of JWT is. It is asked for at once, so that a failure shows at start.
async function loadVerifier(proof: CallerProof) {
  const { createTokenVerifier } = await import('./caller/token-verifier.ts')
  return createTokenVerifier(proof, { keySetPauseMs })
}

/** @throws MissingScope */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.has(scope)) throw new MissingScope(scope)
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
