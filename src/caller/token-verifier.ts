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
import type { CallerProof } from '../caller.ts'

/** What a token says, or what is wrong with it; which of its parts proves nothing stays unsaid. */
export type TokenVerdict = { readonly claims: JWTPayload } | { readonly fault: 'expired' | 'proves nothing' }

/** Checks a JWT. Rejects where that cannot be done, as without a key set. */
export type TokenVerifier = (token: string) => Promise<TokenVerdict>

// A key set proves with public keys only: accepting HMAC there would let anybody sign with a public key (RFC 8725, section 3.1).
const publicKeyAlgorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
const secretAlgorithms = ['HS256', 'HS384', 'HS512']
const clockToleranceSeconds = 5
const keySetTimeoutMs = 5_000

/** A verifier for one kind of proof. After a vain attempt a key set is left alone for `keySetPauseMs`. */
export function createTokenVerifier(
  proof: CallerProof,
  { keySetPauseMs }: { readonly keySetPauseMs: number },
): TokenVerifier {
  const claimsOf = claimsReaderFor(proof, keySetPauseMs)
  return async (token) => {
    try {
      return { claims: await claimsOf(token) }
    } catch (error) {
      if (error instanceof joseErrors.JWTExpired) return { fault: 'expired' }
      if (isFaultOfToken(error)) return { fault: 'proves nothing' }
      throw error
    }
  }
}

function claimsReaderFor(
  { key, issuer, audience }: CallerProof,
  keySetPauseMs: number,
): (token: string) => Promise<JWTPayload> {
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
    [customFetch]: createPatientFetch(keySetPauseMs),
  })
  return async (token) =>
    (await jwtVerify(token, keys, { ...options, algorithms: publicKeyAlgorithms })).payload
}

// A key set that was had is good for longer than the pause, so that only vain attempts are held back: else each caller would cause one.
function createPatientFetch(pauseMs: number): FetchImplementation {
  let lastMs = Number.NEGATIVE_INFINITY
  return async (url, options) => {
    const nowMs = performance.now()
    if (nowMs - lastMs < pauseMs) throw new Error('the key set was asked for in vain a moment ago')
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
