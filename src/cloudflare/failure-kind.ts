import type { Envelope } from './envelope.ts'
import type { CloudflareErrorKind } from './errors.ts'

/**
 * What kind of failure a whole answer is; undefined for a success. `envelope` is undefined for a body that is none.
 * The status decides first, a code only where the status leaves it open, since codes are reused (quirks 3 to 6).
 */
export function failureKind(status: number, envelope: Envelope | undefined): CloudflareErrorKind | undefined {
  if (status >= 200 && status < 300 && envelope?.faults.length === 0 && succeeded(envelope)) return undefined
  const codes = new Set(
    envelope?.faults.flatMap(({ code, chain }) => [code, ...chain.map((link) => link.code)]),
  )
  const has = (...wanted: readonly number[]) => wanted.some((code) => codes.has(code))

  if (status === 429 || has(971)) return 'rate-limited'
  if (envelope === undefined || status === 408 || status >= 500) return 'unavailable'
  // A redirect is never followed: it would carry the credentials to wherever it points.
  if (status >= 300 && status < 400) return 'unavailable'
  if (status < 300) {
    if (succeeded(envelope)) return undefined
    if (envelope.success === undefined && envelope.faults.length === 0) return 'unavailable'
  }
  if (status === 401 || has(9103, 9106)) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404 || has(7000, 7003)) return 'not-found'
  if (has(6003, 6103, 6111)) return 'unauthenticated'
  if (has(10_000) && envelope.faults.some(({ message }) => /authentication error/i.test(message))) {
    return 'forbidden'
  }
  return 'refused'
}

function succeeded({ success, faults, result }: Envelope): boolean {
  return success ?? (result !== undefined && faults.length === 0)
}
