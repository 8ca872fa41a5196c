import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { InvalidConfig, parseConfig, variableNames } from '../src/config.ts'

test('an empty environment means the sandbox on the loopback address', () => {
  expect(parseConfig({})).toEqual({
    host: '127.0.0.1',
    port: 4000,
    baseUrl: undefined,
    production: false,
    workers: 1,
    redisUrl: undefined,
    serviceHeaders: undefined,
    callerProof: undefined,
    maxInFlight: 256,
    maxRestCalls: 200,
    restConcurrency: 24,
    restTimeoutMs: 10_000,
    operationTimeoutMs: 30_000,
    restRetries: 2,
    corsOrigins: [],
    graphiql: true,
    introspection: true,
    subgraphNode: false,
    persistedOperations: undefined,
    persistedOperationsOnly: false,
    logLevel: 'info',
  })
})

test('every variable is read', () => {
  const config = parseConfig({
    PORT: '8080',
    HOST: '0.0.0.0',
    CLOUDFLARE_BASE_URL: 'https://api.cloudflare.com/client/v4/',
    NODE_ENV: 'production',
    WORKERS: '3',
    REDIS_URL: 'rediss://:word@redis.example:6380/2',
    MAX_IN_FLIGHT: '64',
    MAX_REST_CALLS: '50',
    REST_CONCURRENCY: '8',
    REST_TIMEOUT_MS: '2000',
    OPERATION_TIMEOUT_MS: '5000',
    REST_RETRIES: '0',
    CORS_ORIGINS: 'https://console.example.com, http://localhost:5173',
    GRAPHIQL: 'true',
    INTROSPECTION: 'true',
    SUBGRAPH_NODE: 'true',
    PERSISTED_OPERATIONS: 'operations.json',
    PERSISTED_OPERATIONS_ONLY: 'true',
    LOG_LEVEL: 'warn',
  })
  expect(config).toEqual({
    host: '0.0.0.0',
    port: 8080,
    baseUrl: 'https://api.cloudflare.com/client/v4',
    production: true,
    workers: 3,
    redisUrl: 'rediss://:word@redis.example:6380/2',
    serviceHeaders: undefined,
    callerProof: undefined,
    maxInFlight: 64,
    maxRestCalls: 50,
    restConcurrency: 8,
    restTimeoutMs: 2000,
    operationTimeoutMs: 5000,
    restRetries: 0,
    corsOrigins: ['https://console.example.com', 'http://localhost:5173'],
    graphiql: true,
    introspection: true,
    subgraphNode: true,
    persistedOperations: 'operations.json',
    persistedOperationsOnly: true,
    logLevel: 'warn',
  })
})

test('all mistakes are reported at once, a line each, with the value and what it must be', () => {
  expect(
    mistakesOf({
      PORT: '99999',
      HOST: 'not a host',
      CLOUDFLARE_BASE_URL: 'api.cloudflare.com',
      SANDBOX: 'yes',
      MAX_REST_CALLS: '-1',
      REST_TIMEOUT_MS: '10s',
      CORS_ORIGINS: 'https://a.example/path',
      GRAPHIQL: '1',
      LOG_LEVEL: 'loud',
    }),
  ).toEqual([
    'PORT is "99999"; it must be a whole number from 0 to 65535',
    'HOST is "not a host"; it must be a host name or an IP address',
    'CLOUDFLARE_BASE_URL is "api.cloudflare.com"; it must be an http or https URL without credentials, query or fragment',
    'SANDBOX is "yes"; it must be true or false',
    'MAX_REST_CALLS is "-1"; it must be a whole number from 1 to 100000',
    'REST_TIMEOUT_MS is "10s"; it must be a whole number from 1 to 600000',
    'CORS_ORIGINS is "https://a.example/path"; it must be a comma-separated list of origins, such as https://console.example.com',
    'GRAPHIQL is "1"; it must be true or false',
    'LOG_LEVEL is "loud"; it must be one of fatal, error, warn, info, debug, trace, silent',
  ])
})

