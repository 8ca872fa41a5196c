import { z } from 'zod'
import type { CallerProof } from './caller.ts'
import { contradictions } from './config/contradictions.ts'
import { isLoopback } from './config/is-loopback.ts'
import {
  type TracingSettings,
  tracingSecrets,
  tracingSettings,
  tracingVariables,
} from './config/tracing-settings.ts'

/** Everything that can be set from outside, typed once. */
export type Config = {
  readonly host: string
  readonly port: number
  /** Where the REST API is, without a slash at the end; undefined means the embedded sandbox. */
  readonly baseUrl: string | undefined
  readonly production: boolean
  /** Processes that serve; 'auto' is one for each processor. */
  readonly workers: number | 'auto'
  /** Where processes agree on what each credential may still send; undefined where each counts for itself. */
  readonly redisUrl: string | undefined
  /** The gateway's own credentials, as the headers that go upstream; undefined means each caller's own. */
  readonly serviceHeaders: Readonly<Record<string, string>> | undefined
  /** How those who use the gateway's own credentials prove who they are; undefined lets everybody, on a loopback address. */
  readonly callerProof: CallerProof | undefined
  /** Requests that are worked on at the same time, in this process. */
  readonly maxInFlight: number
  /** REST calls that one operation may make. */
  readonly maxRestCalls: number
  /** REST calls in flight, a credential. */
  readonly restConcurrency: number
  readonly restTimeoutMs: number
  readonly operationTimeoutMs: number
  /** Further tries after the first. */
  readonly restRetries: number
  /** Origins whose pages may call; none means no CORS headers at all. */
  readonly corsOrigins: readonly string[]
  readonly graphiql: boolean
  readonly introspection: boolean
  /** Whether a supergraph gets `Query.node` and `Query.nodes` from this subgraph. */
  readonly subgraphNode: boolean
  /** Path of a manifest of operations that are known by their hash. */
  readonly persistedOperations: string | undefined
  /** Whether operations of that manifest are taken and no others. */
  readonly persistedOperationsOnly: boolean
  readonly logLevel: (typeof logLevels)[number]
  /** What whoever asks for metrics has to show, as a bearer token. */
  readonly metricsToken: string | undefined
  /** Undefined makes no traces. */
  readonly tracing: TracingSettings | undefined
}

/** The environment says something that cannot be meant; holds every mistake, not only the first. */
export class InvalidConfig extends Error {
  override readonly name = 'InvalidConfig'
  /** One line each: the variable, what it is, what it must be. Values of secrets are left out. */
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

/** How to change what is served, for texts that a person reads. */
export const advice = {
  serveRealApi: 'CLOUDFLARE_BASE_URL=https://api.cloudflare.com/client/v4 npm start',
  serveSandbox: 'npm start without CLOUDFLARE_BASE_URL serves the sandbox',
  otherPort: 'Stop what listens there, or choose another port: PORT=4001 npm start',
} as const

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const secrets: ReadonlySet<string> = new Set([
  'CLOUDFLARE_API_TOKEN',
  'CLOUDFLARE_EMAIL',
  'CLOUDFLARE_API_KEY',
  'JWT_SECRET',
  'REDIS_URL',
  'METRICS_TOKEN',
  ...tracingSecrets,
])
const mostWorkers = 256
// Of HMAC keys: as long as the hash of HS256 (RFC 7518, section 3.2).
const minSecretBytes = 32

const variables = z.object({
  PORT: wholeNumber(0, 65_535).default(4000),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'a host name or an IP address')
    .default('127.0.0.1'),
  CLOUDFLARE_BASE_URL: z
    .string()
    .refine(isBaseUrl, 'an http or https URL without credentials, query or fragment')
    .optional(),
  SANDBOX: flag().optional(),
  NODE_ENV: z.string().optional(),
  CLOUDFLARE_API_TOKEN: headerValue().optional(),
  CLOUDFLARE_EMAIL: headerValue().optional(),
  CLOUDFLARE_API_KEY: headerValue().optional(),
  JWT_JWKS_URL: z
    .string()
    .refine(
      isKeySetUrl,
      'an https URL, or an http one on a loopback address, without credentials or fragment',
    )
    .optional(),
  JWT_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= minSecretBytes, `at least ${minSecretBytes} bytes long`)
    .optional(),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
  WORKERS: workers().default(1),
  REDIS_URL: z.string().refine(isRedisUrl, 'a redis or rediss URL such as redis://127.0.0.1:6379').optional(),
  MAX_IN_FLIGHT: wholeNumber(1, 100_000).default(256),
  MAX_REST_CALLS: wholeNumber(1, 100_000).default(200),
  REST_CONCURRENCY: wholeNumber(1, 1000).default(24),
  REST_TIMEOUT_MS: wholeNumber(1, 600_000).default(10_000),
  OPERATION_TIMEOUT_MS: wholeNumber(1, 600_000).default(30_000),
  REST_RETRIES: wholeNumber(0, 10).default(2),
  CORS_ORIGINS: z
    .string()
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .refine(
      (origins) => origins.every(isOrigin),
      'a comma-separated list of origins, such as https://console.example.com',
    )
    .default([]),
  GRAPHIQL: flag().optional(),
  INTROSPECTION: flag().optional(),
  SUBGRAPH_NODE: flag().default(false),
  PERSISTED_OPERATIONS: z.string().optional(),
  PERSISTED_OPERATIONS_ONLY: flag().default(false),
  LOG_LEVEL: z.enum(logLevels, `one of ${logLevels.join(', ')}`).default('info'),
  METRICS_TOKEN: headerValue().optional(),
  ...tracingVariables,
})

