import { expect } from 'vitest'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { isContracted } from './contract.ts'

/** A gateway that is asked all kinds of things. */
export type SaneGateway = {
  readonly gateway: Gateway
  /**
   * Sends a request to `/graphql` and fails where its answer shows a fault of the gateway's own: a 5xx, an error that it did
   * not foresee, something that is no JSON, or a REST call that the API does not have. Gives the codes of its errors.
   */
  ask(init: RequestInit, search?: string): Promise<readonly string[]>
  /** The same for an operation as JSON in a POST, with a token. */
  askQuery(query: unknown, variables?: unknown): Promise<readonly string[]>
}

/** With few and cheap REST calls for each operation. */
export async function startSaneGateway(): Promise<SaneGateway> {
  const unexpected: unknown[] = []
  const gateway = await startGateway({
    sandbox: {
      seed: { userGroups: 5, members: 8, permissionGroups: 6, resourceGroups: 4 },
      rateLimit: { calls: 100_000_000, windowSeconds: 300 },
    },
    config: { maxRestCalls: 40 },
    log: (line) => {
      if (typeof line.level === 'number' && line.level >= 50) unexpected.push(line)
    },
  })

  const { sandbox, requests, fetch } = gateway

  async function ask(init: RequestInit, search = ''): Promise<readonly string[]> {
    const response = await fetch(`/graphql${search}`, init)
    const text = await response.text()
    const requested = requests()
    sandbox.clearRequests()
    expect(unexpected).toEqual([])
    expect({ status: response.status, text }).toMatchObject({ status: expect.toSatisfy(isNoServerError) })
    expect(requested.filter((line) => !isContracted(line))).toEqual([])
    if (!response.headers.get('content-type')?.includes('json')) return [`status ${response.status}`]
    return codesOf(JSON.parse(text))
  }

  return {
    gateway,
    ask,
    askQuery: (document, variables) =>
      ask({
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer somebody' },
        body: JSON.stringify({ query: document, variables }),
      }),
  }
}

function isNoServerError(status: unknown): boolean {
  return typeof status === 'number' && status < 500
}

function codesOf({
  errors,
}: {
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[]
}) {
  return errors === undefined ? ['none'] : errors.map(({ extensions }) => String(extensions?.code))
}
