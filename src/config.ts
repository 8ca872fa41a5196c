import { z } from 'zod'

/** Everything that can be set from outside, typed once. */
export type Config = {
  readonly host: string
  readonly port: number
  /** Where the REST API is, without a slash at the end; undefined means the embedded sandbox. */
  readonly baseUrl: string | undefined
  readonly production: boolean
  /** The gateway's own credentials, as the headers that go upstream; undefined means each caller's own. */
  readonly serviceHeaders: Readonly<Record<string, string>> | undefined
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
  readonly logLevel: (typeof logLevels)[number]
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
])

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
  LOG_LEVEL: z.enum(logLevels, `one of ${logLevels.join(', ')}`).default('info'),
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
    serviceHeaders: serviceHeaders(set),
    maxRestCalls: set.MAX_REST_CALLS,
    restConcurrency: set.REST_CONCURRENCY,
    restTimeoutMs: set.REST_TIMEOUT_MS,
    operationTimeoutMs: set.OPERATION_TIMEOUT_MS,
    restRetries: set.REST_RETRIES,
    corsOrigins: set.CORS_ORIGINS,
    graphiql: set.GRAPHIQL ?? !production,
    introspection: set.INTROSPECTION ?? !production,
    logLevel: set.LOG_LEVEL,
  }
}

function mistake(issue: z.core.$ZodIssue, given: ReadonlyMap<string, string | undefined>): string {
  const name = String(issue.path[0])
  const value = secrets.has(name)
    ? 'set to something that is not shown here'
    : JSON.stringify(given.get(name))
  return `${name} is ${value}; it must be ${issue.message}`
}

/** What no variable shows alone. */
function contradictions(given: ReadonlyMap<string, string | undefined>): readonly string[] {
  const found: string[] = []
  const ownKey = given.has('CLOUDFLARE_EMAIL') || given.has('CLOUDFLARE_API_KEY')
  const host = given.get('HOST') ?? '127.0.0.1'

  const sandbox = given.get('SANDBOX') ?? String(given.get('NODE_ENV') !== 'production')
  if (!given.has('CLOUDFLARE_BASE_URL') && sandbox === 'false') {
    found.push(
      'CLOUDFLARE_BASE_URL is not set; it must be the URL of the REST API, https://api.cloudflare.com/client/v4, unless SANDBOX is true',
    )
  }
  if (given.has('CLOUDFLARE_API_TOKEN') && ownKey) {
    found.push(
      'CLOUDFLARE_API_TOKEN is set; it must not be together with CLOUDFLARE_EMAIL or CLOUDFLARE_API_KEY',
    )
  }
  if (ownKey && !given.has('CLOUDFLARE_EMAIL')) {
    found.push('CLOUDFLARE_EMAIL is not set; it must be where CLOUDFLARE_API_KEY is')
  }
  if (ownKey && !given.has('CLOUDFLARE_API_KEY')) {
    found.push('CLOUDFLARE_API_KEY is not set; it must be where CLOUDFLARE_EMAIL is')
  }
  if ((given.has('CLOUDFLARE_API_TOKEN') || ownKey) && !isLoopback(host)) {
    found.push(
      `HOST is ${JSON.stringify(host)}; it must be 127.0.0.1, ::1 or localhost where the gateway has credentials of its own, because whoever reaches it acts with them`,
    )
  }
  return found
}

function serviceHeaders(set: z.infer<typeof variables>): Readonly<Record<string, string>> | undefined {
  if (set.CLOUDFLARE_API_TOKEN !== undefined) return { authorization: `Bearer ${set.CLOUDFLARE_API_TOKEN}` }
  if (set.CLOUDFLARE_EMAIL === undefined || set.CLOUDFLARE_API_KEY === undefined) return undefined
  return { 'x-auth-email': set.CLOUDFLARE_EMAIL, 'x-auth-key': set.CLOUDFLARE_API_KEY }
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((number) => number >= least && number <= most, `a whole number from ${least} to ${most}`)
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

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
