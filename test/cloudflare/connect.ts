import { onTestFinished } from 'vitest'
import type { RestClient } from '../../src/cloudflare/client.ts'
import { CloudflareError } from '../../src/cloudflare/errors.ts'
import {
  type ClientOptions,
  createUpstream,
  type RestCall,
  type Upstream,
  type UpstreamOptions,
} from '../../src/cloudflare/upstream.ts'

export const accountTag = '023e105f4ecef8ad9ca31a8372d0c353'
export const token = 'Sup3rSecretT0kenValue'

export type Connection = {
  readonly upstream: Upstream
  /** Every attempt that was reported, in the order they ended. */
  readonly calls: readonly RestCall[]
  rest(options?: Partial<ClientOptions>): RestClient
}

/** An upstream to this URL that the test closes; retries come without waiting unless `random` says else. */
export function connect(url: string, options: Partial<UpstreamOptions> = {}): Connection {
  const upstream = createUpstream({
    baseUrl: url,
    timeoutMs: 5_000,
    retries: 2,
    concurrency: 24,
    random: () => 0,
    ...options,
  })
  onTestFinished(() => upstream.close())
  const calls: RestCall[] = []
  return {
    upstream,
    calls,
    rest: (clientOptions = {}) =>
      upstream.client({
        credentials: bearer(token),
        observe: (call) => calls.push(call),
        ...clientOptions,
      }),
  }
}

export function bearer(value: string): ClientOptions['credentials'] {
  return { headers: { authorization: `Bearer ${value}` } }
}

/** The failure of a call; fails the test where the call succeeds or fails otherwise. */
export async function failureOf(call: Promise<unknown>): Promise<CloudflareError> {
  const outcome = await call.catch((error: unknown) => error)
  if (outcome instanceof CloudflareError) return outcome
  throw new Error('not a CloudflareError', { cause: outcome })
}
