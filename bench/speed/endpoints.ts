import type { Caller, RestCalls } from './rest-calls.ts'

/** Answers one request of a frontend: `variables` as the GraphQL operation of the same name takes them. */
export type Endpoint = (rest: RestCalls, caller: Caller, variables: Variables) => Promise<unknown>

/** Whatever the request says. */
export type Variables = Readonly<Record<string, unknown>>

type Named = { readonly id: string; readonly name: string }
type PermissionGroup = Named & { readonly meta: { readonly label: string } }
type Policy = {
  readonly access: string
  readonly permission_groups: readonly Named[]
  readonly resource_groups: readonly Named[]
}
type UserGroup = Named & {
  readonly created_on: string
  readonly modified_on: string
  readonly policies: readonly Policy[]
}
type GroupMember = { readonly id: string; readonly email: string; readonly status: string }
type Member = GroupMember & {
  readonly user?: { readonly first_name: string | null; readonly last_name: string | null }
}

/** One endpoint for each timed query, written by hand: the same REST calls, and the same answer. */
export const endpoints: Readonly<Record<string, Endpoint>> = {
  typename: async () => ({ __typename: 'Query' }),

  async flat(rest, caller, { account }) {
    const { result } = await rest.get<readonly UserGroup[]>(caller, userGroups(account, 50))
    const nodes = (result ?? []).map(({ id, name, created_on, modified_on }) => ({
      id: `ug_${account}${id}`,
      name,
      createdOn: inMilliseconds(created_on),
      modifiedOn: inMilliseconds(modified_on),
    }))
    return { account: { userGroups: { nodes } } }
  },

  async nested(rest, caller, { account, first = 50 }) {
    const { result } = await rest.get<readonly UserGroup[]>(caller, userGroups(account, Number(first)))
    const nodes = (result ?? []).map(({ id, name, policies }) => ({
      id: `ug_${account}${id}`,
      name,
      policies: policies.map(({ access, permission_groups, resource_groups }) => ({
        access: access.toUpperCase(),
        permissionGroups: permission_groups.map((group) => ({
          id: `pg_${account}${group.id}`,
          name: group.name,
        })),
        resourceGroups: resource_groups.map((group) => ({
          id: `rg_${account}${group.id}`,
          name: group.name ?? null,
        })),
      })),
    }))
    return { account: { userGroups: { nodes } } }
  },

  async 'fan-out'(rest, caller, { account }) {
    const { result } = await rest.get<readonly UserGroup[]>(caller, userGroups(account, 20))
    const nodes = await Promise.all(
      (result ?? []).map(async ({ id, name }) => {
        const path = `/accounts/${account}/iam/user_groups/${id}/members?page=1&per_page=20`
        const { result: members } = await rest.get<readonly GroupMember[]>(caller, path)
        const shown = (members ?? []).map((member) => ({
          id: `me_${account}${member.id}`,
          email: member.email,
          status: member.status.toUpperCase(),
        }))
        return { id: `ug_${account}${id}`, name, members: { nodes: shown } }
      }),
    )
    return { account: { userGroups: { nodes } } }
  },

  async console(rest, caller, { account }) {
    const permissionPath = `/accounts/${account}/iam/permission_groups?page=1&per_page=10`
    const permissions = await rest.get<readonly PermissionGroup[]>(caller, permissionPath)
    const groups = await wholeList<UserGroup>(rest, caller, 500, (page) => userGroups(account, 500, page))
    const holders = new Map<string, readonly UserGroup[]>()
    for (const { id } of permissions.result ?? []) {
      const grants = ({ policies }: UserGroup) =>
        policies.some((policy) => policy.permission_groups.some((group) => group.id === id))
      holders.set(id, groups.filter(grants).slice(0, 3))
    }
    const members = new Map<string, readonly GroupMember[]>()
    await Promise.all(
      [...new Set([...holders.values()].flat())].map(async ({ id }) => {
        const path = `/accounts/${account}/iam/user_groups/${id}/members?page=1&per_page=5`
        members.set(id, (await rest.get<readonly GroupMember[]>(caller, path)).result ?? [])
      }),
    )
    const isAnybody = [...members.values()].some((rows) => rows.length > 0)
    const rows = !isAnybody
      ? []
      : await wholeList<Member>(
          rest,
          caller,
          50,
          (page) => `/accounts/${account}/members?order=user.email&page=${page}&per_page=50`,
        )
    const people = new Map(rows.map((member) => [member.id, member]))
    const showMember = ({ id, email }: GroupMember) => {
      const user = people.get(id)?.user
      return {
        id: `me_${account}${id}`,
        email,
        user: user === undefined ? null : { firstName: user.first_name, lastName: user.last_name },
      }
    }
    const showGroup = ({ id, name }: UserGroup) => ({
      id: `ug_${account}${id}`,
      name,
      members: { nodes: (members.get(id) ?? []).map(showMember) },
    })
    const nodes = (permissions.result ?? []).map(({ id, name }) => ({
      id: `pg_${account}${id}`,
      name,
      userGroups: { nodes: (holders.get(id) ?? []).map(showGroup) },
    }))
    return { account: { permissionGroups: { nodes } } }
  },

  async nodes(rest, caller, { ids }) {
    const [first = ''] = ids as readonly string[]
    const account = first.slice(3, 35)
    const found = new Map<string, PermissionGroup>()
    const wanted = (ids as readonly string[]).map((id) => id.slice(35))
    for (let page = 1; wanted.some((tag) => !found.has(tag)); page += 1) {
      const path = `/accounts/${account}/iam/permission_groups?page=${page}&per_page=50`
      const { result } = await rest.get<readonly PermissionGroup[]>(caller, path)
      for (const group of result ?? []) found.set(group.id, group)
      if ((result ?? []).length < 50) break
    }
    const nodes = wanted.map((tag) => {
      const group = found.get(tag)
      return group === undefined
        ? null
        : { id: `pg_${account}${tag}`, name: group.name, label: group.meta.label }
    })
    return { nodes }
  },

  async entities(rest, caller, { representations }) {
    const ids = (representations as readonly { readonly id: string }[]).map(({ id }) => id)
    const account = ids[0]?.slice(3, 35)
    const { result } = await rest.get<readonly UserGroup[]>(caller, userGroups(account, 500))
    const found = new Map((result ?? []).map((group) => [group.id, group]))
    const entities = ids.map((id) => {
      const group = found.get(id.slice(35))
      return group === undefined
        ? null
        : { id, name: group.name, modifiedOn: inMilliseconds(group.modified_on) }
    })
    return { _entities: entities }
  },

  async mutation(rest, caller, { input }) {
    const { id, name } = input as Named
    const [account, tag] = [id.slice(3, 35), id.slice(35)]
    const path = `/accounts/${account}/iam/user_groups/${tag}`
    const { result: before } = await rest.get<UserGroup>(caller, path)
    const policies = (before?.policies ?? []).map(({ access, permission_groups, resource_groups }) => ({
      access,
      permission_groups: permission_groups.map((group) => ({ id: group.id })),
      resource_groups: resource_groups.map((group) => ({ id: group.id })),
    }))
    const { result: after } = await rest.put<UserGroup>(caller, path, { name, policies })
    const userGroup = after && { id, name: after.name, modifiedOn: inMilliseconds(after.modified_on) }
    return { updateUserGroup: { userGroup, userErrors: [] } }
  },
}

/** All pages of a list that tells its length: the first one, then the others together. */
async function wholeList<Row>(
  rest: RestCalls,
  caller: Caller,
  rows: number,
  pathOf: (page: number) => string,
): Promise<readonly Row[]> {
  const first = await rest.get<readonly Row[]>(caller, pathOf(1))
  const pages = Math.ceil((first.result_info?.total_count ?? 0) / rows)
  const others = await Promise.all(
    Array.from({ length: Math.max(0, pages - 1) }, (_, index) =>
      rest.get<readonly Row[]>(caller, pathOf(index + 2)),
    ),
  )
  return [first, ...others].flatMap(({ result }) => result ?? [])
}

// The upstream writes as many digits as it pleases.
function inMilliseconds(instant: string): string {
  return new Date(instant).toISOString()
}

function userGroups(account: unknown, rows: number, page = 1): string {
  return `/accounts/${account}/iam/user_groups?page=${page}&per_page=${rows}`
}
