import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'
import { listen } from '../../src/listen.ts'

/** An issuer of tokens whose key set is served over HTTP until the test ends. */
export async function startKeySetServer() {
  let keys: object[] = []
  let status = 200
  let asked = 0
  const server = await listen(
    (_request, response) => {
      asked += 1
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
    },
    { host: '127.0.0.1', port: 0 },
  )
  onTestFinished(() => server.drain(0))
  return {
    jwksUrl: `http://127.0.0.1:${server.port}/keys`,
    /** How often the key set was asked for. */
    asked: () => asked,
    /** What it is answered with from now on. */
    answerWith: (code: number) => {
      status = code
    },
    /** Replaces the keys with a new one; the answer signs with it. */
    async rotate(kid: string) {
      const { publicKey, privateKey } = await generateKeyPair('ES256')
      keys = [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256' }]
      return (claims: JWTPayload = {}) =>
        new SignJWT({ exp: inAnHour(), ...claims }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey)
    },
  }
}

/** Signs with a shared secret, for an hour unless `claims` say otherwise or `expires` is false. */
export function signWithSecret(secret: string, claims: JWTPayload, { expires = true } = {}): Promise<string> {
  return new SignJWT({ ...(expires ? { exp: inAnHour() } : {}), ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret))
}

function inAnHour(): number {
  return Math.floor(Date.now() / 1000) + 3600
}
