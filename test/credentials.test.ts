import { expect, test } from 'vitest'
import { chooseCredentials, UnusableCredentials } from '../src/credentials.ts'

const passThrough = { own: undefined, toSandbox: false }

test('a bearer token goes upstream, and no other header', () => {
  const headers = new Headers({
    authorization: 'Bearer cfut_A-b.c~d+e/f==',
    cookie: 'session=1',
    'x-forwarded-for': '1.2.3.4',
    host: 'evil.example',
  })
  expect(chooseCredentials(headers, passThrough)).toEqual({ authorization: 'Bearer cfut_A-b.c~d+e/f==' })
})

test('the scheme is case-insensitive and written one way upstream', () => {
  expect(chooseCredentials(new Headers({ authorization: 'bearer   abc ' }), passThrough)).toEqual({
    authorization: 'Bearer abc',
  })
})

test('e-mail and key go upstream together', () => {
  const headers = new Headers({ 'x-auth-email': 'ada@example.com', 'x-auth-key': 'k1' })
  expect(chooseCredentials(headers, passThrough)).toEqual({
    'x-auth-email': 'ada@example.com',
    'x-auth-key': 'k1',
  })
})

test('without credentials there are none, except towards the sandbox', () => {
  expect(chooseCredentials(new Headers(), passThrough)).toBeUndefined()
  expect(chooseCredentials(new Headers(), { own: undefined, toSandbox: true })).toEqual({
    authorization: 'Bearer sandbox',
  })
})

test("the sandbox gets a caller's own token where there is one", () => {
  const headers = new Headers({ authorization: 'Bearer mine' })
  expect(chooseCredentials(headers, { own: undefined, toSandbox: true })).toEqual({
    authorization: 'Bearer mine',
  })
})

test("the gateway's own credentials win over the caller's", () => {
  const own = { authorization: 'Bearer own' }
  const headers = new Headers({ authorization: 'Bearer mine', 'x-auth-key': 'k' })
  expect(chooseCredentials(headers, { own, toSandbox: false })).toEqual(own)
})

test.each([
  ['Basic c2VjcmV0OnNlY3JldA=='],
  ['Bearer'],
  ['Bearer secret other'],
  ['Bearer secret, Bearer other'],
  ['Bearer secret\u00e9'],
  ['secret'],
])('the Authorization header %j is refused without being repeated', (authorization) => {
  const refusal = refusalOf({ authorization })
  expect(refusal?.message).toMatch(/no bearer token/)
  expect(refusal?.message).not.toMatch(/c2Vj|secret/)
  expect(refusal?.challenge).toBe('invalid_request')
})

test.each([
  [{ 'x-auth-email': 'ada@example.com' }],
  [{ 'x-auth-key': 'secret' }],
  [{ 'x-auth-email': '', 'x-auth-key': 'secret' }],
  [{ 'x-auth-email': 'ada@example.com', 'x-auth-key': 'two words' }],
])('half a pair or an unusable one is refused: %j', (headers) => {
  expect(refusalOf(headers)?.message).toMatch(/belong together/)
})

test('two kinds of credentials at once are refused', () => {
  const refusal = refusalOf({ authorization: 'Bearer secret', 'x-auth-key': 'secret' })
  expect(refusal?.message).toMatch(/^Two kinds of credentials at once/)
  expect(refusal?.message).not.toContain('secret')
})

function refusalOf(headers: Record<string, string>): UnusableCredentials | undefined {
  try {
    chooseCredentials(new Headers(headers), passThrough)
  } catch (error) {
    if (error instanceof UnusableCredentials) return error
    throw error
  }
  return undefined
}