/** The name of every variable that is read. */
export const variableNames: readonly string[] = Object.keys(variables.shape)

/**
 * Reads the settings. A variable that is set to nothing counts as not set.
 * @throws InvalidConfig with all mistakes at once.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = new Map(
    Object.entries(env).filter(([name, value]) => variableNames.includes(name) && value !== ''),
  )
  const parsed = variables.safeParse(Object.fromEntries(given))
  const mistakes = [
    ...(parsed.error?.issues ?? []).map((issue) => mistake(issue, given)),
    ...contradictions(given),
  ]
  if (!parsed.success || mistakes.length > 0) throw new InvalidConfig(mistakes)

  const set = parsed.data
  const production = set.NODE_ENV === 'production'
  return {
    host: set.HOST,
    port: set.PORT,
    baseUrl: set.CLOUDFLARE_BASE_URL?.replace(/\/+$/, ''),
    production,
    workers: set.WORKERS,
    redisUrl: set.REDIS_URL,
    serviceHeaders: serviceHeaders(set),
    callerProof: callerProof(set),
    maxInFlight: set.MAX_IN_FLIGHT,
    maxRestCalls: set.MAX_REST_CALLS,
    restConcurrency: set.REST_CONCURRENCY,
    restTimeoutMs: set.REST_TIMEOUT_MS,
    operationTimeoutMs: set.OPERATION_TIMEOUT_MS,
    restRetries: set.REST_RETRIES,
    corsOrigins: set.CORS_ORIGINS,
    graphiql: set.GRAPHIQL ?? !production,
    introspection: set.INTROSPECTION ?? !production,
    subgraphNode: set.SUBGRAPH_NODE,
    persistedOperations: set.PERSISTED_OPERATIONS,
    persistedOperationsOnly: set.PERSISTED_OPERATIONS_ONLY,
    logLevel: set.LOG_LEVEL,
    metricsToken: set.METRICS_TOKEN,
    tracing: tracingSettings(set),
  }
}

/** A manifest that cannot be used, as a mistake of the setting that names it. `reason` says where in it and what is wrong. */
export function unusableManifest(path: string, reason: string): InvalidConfig {
  return new InvalidConfig([
    `PERSISTED_OPERATIONS is ${JSON.stringify(path)}; it must be a manifest of operations: ${reason}`,
  ])
}

function mistake(issue: z.core.$ZodIssue, given: ReadonlyMap<string, string | undefined>): string {
  const name = String(issue.path[0])
  const value = secrets.has(name)
    ? 'set to something that is not shown here'
    : JSON.stringify(given.get(name))
  return `${name} is ${value}; it must be ${issue.message}`
}

function serviceHeaders(set: z.infer<typeof variables>): Readonly<Record<string, string>> | undefined {
  if (set.CLOUDFLARE_API_TOKEN !== undefined) return { authorization: `Bearer ${set.CLOUDFLARE_API_TOKEN}` }
  if (set.CLOUDFLARE_EMAIL === undefined || set.CLOUDFLARE_API_KEY === undefined) return undefined
  return { 'x-auth-email': set.CLOUDFLARE_EMAIL, 'x-auth-key': set.CLOUDFLARE_API_KEY }
}

function callerProof(set: z.infer<typeof variables>): CallerProof | undefined {
  const { JWT_JWKS_URL: jwksUrl, JWT_SECRET: secret, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = set
  if (jwksUrl !== undefined) return { key: { jwksUrl }, issuer, audience }
  return secret === undefined ? undefined : { key: { secret }, issuer, audience }
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((number) => number >= least && number <= most, `a whole number from ${least} to ${most}`)
}

function workers() {
  return z
    .string()
    .refine(
      (value) => value === 'auto' || wholeNumber(1, mostWorkers).safeParse(value).success,
      `auto, or a whole number from 1 to ${mostWorkers}`,
    )
    .transform((value): number | 'auto' => (value === 'auto' ? value : Number(value)))
}

function flag() {
  return z.enum(['true', 'false'], 'true or false').transform((value) => value === 'true')
}

function headerValue() {
  return z.string().regex(/^[\x21-\x7e]+$/, 'printable ASCII without spaces')
}

function isBaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, search, hash, username, password } = new URL(value)
  return /^https?:$/.test(protocol) && `${search}${hash}${username}${password}` === ''
}

function isKeySetUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname, hash, username, password } = new URL(value)
  const isSafe =
    protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')))
  return isSafe && `${hash}${username}${password}` === ''
}

function isRedisUrl(value: string): boolean {
  return URL.canParse(value) && /^rediss?:$/.test(new URL(value).protocol) && new URL(value).hostname !== ''
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value
}
