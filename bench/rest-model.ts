import { type GraphQLFieldResolver, type GraphQLTypeResolver, getNamedType, isEnumType } from 'graphql'
import { type Json, type RestRows, recordOf, type Thing } from './rest-rows.ts'

/**
 * A fetch that works as DataLoader does within one request, where the API takes one key at a time: equal reads are one call, and
 * nothing else is saved.
 */
export function fetchOnce(): typeof fetch {
  const answers = new Map<string, Promise<Response>>()
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    const answer = answers.get(url) ?? fetch(input, init)
    answers.set(url, answer)
    return (await answer).clone()
  }
}

type Args = { readonly first?: number; readonly id?: string; readonly ids?: readonly string[] }
type Resolver = (source: Thing, args: Args) => unknown

/** Types by the first letters of their global ids. */
const types: Readonly<Record<string, string>> = { pg: 'PermissionGroup', ug: 'UserGroup', me: 'Member' }
const all = Number.POSITIVE_INFINITY

/**
 * The resolvers that one writes first: each field with an endpoint of its own calls it, what comes embedded is used as it came, an
 * account is fetched only for its own fields, and a join reads the lists that it is made of.
 */
export function createModel(rest: RestRows): GraphQLFieldResolver<unknown, unknown> {
  const resolvers = resolversOver(rest)
  return (source, args, _context, { parentType, fieldName, returnType }) => {
    const resolve = resolvers[`${parentType.name}.${fieldName}`]
    if (resolve !== undefined) return resolve(source as Thing, args)
    const value = fieldOf(source, fieldName)
    if (typeof value === 'function') return value()
    return isEnumType(getNamedType(returnType)) ? String(value).toUpperCase() : value
  }
}

/** The type of an object that a model answers where an interface is asked for. */
export const typeOfThing: GraphQLTypeResolver<unknown, unknown> = (thing) => (thing as Thing).type

function resolversOver(rest: RestRows): Readonly<Record<string, Resolver>> {
  const listOf =
    (type: string): Resolver =>
    ({ account }, { first = 20 }) => ({
      nodes: () => rest.listRows(type, account, first),
      totalCount: () => rest.countRows(type, account),
    })
  const objectOf =
    (type: string): Resolver =>
    ({ account }, { id = '' }) =>
      rest.getObject(type, account, id.slice(-32))
  const ofAccount =
    (field: string): Resolver =>
    async ({ account }) =>
      (await rest.getObject('Account', account, account)).record[field]
  // The members of a user group come without it.
  const ofMember =
    (field: string): Resolver =>
    async ({ account, record }) =>
      record[field] ?? (await rest.getObject('Member', account, String(record.id))).record[field]

  return {
    'Query.account': (_source, { id = '' }) => ({ type: 'Account', account: id.slice(-32), record: {} }),
    'Query.nodes': (_source, { ids = [] }) =>
      ids.map((id) => rest.getObject(types[id.slice(0, 2)] ?? '', id.slice(3, 35), id.slice(-32))),
    'Account.name': ofAccount('name'),
    'Account.userGroup': objectOf('UserGroup'),
    'Account.member': objectOf('Member'),
    'Account.userGroups': listOf('UserGroup'),
    'Account.members': listOf('Member'),
    'Account.permissionGroups': listOf('PermissionGroup'),
    'Account.resourceGroups': listOf('ResourceGroup'),
    'Account.ssoConnectors': listOf('SSOConnector'),
    'UserGroup.members': (group, { first = 20 }) => ({ nodes: () => rest.listMembers(group, first) }),
    'Member.user': ofMember('user'),
    'Member.roles': ofMember('roles'),
    'Member.userGroups': (member, { first = 20 }) => ({
      nodes: async () => (await groupsWith(rest, member)).slice(0, first),
    }),
    'Member.grants': (member, { first = 20 }) => ({
      nodes: async () => [member, ...(await groupsWith(rest, member))].flatMap(grantsOf).slice(0, first),
    }),
    'PermissionGroup.userGroups': ({ account, record }, { first = 20 }) => ({
      nodes: async () => {
        const groups = await rest.listRows('UserGroup', account, all)
        return groups
          .filter((group) => policiesOf(group).some((policy) => isOver(policy, record.id)))
          .slice(0, first)
      },
    }),
    'PermissionGroup.label': ({ record }) => recordOf(record.meta).label,
  }
}

/** The user groups that a member is in, told by the members of all of them. */
async function groupsWith(rest: RestRows, { account, record }: Thing): Promise<readonly Thing[]> {
  const groups = await rest.listRows('UserGroup', account, all)
  const members = await Promise.all(groups.map((group) => rest.listMembers(group, all)))
  return groups.filter((_, index) => members[index]?.some((member) => member.record.id === record.id))
}

function grantsOf(holder: Thing): readonly Json[] {
  return policiesOf(holder).map((policy) => ({
    policy,
    userGroup: holder.type === 'UserGroup' ? holder : null,
  }))
}

function policiesOf({ record }: Thing): readonly Json[] {
  return Array.isArray(record.policies) ? record.policies.map(recordOf) : []
}

function isOver({ permission_groups: groups }: Json, permissionGroup: unknown): boolean {
  return Array.isArray(groups) && groups.some((group) => recordOf(group).id === permissionGroup)
}

/** A field of a REST record under its name in GraphQL, or of what a resolver made. */
function fieldOf(source: unknown, name: string): unknown {
  const fields = recordOf(source)
  const record = 'record' in fields ? recordOf(fields.record) : fields
  return record[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] ?? fields[name]
}