test('as many workers as there are processors are asked for by name', () => {
  expect(parseConfig({ WORKERS: 'auto' }).workers).toBe('auto')
  expect(mistakesOf({ WORKERS: '0' })).toEqual([
    'WORKERS is "0"; it must be auto, or a whole number from 1 to 256',
  ])
})

test('a Redis is named by a URL, which is not shown: it may hold a password', () => {
  expect(mistakesOf({ REDIS_URL: 'http://:word@redis.example' })).toEqual([
    'REDIS_URL is set to something that is not shown here; it must be a redis or rediss URL such as redis://127.0.0.1:6379',
  ])
})

test('a wildcard is no CORS origin', () => {
  expect(mistakesOf({ CORS_ORIGINS: '*' })).toHaveLength(1)
})

test('a variable that is set to nothing counts as not set', () => {
  expect(parseConfig({ PORT: '', CLOUDFLARE_BASE_URL: '', SANDBOX: '' })).toEqual(parseConfig({}))
})

test('production needs a base URL or an explicit sandbox, and hides GraphiQL and introspection unless asked', () => {
  expect(mistakesOf({ NODE_ENV: 'production' })).toEqual([
    'CLOUDFLARE_BASE_URL is not set; it must be the URL of the REST API, https://api.cloudflare.com/client/v4, unless SANDBOX is true',
  ])
  const { baseUrl, graphiql, introspection } = parseConfig({ NODE_ENV: 'production', SANDBOX: 'true' })
  expect({ baseUrl, graphiql, introspection }).toEqual({
    baseUrl: undefined,
    graphiql: false,
    introspection: false,
  })
})

test('SANDBOX=false without a base URL leaves nothing to serve', () => {
  expect(mistakesOf({ SANDBOX: 'false' })).toHaveLength(1)
})

test('a base URL wins over SANDBOX=true, so that an image with a sandbox as its default can be pointed elsewhere', () => {
  expect(parseConfig({ CLOUDFLARE_BASE_URL: 'http://127.0.0.1:8787', SANDBOX: 'true' }).baseUrl).toBe(
    'http://127.0.0.1:8787',
  )
})

test('credentials of the gateway become the headers that go upstream', () => {
  expect(parseConfig({ CLOUDFLARE_API_TOKEN: 'abc' }).serviceHeaders).toEqual({ authorization: 'Bearer abc' })
  expect(parseConfig({ CLOUDFLARE_EMAIL: 'a@b.example', CLOUDFLARE_API_KEY: 'k' }).serviceHeaders).toEqual({
    'x-auth-email': 'a@b.example',
    'x-auth-key': 'k',
  })
})

test('credentials of the gateway are half given, given twice, or of no use in a header', () => {
  expect(mistakesOf({ CLOUDFLARE_EMAIL: 'a@b.example' })).toEqual([
    'CLOUDFLARE_API_KEY is not set; it must be where CLOUDFLARE_EMAIL is',
  ])
  expect(mistakesOf({ CLOUDFLARE_API_KEY: 'k' })).toEqual([
    'CLOUDFLARE_EMAIL is not set; it must be where CLOUDFLARE_API_KEY is',
  ])
  expect(
    mistakesOf({ CLOUDFLARE_API_TOKEN: 't', CLOUDFLARE_EMAIL: 'a@b.example', CLOUDFLARE_API_KEY: 'k' }),
  ).toHaveLength(1)
  expect(mistakesOf({ CLOUDFLARE_API_TOKEN: 'two words' })).toEqual([
    'CLOUDFLARE_API_TOKEN is set to something that is not shown here; it must be printable ASCII without spaces',
  ])
})

test.each(['0.0.0.0', '::', '192.168.1.5', 'gateway.example.com', '127.0.0.1.example.com'])(
  'the gateway lends its own credentials to nobody on %s',
  (HOST) => {
    const [line, ...others] = mistakesOf({ HOST, CLOUDFLARE_API_TOKEN: 'very-secret' })
    expect(line).toMatch(/^HOST is ".+"; it must be 127\.0\.0\.1, ::1 or localhost .+ whoever reaches it/)
    expect(others).toEqual([])
    expect(line).not.toContain('very-secret')
  },
)

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('its own credentials are fine on %s', (HOST) => {
  expect(parseConfig({ HOST, CLOUDFLARE_API_TOKEN: 't' }).host).toBe(HOST)
})

