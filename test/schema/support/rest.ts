import type { Gateway } from '../../support/gateway.ts'

/** What the tests rely on in the sandbox's own records. */
export type WireGroup = {
  readonly id: string
  readonly name: string
  readonly meta?: Readonly<Record<string, string>>
}
export type WirePolicy = {
  readonly id: string
  readonly access: 'allow' | 'deny'
  readonly permission_groups: readonly WireGroup[]
  readonly resource_groups: readonly (WireGroup & { readonly scope: WireScope })[]
}
export type WireScope = { readonly key: string; readonly objects: readonly { readonly key: string }[] }
export type WireUserGroup = WireGroup & {
  readonly modified_on: string
  readonly policies: readonly WirePolicy[]
}
export type WireMember = {
  readonly id: string
  readonly email: string
  readonly status: string
  readonly policies: readonly WirePolicy[]
}

/** One record of the sandbox, read past the gateway; `path` is below the account. The request log is empty afterwards. */
export async function readOne<T>({ sandbox }: Gateway, path: string): Promise<T> {
  const response = await fetch(`${sandbox.url}/accounts/${sandbox.accountTag}${path}`)
  const { result } = await response.json()
  sandbox.clearRequests()
  return result
}

/** Every row of a list of the sandbox, in its order, read past the gateway. The request log is empty afterwards. */
export async function readAll<T>(gateway: Gateway, path: string): Promise<readonly T[]> {
  const rows: T[] = []
  const perPage = /user_groups/.test(path) ? 500 : 50
  const isPaged = !/(resource_groups|sso_connectors)$/.test(path)
  for (let page = 1; ; page += 1) {
    const query = isPaged ? `${path.includes('?') ? '&' : '?'}page=${page}&per_page=${perPage}` : ''
    const found = (await readOne<readonly T[] | null>(gateway, `${path}${query}`)) ?? []
    rows.push(...found)
    if (!isPaged || found.length < perPage) return rows
  }
}

/** What reached the sandbox, in order, with `A` for the path of the first account: `GET A/iam/user_groups?page=1&per_page=20`. */
export function callsOf({ sandbox }: Gateway): readonly string[] {
  return sandbox.requests().map(({ method, path }) => `${method} ${short(sandbox.accountTag, path)}`)
}

/** The writes among them, with their bodies. */
export function writesOf({ sandbox }: Gateway): readonly (readonly [call: string, body: unknown])[] {
  return sandbox
    .requests()
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path, body }) => [`${method} ${short(sandbox.accountTag, path)}`, body])
}

function short(accountTag: string, path: string): string {
  return path.replace(`/accounts/${accountTag}`, 'A')
}
