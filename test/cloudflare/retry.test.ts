import { expect, test } from 'vitest'
import { type FailedAttempt, mayRetry, retryDelayMs } from '../../src/cloudflare/retry.ts'

const lost = (failed: Partial<FailedAttempt>): FailedAttempt => ({
  method: 'GET',
  attempts: 1,
  retries: 2,
  sent: true,
  status: undefined,
  whole: false,
  code: undefined,
  retryAfterMs: undefined,
  ...failed,
})
const answered = (status: number, failed: Partial<FailedAttempt> = {}): FailedAttempt =>
  lost({ status, whole: true, ...failed })

const idempotent = ['GET', 'PUT', 'PATCH', 'DELETE']
const connectionCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]

test('methods that set a state are repeated after every failure of a connection', () => {
  for (const method of idempotent) {
    for (const code of connectionCodes) {
      expect([method, code, mayRetry(lost({ method, code }))]).toEqual([method, code, true])
    }
  }
})

test('a POST is repeated only if it surely was not sent', () => {
  for (const code of connectionCodes) {
    expect(mayRetry(lost({ method: 'POST', code, sent: false }))).toBe(true)
    expect(mayRetry(lost({ method: 'POST', code, sent: true }))).toBe(false)
  }
  for (const status of [408, 429, 500, 503])
    expect(mayRetry(answered(status, { method: 'POST' }))).toBe(false)
})

test('failures that do not pass by themselves are final', () => {
  for (const code of ['CERT_HAS_EXPIRED', 'HPE_INVALID_CONSTANT', 'UND_ERR_DESTROYED', undefined]) {
    expect(mayRetry(lost({ code }))).toBe(false)
    expect(mayRetry(lost({ code, sent: false }))).toBe(false)
  }
})

test('statuses that pass by themselves are worth another attempt', () => {
  for (const method of idempotent) {
    for (const status of [408, 500, 502, 503, 504, 520, 521, 522, 523, 524]) {
      expect(mayRetry(answered(status, { method }))).toBe(true)
    }
    for (const status of [200, 301, 400, 401, 403, 404, 409, 422, 501, 525]) {
      expect(mayRetry(answered(status, { method }))).toBe(false)
    }
  }
})

test('an answer that broke off is final', () => {
  expect(mayRetry(lost({ status: 200, code: 'UND_ERR_SOCKET' }))).toBe(false)
  expect(mayRetry(lost({ status: 503, code: 'TIMEOUT' }))).toBe(false)
})

test('a rate limit is waited for by reads alone, and only for two seconds', () => {
  expect(mayRetry(answered(429, { retryAfterMs: 2_000 }))).toBe(true)
  expect(mayRetry(answered(429, { retryAfterMs: 2_001 }))).toBe(false)
  expect(mayRetry(answered(429))).toBe(false)
  for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
    expect(mayRetry(answered(429, { method, retryAfterMs: 1_000 }))).toBe(false)
  }
})

test('an upstream that asks for a longer wait is not asked again', () => {
  expect(mayRetry(answered(503, { retryAfterMs: 2_000 }))).toBe(true)
  expect(mayRetry(answered(503, { retryAfterMs: 3_000 }))).toBe(false)
})

test('retries end with their number', () => {
  expect(mayRetry(answered(503, { attempts: 2, retries: 2 }))).toBe(true)
  expect(mayRetry(answered(503, { attempts: 3, retries: 2 }))).toBe(false)
  expect(mayRetry(answered(503, { attempts: 1, retries: 0 }))).toBe(false)
})

test('the wait grows from 250 ms to 4 s, and chance takes any part of it', () => {
  const longest = [1, 2, 3, 4, 5, 6, 60].map((attempts) =>
    retryDelayMs({ attempts, retryAfterMs: undefined }, () => 1 - Number.EPSILON),
  )
  expect(longest).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000])
  expect(retryDelayMs({ attempts: 3, retryAfterMs: undefined }, () => 0)).toBe(0)
  expect(retryDelayMs({ attempts: 3, retryAfterMs: undefined }, () => 0.5)).toBe(500)
})

test('what the upstream asked for is waited out, with chance on top', () => {
  expect(retryDelayMs({ attempts: 1, retryAfterMs: 1_500 }, () => 0)).toBeGreaterThan(1_500)
  expect(retryDelayMs({ attempts: 1, retryAfterMs: 1_500 }, () => 0.5)).toBeLessThan(1_700)
})
