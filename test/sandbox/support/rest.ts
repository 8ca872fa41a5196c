import { onTestFinished } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/server.ts'

/** An answer of the API; `T` is what the test relies on `result` to be. */
export type Answer<T> = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly success: boolean
  readonly errors: readonly WireError[]
  readonly messages?: readonly unknown[]
  readonly result: T
  readonly result_info?: Readonly<Record<string, number>>
}

export type WireError = {
  readonly code: number
  readonly message: string
  readonly source?: { readonly pointer: string }
  readonly error_chain?: readonly { readonly code: number; readonly message: string }[]
}

export type Row = { readonly id: string; readonly name?: string }
export type WirePolicy = {
  readonly id: string
  readonly access: string
  readonly permission_groups: readonly (Row & { readonly meta: Readonly<Record<string, string>> })[]
  readonly resource_groups: readonly (Row & { readonly scope: unknown })[]
}
export type WireUserGroup = Row & {
  readonly name: string
  readonly created_on: string
  readonly modified_on: string
  readonly policies: readonly WirePolicy[]
}
export type WireGroupMember = { readonly id: string; readonly email: string; readonly status: string }

export type Rest = {
  readonly sandbox: Sandbox
  /** `/accounts/TAG` of the first account. */
  readonly account: string
  call<T>(method: string, path: string, options?: CallOptions): Promise<Answer<T>>
  get<T>(path: string): Promise<Answer<T>>
  /** Steers the sandbox over HTTP; `path` is below `/__sandbox`. */
  control(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>
}

export type CallOptions = {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Starts a sandbox that the test owns, and speaks plain HTTP to it. */
export async function startRest(options?: SandboxOptions): Promise<Rest> {
  const sandbox = await startSandbox(options)
  onTestFinished(() => sandbox.close())

  async function call<T>(method: string, path: string, { body, headers = {} }: CallOptions = {}) {
    const response = await fetch(`${sandbox.url}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    const envelope = (isJson ? JSON.parse(text) : {}) as Answer<T>
    return { ...envelope, status: response.status, headers: response.headers, text }
  }

  return {
    sandbox,
    account: `/accounts/${sandbox.accountTag}`,
    call,
    get: (path) => call('GET', path),
    async control(method, path, body) {
      const response = await fetch(`${sandbox.controlUrl}${path}`, {
        method,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      return { status: response.status, body: await response.json() }
    },
  }
}

/** The identifier of a seeded object that the test cannot do without. */
export function known(tag: string | undefined): string {
  if (tag === undefined) throw new Error('the seed has no such object')
  return tag
}

/** The first row, which the test relies on. */
export function first<T>(rows: readonly T[] | null): T {
  const row = rows?.[0]
  if (row === undefined) throw new Error('the list is empty')
  return row
}
