import type { RequestListener } from 'node:http'
import type { GraphQLSchema } from 'graphql'
import { expect, onTestFinished } from 'vitest'
import { createRequestListener } from '../../src/app/request-listener.ts'
import { createApp, endpoint } from '../../src/app.ts'
import { createUpstream } from '../../src/cloudflare/upstream.ts'
import { type Config, parseConfig } from '../../src/config.ts'
import { operationNames } from '../../src/plugins/operation-names.ts'
import type { Example } from '../../src/plugins/read-examples.ts'
import { startSandbox } from '../../src/sandbox/server.ts'
import { buildSchema } from '../../src/schema/schema.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { startTelemetry } from '../../src/telemetry/start-telemetry.ts'

export type GatewayOptions = {
  /** Another server as the upstream; without it a sandbox of the test's own is started. */
  readonly baseUrl?: string
  readonly sandbox?: Parameters<typeof startSandbox>[0]
  /** Settings that differ from the defaults. */
  readonly config?: Partial<Config>
  /** Headers of every request, a bearer token by default; `{}` sends no credentials. */
  readonly headers?: Headers
  readonly schema?: GraphQLSchema
  readonly examples?: readonly Example[]
  readonly manifest?: ReadonlyMap<string, string>
  readonly isReady?: () => boolean
  readonly isDraining?: () => boolean
  readonly inFlight?: () => number
  /** Takes each log line, parsed. */
  readonly log?: (line: Record<string, unknown>) => void
}

export type Gateway = {
  /** Sends one operation as JSON; `headers` are added to those of the options. Name `Data` to look into an answer. */
  query<Data = unknown>(document: string, variables?: Variables, headers?: Headers): Promise<Answer<Data>>
  /** Any request, `path` such as `/graphql` or `/health`, with no headers but those of `init`. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Throws where the upstream is another server. */
  readonly sandbox: Sandbox
  /** What reached the sandbox, in order, `GET /accounts/…/iam/user_groups?page=1&per_page=20` for example. */
  requests(): readonly string[]
  /** What serves it over `node:http`, for tests that listen. */
  readonly listener: RequestListener
  /** Closes what was opened; every gateway does so when its test ends, and a second time does nothing. */
  close(): Promise<void>
}

export type Answer<Data> = {
  readonly status: number
  readonly headers: globalThis.Headers
  /** As the caller of `query` describes it; null where the operation did not run. */
  readonly data: Data
  readonly errors: readonly AnswerError[] | undefined
  readonly extensions: Readonly<Record<string, unknown>> | undefined
}

export type AnswerError = {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: Readonly<Record<string, unknown>>
}

type Sandbox = Awaited<ReturnType<typeof startSandbox>>
type Headers = Readonly<Record<string, string>>
type Variables = Readonly<Record<string, unknown>>

/** A whole gateway of the running test's own, from `fetch` down to an upstream on a real socket; closes itself. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const sandbox = options.baseUrl === undefined ? await startSandbox(options.sandbox) : undefined
  const config: Config = { ...parseConfig({}), baseUrl: options.baseUrl, ...options.config }
  const upstream = createUpstream({
    baseUrl: options.baseUrl ?? sandbox?.url ?? '',
    timeoutMs: config.restTimeoutMs,
    retries: config.restRetries,
    concurrency: config.restConcurrency,
  })
  // Every test's traffic is one more try to make the gateway tell a credential.
  const leaks: string[] = []
  const keepLeak = (text: string) => {
    if (text.includes(defaultToken)) leaks.push(text)
  }
  const takeLine = (line: string) => {
    keepLeak(line)
    options.log?.(JSON.parse(line))
  }
  const logger = createLogger('debug', { write: takeLine })
  const inFlight = options.inFlight ?? (() => 0)
  const manifest = options.manifest ?? new Map()
  const telemetry = await startTelemetry(config, {
    load: upstream.load,
    inFlight,
    operationNames: operationNames(manifest),
    server: options.baseUrl ?? sandbox?.url ?? '',
    runtime: process,
    logger,
  })
  const app = createApp({
    config,
    upstream,
    logger,
    metrics: telemetry.metrics,
    tracing: telemetry.tracing,
    schema: options.schema ?? builtOnce(),
    examples: options.examples ?? [],
    manifest,
    isReady: options.isReady ?? (() => true),
    isDraining: options.isDraining ?? (() => false),
    inFlight,
  })
  const { metrics } = telemetry
  const isBusy = () => inFlight() > config.maxInFlight
  const listener = createRequestListener({ app, endpoint, logger, metrics, isBusy })
  const gatewayFetch = async (path: string, init?: RequestInit) =>
    app.fetch(`http://gateway.test${path}`, init ?? {})

  let closing: Promise<unknown> | undefined
  const close = async () => {
    closing ??= Promise.all([upstream.close(), sandbox?.close(), telemetry.close()])
    await closing
    keepLeak(await telemetry.metrics.registry.metrics())
    expect(leaks, 'what left the gateway with the credential in it').toEqual([])
  }
  onTestFinished(close)
  return {
    async query(document, variables, headers) {
      const response = await gatewayFetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(options.headers ?? defaultHeaders), ...headers },
        body: JSON.stringify({ query: document, variables }),
      })
      const text = await response.text()
      keepLeak(text)
      keepLeak(JSON.stringify([...response.headers]))
      return {
        data: null,
        errors: undefined,
        extensions: undefined,
        ...JSON.parse(text),
        status: response.status,
        headers: response.headers,
      }
    },
    fetch: gatewayFetch,
    get sandbox() {
      if (sandbox === undefined) throw new Error('This gateway has another upstream')
      return sandbox
    },
    requests: () => sandbox?.requests().map(({ method, path }) => `${method} ${path}`) ?? [],
    listener,
    close,
  }
}

const defaultToken = 'token-of-a-test'
const defaultHeaders = { authorization: `Bearer ${defaultToken}` }

let schema: GraphQLSchema | undefined

/** Building the schema takes longer than most tests: once a worker is enough, it holds no state. */
function builtOnce(): GraphQLSchema {
  schema ??= buildSchema()
  return schema
}
