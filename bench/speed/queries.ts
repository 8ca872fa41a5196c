import { encodeGlobalId } from '../../src/schema/global-id.ts'

/** What the upstream of a run has. Cloudflare's own tags. */
export type Tags = {
  readonly account: string
  readonly userGroups: readonly string[]
  readonly permissionGroups: readonly string[]
}

/** A query that is timed; the hand-written endpoint of the same name gives the same answer. */
export type TimedQuery = {
  readonly name: string
  readonly title: string
  readonly document: string
  readonly variables: (tags: Tags) => Readonly<Record<string, unknown>>
  /** REST calls that have to wait for one another, at the least. */
  readonly roundTrips: number
}

const forAccount = ({ account }: Tags) => ({ account })

/** From what costs nothing upstream to what a console asks for. */
export const timedQueries: readonly TimedQuery[] = [
  {
    name: 'typename',
    title: '`__typename`',
    document: '{ __typename }',
    variables: () => ({}),
    roundTrips: 0,
  },
  {
    name: 'flat',
    title: 'Flat list: 50 user groups',
    document: /* GraphQL */ `
      query Flat($account: ID!) {
        account(id: $account) {
          userGroups(first: 50) { nodes { id name createdOn modifiedOn } }
        }
      }
    `,
    variables: forAccount,
    roundTrips: 1,
  },
  {
    name: 'nested',
    title: 'Nested: 50 user groups with their policies',
    document: /* GraphQL */ `
      query Nested($account: ID!) {
        account(id: $account) {
          userGroups(first: 50) {
            nodes {
              id
              name
              policies {
                access
                permissionGroups { id name }
                resourceGroups { id name }
              }
            }
          }
        }
      }
    `,
    variables: forAccount,
    roundTrips: 1,
  },
  {
    name: 'fan-out',
    title: 'Fan-out: 20 user groups with their members',
    document: /* GraphQL */ `
      query FanOut($account: ID!) {
        account(id: $account) {
          userGroups(first: 20) {
            nodes {
              id
              name
              members(first: 20) { nodes { id email status } }
            }
          }
        }
      }
    `,
    variables: forAccount,
    roundTrips: 2,
  },
  {
    name: 'console',
    title: 'Console page: permissions, who holds them, through which group, names',
    document: /* GraphQL */ `
      query Console($account: ID!) {
        account(id: $account) {
          permissionGroups(first: 10) {
            nodes {
              id
              name
              userGroups(first: 3) {
                nodes {
                  id
                  name
                  members(first: 5) { nodes { id email user { firstName lastName } } }
                }
              }
            }
          }
        }
      }
    `,
    variables: forAccount,
    // Permissions, user groups, members, and names in two: their first page tells how many there are.
    roundTrips: 5,
  },
  {
    name: 'nodes',
    title: '100 permission groups by `nodes(ids:)`',
    document: /* GraphQL */ `
      query Nodes($ids: [ID!]!) {
        nodes(ids: $ids) { id ... on PermissionGroup { name label } }
      }
    `,
    variables: ({ account, permissionGroups }) => ({
      ids: permissionGroups.slice(0, 100).map((tag) => encodeGlobalId('PermissionGroup', account, tag)),
    }),
    roundTrips: 2,
  },
  {
    name: 'entities',
    title: '30 user groups by `_entities`',
    document: /* GraphQL */ `
      query Entities($representations: [_Any!]!) {
        _entities(representations: $representations) { ... on UserGroup { id name modifiedOn } }
      }
    `,
    variables: ({ account, userGroups }) => ({
      representations: userGroups.slice(0, 30).map((tag) => ({
        __typename: 'UserGroup',
        id: encodeGlobalId('UserGroup', account, tag),
      })),
    }),
    roundTrips: 1,
  },
  {
    name: 'mutation',
    title: 'Mutation: rename a user group',
    document: /* GraphQL */ `
      mutation Rename($input: UpdateUserGroupInput!) {
        updateUserGroup(input: $input) {
          userGroup { id name modifiedOn }
          userErrors { code message field }
        }
      }
    `,
    variables: ({ account, userGroups: [tag = ''] }) => ({
      input: { id: encodeGlobalId('UserGroup', account, tag), name: 'Renamed' },
    }),
    roundTrips: 2,
  },
]

/** The nested query with more rows, or fewer. */
export function nestedOf(rows: number): TimedQuery {
  const nested = queryNamed('nested')
  return {
    ...nested,
    title: `${rows} user groups with their policies`,
    document: nested.document.replace('first: 50', `first: ${rows}`),
    variables: (tags) => ({ ...nested.variables(tags), first: rows }),
  }
}

/** The timed query of this name. @throws where there is none. */
export function queryNamed(name: string): TimedQuery {
  const query = timedQueries.find((one) => one.name === name)
  if (query === undefined)
    throw new Error(`There is no query ${name}, but ${timedQueries.map((one) => one.name).join(', ')}`)
  return query
}

/** Reads the tags that the queries need from an upstream. */
export async function readTags(url: string, account: string): Promise<Tags> {
  const list = async (path: string): Promise<readonly string[]> => {
    const headers = { authorization: 'Bearer bench' }
    const response = await fetch(`${url}/accounts/${account}/iam/${path}`, { headers })
    const { result } = (await response.json()) as { readonly result: readonly { readonly id: string }[] }
    return result.map(({ id }) => id)
  }
  const [userGroups, ...permissionGroups] = await Promise.all([
    list('user_groups?page=1&per_page=50'),
    ...[1, 2].map((page) => list(`permission_groups?page=${page}&per_page=50`)),
  ])
  return { account, userGroups, permissionGroups: permissionGroups.flat() }
}