const own = { CLOUDFLARE_API_TOKEN: 'own' }
const secret = 'a-secret-of-at-least-thirty-two-bytes'

test('callers prove themselves by a key set or a secret, on any address', () => {
  const HOST = '0.0.0.0'
  const about = { JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'gateway' }
  const jwksUrl = 'https://id.example/keys?tenant=1'
  expect(parseConfig({ ...own, ...about, HOST, JWT_JWKS_URL: jwksUrl }).callerProof).toEqual({
    key: { jwksUrl },
    issuer: 'https://id.example',
    audience: 'gateway',
  })
  expect(parseConfig({ ...own, HOST, JWT_SECRET: secret }).callerProof).toEqual({
    key: { secret },
    issuer: undefined,
    audience: undefined,
  })
})

test('a short secret is refused and not shown, and counted in bytes', () => {
  expect(mistakesOf({ ...own, JWT_SECRET: 'x'.repeat(31) })).toEqual([
    'JWT_SECRET is set to something that is not shown here; it must be at least 32 bytes long',
  ])
  expect(mistakesOf({ ...own, JWT_SECRET: '\u00e9'.repeat(16) })).toEqual([])
})

test.each([
  'http://id.example/keys',
  'https://user:password@id.example/keys',
  'https://id.example/keys#a',
  'id.example',
  'file:///etc/keys',
])('%s is no place to get keys from', (JWT_JWKS_URL) => {
  expect(mistakesOf({ ...own, JWT_JWKS_URL })).toEqual([
    `JWT_JWKS_URL is "${JWT_JWKS_URL}"; it must be an https URL, or an http one on a loopback address, without credentials or fragment`,
  ])
})

test.each(['http://127.0.0.1:8080/keys', 'http://[::1]/keys', 'http://localhost/keys'])(
  'keys may come from %s without TLS',
  (JWT_JWKS_URL) => {
    expect(mistakesOf({ ...own, JWT_JWKS_URL })).toEqual([])
  },
)

test('a proof that is given twice, not at all, or for nothing is a mistake', () => {
  expect(mistakesOf({ ...own, JWT_SECRET: secret, JWT_JWKS_URL: 'https://id.example' })).toEqual([
    'JWT_SECRET is set; it must not be together with JWT_JWKS_URL: callers prove themselves in one way',
  ])
  expect(mistakesOf({ ...own, JWT_ISSUER: 'https://id.example' })).toEqual([
    'JWT_ISSUER is set; it must be together with JWT_JWKS_URL or JWT_SECRET, which prove it',
  ])
  const [line, ...others] = mistakesOf({ JWT_SECRET: secret })
  expect(line).toMatch(/^JWT_SECRET is set; it must be together with CLOUDFLARE_API_TOKEN/)
  expect(others).toEqual([])
})

test('nothing but persisted operations needs a manifest of them', () => {
  expect(mistakesOf({ PERSISTED_OPERATIONS_ONLY: 'true' })).toEqual([
    'PERSISTED_OPERATIONS is not set; it must be the path of a manifest where PERSISTED_OPERATIONS_ONLY is true',
  ])
})

test('.env.example lists every variable that is read and no other', async () => {
  const example = await readFile(new URL('../.env.example', import.meta.url), 'utf8')
  const listed = [...example.matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name)
  expect(listed.sort()).toEqual([...variableNames].sort())
})

test('.env.example shows the defaults', async () => {
  const example = await readFile(new URL('../.env.example', import.meta.url), 'utf8')
  const active = [...example.matchAll(/^([A-Z][A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value])
  expect(parseConfig(Object.fromEntries(active))).toEqual(parseConfig({}))
  expect(active.length).toBeGreaterThan(5)
})

function mistakesOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(env)
  } catch (error) {
    if (error instanceof InvalidConfig) return error.mistakes
    throw error
  }
  return []
}
