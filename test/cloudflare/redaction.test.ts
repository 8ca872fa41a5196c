import { expect, test } from 'vitest'
import { codeOf, createRedactor, wireCause } from '../../src/cloudflare/redaction.ts'

test('every part of a credential is taken out, wherever it stands', () => {
  const redact = createRedactor({
    authorization: 'Bearer s3cr3t-t0ken',
    'x-auth-key': 'abcdef0123456789',
    'x-auth-email': 'ann@example.com',
  })
  expect(redact('Bearer s3cr3t-t0ken, s3cr3t-t0ken? key=abcdef0123456789 of ann@example.com')).toBe(
    '[redacted], [redacted]? key=[redacted] of [redacted]',
  )
})

test('a part that begins another leaves nothing of it', () => {
  const redact = createRedactor({ 'x-auth-key': 'annann', 'x-auth-email': 'annann@example.com' })
  expect(redact('annann@example.com')).toBe('[redacted]')
})

test('a credential is found in a URL too', () => {
  const redact = createRedactor({ 'x-auth-email': 'ann@example.com' })
  expect(redact('https://example.com/?who=ann%40example.com')).toBe('https://example.com/?who=[redacted]')
})

test('ordinary words stay', () => {
  const redact = createRedactor({ authorization: 'Bearer x', other: 'a' })
  expect(redact('a bearer token is a token')).toBe('a bearer token is a token')
})

test('a cause keeps what failed and nothing that hung on it', () => {
  const error = Object.assign(new Error('cannot reach tok-123456'), {
    code: 'ECONNRESET',
    headers: ['tok-123456'],
  })
  error.cause = new Error('tok-123456')
  const cause = wireCause(error, createRedactor({ authorization: 'Bearer tok-123456' }))
  expect(cause.message).toBe('cannot reach [redacted]')
  expect(Object.entries(cause)).toEqual([
    ['name', 'Error'],
    ['code', 'ECONNRESET'],
  ])
  expect(cause.cause).toBe(undefined)
})

test('the failures of several addresses are said together', () => {
  const error = new AggregateError([new Error('::1 refused'), '127.0.0.1 refused'])
  expect(wireCause(error, (text) => text).message).toBe('::1 refused; 127.0.0.1 refused')
})

test('a code is a string or nothing', () => {
  expect(codeOf(Object.assign(new Error('x'), { code: 'EPIPE' }))).toBe('EPIPE')
  expect(codeOf(Object.assign(new Error('x'), { code: 5 }))).toBe(undefined)
  expect(codeOf(new Error('x'))).toBe(undefined)
})
