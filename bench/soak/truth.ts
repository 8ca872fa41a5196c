import { get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { LoggedRequest, Sandbox } from '../../src/sandbox/server.ts'

/** What the upstream really holds, read past the gateway and past all faults. */
export type Truth = {
  /** An object in the form of the model; null where it is not there. */
  read(kind: Kind, accountTag: string, tag: string): Promise<State>
  /** The tags of the objects of a kind that have this name. */
  tagsOf(kind: Kind, accountTag: string, name: string): Promise<readonly string[]>
  /** Every object of a kind, by tag. */
  all(
    kind: Kind,
    accountTag: string,
  ): Promise<ReadonlyMap<string, { readonly name: string; readonly state: State }>>
  /**
   * Waits until what was sent so far has been read: a request that was given up a moment ago may still stand in the line of
   * connections that the upstream has not accepted, for seconds where the machine is busy.
   */
  arrived(): Promise<void>
  /** Waits until no request of this kind is under way any more: one that its caller gave up may still be done. */
  settled(isMeant: (request: LoggedRequest) => boolean): Promise<void>
  /** Every row of a list of the account. */
  rows(path: string): Promise<readonly Row[]>
}

/** The kinds of objects that can be written. */
export type Kind = 'user_groups' | 'resource_groups' | 'sso_connectors'

/** All that a write can change of an object, as JSON of one form; null where there is no object. */
export type State = string | null

export type Row = { readonly id: string; readonly [field: string]: unknown }

type Policy = {
  readonly access: string
  readonly permission_groups: readonly Row[]
  readonly resource_groups: readonly Row[]
}

/** Where the objects of a kind are. */
export function pathOf(kind: Kind, accountTag: string): string {
  return kind === 'sso_connectors'
    ? `/accounts/${accountTag}/sso_connectors`
    : `/accounts/${accountTag}/iam/${kind}`
}

/** The form in which a user group is compared: what has no order is sorted. */
export function userGroupState(group: {
  readonly name: string
  readonly policies: readonly {
    readonly access: string
    readonly permissionGroups: readonly string[]
    readonly resourceGroups: readonly string[]
  }[]
  readonly members: readonly string[]
}): string {
  const policies = group.policies.map(({ access, permissionGroups, resourceGroups }) =>
    JSON.stringify([access, permissionGroups.toSorted(), resourceGroups.toSorted()]),
  )
  return JSON.stringify([group.name, policies.toSorted(), group.members.toSorted()])
}

/** Reads over REST with a token of its own, again where a fault was in the way. */
export function createTruth(sandbox: Sandbox): Truth {
  async function result(path: string): Promise<unknown> {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      try {
        const response = await fetch(`${sandbox.url}${path}`, {
          headers: { authorization: 'Bearer auditor' },
          redirect: 'manual',
          signal: AbortSignal.timeout(1_000),
        })
        const envelope = await response.json()
        if (response.status === 404) return null
        if (response.status === 200 && envelope.success === true) return envelope.result
      } catch {
        // A fault that was meant for the gateway.
      }
      await wait(5)
    }
    throw new Error(`The truth about ${path} cannot be had`)
  }

  async function rows(path: string): Promise<readonly Row[]> {
    const found = await result(path)
    return Array.isArray(found) ? found : []
  }

  async function stateOf(kind: Kind, path: string, row: Row): Promise<State> {
    if (kind === 'resource_groups') return JSON.stringify([row.name, row.scope])
    if (kind === 'sso_connectors') {
      const verification = Object(row.verification)
      return JSON.stringify([row.email_domain, row.use_fedramp_language, verification.status])
    }
    const members = await rows(`${path}/members?per_page=500`)
    const policies = (Array.isArray(row.policies) ? row.policies : []).map((policy: Policy) => ({
      access: policy.access,
      permissionGroups: policy.permission_groups.map(({ id }) => id),
      resourceGroups: policy.resource_groups.map(({ id }) => id),
    }))
    return userGroupState({ name: String(row.name), policies, members: members.map(({ id }) => id) })
  }

  async function everyRow(kind: Kind, accountTag: string): Promise<readonly Row[]> {
    const path = pathOf(kind, accountTag)
    if (kind !== 'user_groups') return rows(path)
    return rows(`${path}?per_page=500`)
  }

  return {
    rows,
    async read(kind, accountTag, tag) {
      const path = `${pathOf(kind, accountTag)}/${tag}`
      const row = await result(path)
      return row === null ? null : stateOf(kind, path, row as Row)
    },
    async tagsOf(kind, accountTag, name) {
      const found = await everyRow(kind, accountTag)
      return found.filter((row) => nameOf(row) === name).map(({ id }) => id)
    },
    async all(kind, accountTag) {
      const found = await everyRow(kind, accountTag)
      const entries = found.map(async (row): Promise<[string, { name: string; state: State }]> => {
        const state = await stateOf(kind, `${pathOf(kind, accountTag)}/${row.id}`, row)
        return [row.id, { name: nameOf(row), state }]
      })
      return new Map(await Promise.all(entries))
    },
    async arrived() {
      // The line is served in order: a connection of our own comes after them all. Then each turn reads what they brought.
      await new Promise<void>((resolve, reject) => {
        const { origin } = new URL(sandbox.url)
        const request = get(`${origin}/__sandbox`, { agent: false }, (response) => {
          response.resume().once('end', resolve)
        })
        request.once('error', reject)
      })
      for (let turn = 0; turn < 3; turn += 1) await wait(10)
    },
    async settled(isMeant) {
      const isUnderWay = (request: LoggedRequest) => request.durationMs === null && isMeant(request)
      while (sandbox.requests().some(isUnderWay)) await wait(5)
    },
  }
}

function nameOf(row: Row): string {
  return String(row.name ?? row.email_domain)
}
