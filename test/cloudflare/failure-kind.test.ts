import { expect, test } from 'vitest'
import type { Envelope } from '../../src/cloudflare/envelope.ts'
import type { CloudflareErrorKind } from '../../src/cloudflare/errors.ts'
import { failureKind } from '../../src/cloudflare/failure-kind.ts'

const refusal = (code?: number, message = '', chainCode?: number): Envelope => ({
  success: false,
  faults: [
    {
      message,
      ...(code === undefined ? {} : { code }),
      chain: chainCode === undefined ? [] : [{ code: chainCode, message: '' }],
    },
  ],
  result: null,
  info: undefined,
})
const empty: Envelope = { success: undefined, faults: [], result: undefined, info: undefined }

const table: readonly (readonly [string, number, Envelope | undefined, CloudflareErrorKind | undefined])[] = [
  ['a success', 200, { ...empty, success: true, result: null }, undefined],
  ['a success without result', 200, { ...empty, success: true }, undefined],
  ['a result whose success is not stated', 200, { ...empty, result: [] }, undefined],
  ['a failure inside a success of HTTP', 200, refusal(1234), 'refused'],
  ['faults whose success is not stated', 200, { ...refusal(1234), success: undefined }, 'refused'],
  ['a success of HTTP without an envelope', 200, empty, 'unavailable'],
  ['a success of HTTP with HTML', 200, undefined, 'unavailable'],
  ['429 with an envelope', 429, refusal(971), 'rate-limited'],
  ['429 with nothing', 429, empty, 'rate-limited'],
  ['429 with HTML', 429, undefined, 'rate-limited'],
  ['971 in a 200', 200, refusal(971), 'rate-limited'],
  ['971 in a 503', 503, refusal(971), 'rate-limited'],
  ['971 in a chain', 400, refusal(1000, '', 971), 'rate-limited'],
  ['401', 401, refusal(10000), 'unauthenticated'],
  ['401 with nothing', 401, empty, 'unauthenticated'],
  ['malformed headers', 400, refusal(6003), 'unauthenticated'],
  ['a malformed key by its chain', 400, refusal(6000, '', 6103), 'unauthenticated'],
  ['a malformed token by its chain', 400, refusal(6000, '', 6111), 'unauthenticated'],
  ['an unknown key', 400, refusal(9103), 'unauthenticated'],
  ['a missing key, in a 403', 403, refusal(9106), 'unauthenticated'],
  ['403', 403, refusal(10000, 'Authentication error'), 'forbidden'],
  ['403 with nothing', 403, empty, 'forbidden'],
  ['403 with HTML', 403, undefined, 'unavailable'],
  ['an authentication error in a 400', 400, refusal(10000, 'Authentication error'), 'forbidden'],
  ['another 10000 in a 400', 400, refusal(10000, 'Something else'), 'refused'],
  ['404', 404, refusal(404, 'User group not found'), 'not-found'],
  ['404 with nothing', 404, empty, 'not-found'],
  ['404 with HTML', 404, undefined, 'unavailable'],
  ['an unknown account in a 400', 400, refusal(7003), 'not-found'],
  ['no route in a 400', 400, refusal(7000), 'not-found'],
  ['a refusal', 400, refusal(400, 'already in use'), 'refused'],
  ['a refusal without a code', 422, refusal(undefined, 'non-editable'), 'refused'],
  ['409', 409, refusal(409), 'refused'],
  ['408', 408, refusal(1000), 'unavailable'],
  ['500', 500, refusal(1000), 'unavailable'],
  ['503 with a code of another meaning', 503, refusal(7003), 'unavailable'],
  ['524 with HTML', 524, undefined, 'unavailable'],
  ['a redirect', 302, empty, 'unavailable'],
  ['not modified, with an envelope', 304, { ...empty, success: true, result: [] }, 'unavailable'],
]

for (const [what, status, envelope, kind] of table) {
  test(`${what} is ${kind ?? 'no failure'}`, () => {
    expect(failureKind(status, envelope)).toBe(kind)
  })
}
