import { UnsecuredJWT } from 'jose'
import { afterEach, expect, test, vi } from 'vitest'
import { type CallerProof, createCallerReader, KeySetUnavailable } from '../src/caller.ts'
import { UnusableCredentials } from '../src/credentials.ts'
import { signWithSecret, startKeySetServer } from './support/key-set-server.ts'

const secret = 'a-secret-of-at-least-thirty-two-bytes'
const bySecret: CallerProof = { key: { secret }, issuer: undefined, audience: undefined }
const nowSeconds = () => Math.floor(Date.now() / 1000)

afterEach(() => {
  vi.useRealTimers()
})

test('a token that the secret signed says who calls: scopes, and accounts where it limits them', async () => {
  const claims = { scope: 'iam:read  iam:write', accounts: ['ABC', 'def'] }
  expect(await read(bySecret, await signWithSecret(secret, claims))).toEqual({
    scopes: new Set(['iam:read', 'iam:write']),
    accounts: new Set(['abc', 'def']),
  })
  const { scopes, accounts } = await read(bySecret, await signWithSecret(secret, { scp: ['iam:read'] }))
  expect({ scopes, accounts }).toEqual({ scopes: new Set(['iam:read']), accounts: undefined })
})

test.each([[[]], [''], [null], [7], [{ all: true }]])(
  'the accounts claim %j permits no account',
  async (accounts) => {
    expect((await read(bySecret, await signWithSecret(secret, { accounts }))).accounts).toEqual(new Set())
  },
)

test.each([
  ['another secret', signWithSecret('another-secret-of-thirty-two-bytes!', {})],
  ['no signature', Promise.resolve(new UnsecuredJWT({ exp: nowSeconds() + 60 }).encode())],
  ['no expiry', signWithSecret(secret, {}, { expires: false })],
  ['a start in the future', signWithSecret(secret, { nbf: nowSeconds() + 60 })],
  ['no JWT at all', Promise.resolve('cfut_token')],
])('a token with %s proves nothing', async (_what, token) => {
  const refusal = await refusalOf(bySecret, await token)
  expect(refusal).toBeInstanceOf(UnusableCredentials)
  expect(refusal).toMatchObject({ challenge: 'invalid_token', message: 'The token does not prove who calls' })
})

test('an expired token is refused with that reason, so that its owner knows to get another', async () => {
  const refusal = await refusalOf(bySecret, await signWithSecret(secret, { exp: nowSeconds() - 60 }))
  expect(refusal).toMatchObject({ challenge: 'invalid_token', message: 'The token has expired' })
})

test('issuer and audience have to be the ones that are set', async () => {
  const proof = { ...bySecret, issuer: 'https://id.example', audience: 'gateway' }
  const good = { iss: 'https://id.example', aud: ['gateway', 'other'] }
  expect(await read(proof, await signWithSecret(secret, good))).toBeDefined()
  for (const claims of [{}, { ...good, iss: 'https://evil.example' }, { ...good, aud: 'other' }]) {
    expect(await refusalOf(proof, await signWithSecret(secret, claims))).toBeInstanceOf(UnusableCredentials)
  }
})

test.each([undefined, '', 'Basic c2VjcmV0', 'Bearer', 'Bearer one two'])(
  'the Authorization header %j is no token, which is said without an error code',
  async (authorization) => {
    const headers = new Headers(authorization === undefined ? {} : { authorization })
    await expect(createCallerReader(bySecret)(headers)).rejects.toMatchObject({
      name: 'UnusableCredentials',
      challenge: undefined,
    })
  },
)

test('a key set is fetched once, and again when a token names a key that it does not hold', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
  const server = await startKeySetServer()
  const sign = await server.rotate('first')
  const proof = { ...bySecret, key: { jwksUrl: server.jwksUrl } }
  const reader = createCallerReader(proof)
  await Promise.all([readWith(reader, await sign()), readWith(reader, await sign())])
  await readWith(reader, await sign())
  expect(server.asked()).toBe(1)

  const signAnew = await server.rotate('second')
  vi.advanceTimersByTime(31_000)
  expect(await readWith(reader, await signAnew({ scope: 'iam:read' }))).toMatchObject({
    scopes: new Set(['iam:read']),
  })
  expect(server.asked()).toBe(2)
  await expect(readWith(reader, await sign())).rejects.toBeInstanceOf(UnusableCredentials)
})

test('tokens with invented keys do not have the key set fetched for each of them', async () => {
  const server = await startKeySetServer()
  const reader = createCallerReader({ ...bySecret, key: { jwksUrl: server.jwksUrl } })
  const sign = await server.rotate('gone')
  await server.rotate('current')
  for (let tries = 0; tries < 5; tries += 1) {
    await expect(readWith(reader, await sign())).rejects.toBeInstanceOf(UnusableCredentials)
  }
  expect(server.asked()).toBe(1)
})

test('a public key is no shared secret: HMAC is refused where a key set proves', async () => {
  const server = await startKeySetServer()
  await server.rotate('first')
  const proof = { ...bySecret, key: { jwksUrl: server.jwksUrl } }
  const forged = await signWithSecret(await (await fetch(server.jwksUrl)).text(), {})
  expect(await refusalOf(proof, forged)).toBeInstanceOf(UnusableCredentials)
})

test.each([404, 500, 302])(
  'a key set that answers %i is out of reach, and left alone for a while',
  async (status) => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const server = await startKeySetServer()
    const sign = await server.rotate('first')
    const reader = createCallerReader({ ...bySecret, key: { jwksUrl: server.jwksUrl } })
    server.answerWith(status)
    for (let tries = 0; tries < 3; tries += 1) {
      await expect(readWith(reader, await sign())).rejects.toBeInstanceOf(KeySetUnavailable)
    }
    expect(server.asked()).toBe(1)

    server.answerWith(200)
    vi.advanceTimersByTime(5_001)
    expect(await readWith(reader, await sign())).toBeDefined()
  },
)

function read(proof: CallerProof, token: string) {
  return readWith(createCallerReader(proof), token)
}

function readWith(reader: ReturnType<typeof createCallerReader>, token: string) {
  return reader(new Headers({ authorization: `Bearer ${token}` }))
}

async function refusalOf(proof: CallerProof, token: string): Promise<unknown> {
  return read(proof, token).then(
    () => undefined,
    (error: unknown) => error,
  )
}
