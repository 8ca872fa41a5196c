import type { Sandbox } from '../../src/sandbox/server.ts'

/** Identifiers of a small company, which a sandbox has with these sizes. */
export type Company = {
  readonly account: string
  /** By name; each holds some members, but not everybody. */
  readonly groups: readonly [string, string, string, string]
  /** Where the first of them is in the list of all. */
  readonly firstGroupAt: number
  /** Members of the account; the first is in the first group, and the last is in none of them. */
  readonly insider: string
  readonly outsider: string
  readonly resourceGroup: string
  /** An SSO connector whose verification has not begun. */
  readonly connector: string
}

/** Large enough for every kind of call, small enough to be made for each test. */
export const companySizes = { userGroups: 8, members: 20, permissionGroups: 10, resourceGroups: 6 } as const

/** Everything that a write could change, without what every write changes anyway. */
export type State = {
  readonly userGroups: readonly unknown[]
  readonly resourceGroups: readonly unknown[]
  readonly connectors: readonly unknown[]
}

type Row = { readonly id: string; readonly name?: string; readonly [field: string]: unknown }

/** Reads the identifiers over REST. */
export async function readCompany(sandbox: Sandbox): Promise<Company> {
  const account = sandbox.accountTag
  const rows = async (path: string) => list(sandbox, `/accounts/${account}${path}`)
  const groups = (await rows('/iam/user_groups')).map(({ id }) => id)
  const membersOf = await Promise.all(groups.map((id) => rows(`/iam/user_groups/${id}/members`)))
  const [first, second, third, fourth] = groups.filter((_, index) => isSome(membersOf[index]?.length ?? 0))
  const insider = membersOf[groups.indexOf(first ?? '')]?.[0]?.id
  const everyone = (await rows('/members?per_page=50')).map(({ id }) => id)
  const eligible = everyone.filter((id) => id !== sandbox.landmarks.memberWithoutDsr)
  const outsider = eligible.find((id) =>
    membersOf[groups.indexOf(first ?? '')]?.every((row) => row.id !== id),
  )
  const resourceGroup = (await rows('/iam/resource_groups')).at(-1)?.id
  const connector = (await rows('/sso_connectors')).find(isAwaiting)?.id
  if (!first || !second || !third || !fourth || !insider || !outsider || !resourceGroup || !connector) {
    throw new Error('The sandbox has another company')
  }
  const firstGroupAt = groups.indexOf(first)
  return {
    account,
    groups: [first, second, third, fourth],
    firstGroupAt,
    insider,
    outsider,
    resourceGroup,
    connector,
  }
}

/** Reads the state over REST. */
export async function readState(sandbox: Sandbox, account: string): Promise<State> {
  const rows = async (path: string) => list(sandbox, `/accounts/${account}${path}`)
  const groups = await rows('/iam/user_groups')
  const members = await Promise.all(groups.map(({ id }) => rows(`/iam/user_groups/${id}/members`)))
  return {
    userGroups: groups.map(({ id, name, policies }, index) => ({
      id,
      name,
      policies: withoutIds(policies),
      members: members[index]?.map((member) => member.id),
    })),
    resourceGroups: (await rows('/iam/resource_groups')).map(({ id, name, scope }) => ({ id, name, scope })),
    connectors: (await rows('/sso_connectors')).map(({ updated_on: _, created_on: __, ...row }) => row),
  }
}

async function list(sandbox: Sandbox, path: string): Promise<readonly Row[]> {
  const response = await fetch(`${sandbox.url}${path}`, { headers: { authorization: 'Bearer auditor' } })
  const { result } = (await response.json()) as { readonly result: readonly Row[] | null }
  return result ?? []
}

// Every update gives policies fresh ids (quirk 30).
function withoutIds(policies: unknown): unknown {
  return Array.isArray(policies) ? policies.map(({ id: _, ...policy }: Row) => policy) : policies
}

function isAwaiting({ verification }: Row): boolean {
  return JSON.stringify(verification).includes('awaiting')
}

function isSome(members: number): boolean {
  return members > 1 && members < companySizes.members - 5
}
