/** What the sandbox has that queries are about. Global ids. */
export type Ids = {
  readonly account: string
  readonly member: string
  readonly userGroups: readonly string[]
  readonly permissionGroups: readonly string[]
}

/** A query as a console over an account sends it. */
export type ConsoleQuery = {
  readonly title: string
  readonly document: string
  readonly variables: (ids: Ids) => Readonly<Record<string, unknown>>
  /** Fewer REST calls cannot answer it, whoever asks; and why. */
  readonly lowerBound: number
  readonly because: string
}

const forAccount = ({ account }: Ids) => ({ account })

/** Ten pages of a console for the access control of a company, over the default sandbox: 40 user groups, 300 members. */
export const consoleQueries: readonly ConsoleQuery[] = [
  {
    title: 'User groups with their policies',
    document: /* GraphQL */ `
      query Groups($account: ID!) {
        account(id: $account) {
          userGroups(first: 50) {
            nodes {
              name
              policies {
                access
                permissionGroups { name }
                resourceGroups { name }
              }
            }
          }
        }
      }
    `,
    variables: forAccount,
    lowerBound: 1,
    because: 'A page of 50 user groups holds their policies.',
  },
  {
    title: 'User groups with their members',
    document: /* GraphQL */ `
      query GroupsWithMembers($account: ID!) {
        account(id: $account) {
          userGroups(first: 20) {
            nodes {
              name
              members(first: 20) {
                nodes { email status }
              }
            }
          }
        }
      }
    `,
    variables: forAccount,
    lowerBound: 21,
    because: 'Each of the 20 user groups has a list of members of its own.',
  },
  {
    title: 'People behind the groups: names and roles',
    document: /* GraphQL */ `
      query People($account: ID!) {
        account(id: $account) {
          userGroups(first: 15) {
            nodes {
              name
              members(first: 10) {
                nodes {
                  email
                  user { firstName lastName }
                  roles { name }
                }
              }
            }
          }
        }
      }
    `,
    variables: forAccount,
    lowerBound: 18,
    because: 'The 15 lists of members, and the 86 people in them fill 2 pages of the account members.',
  },
  {
    title: 'The whole catalogue of permission groups',
    document: /* GraphQL */ `
      query Catalogue($account: ID!) {
        account(id: $account) {
          permissionGroups(first: 200) {
            nodes { name label }
          }
        }
      }
    `,
    variables: forAccount,
    lowerBound: 3,
    because: '130 permission groups fill 3 pages of 50.',
  },
  {
    title: 'What one member may do, and through which group',
    document: /* GraphQL */ `
      query Grants($account: ID!, $member: ID!) {
        account(id: $account) {
          member(id: $member) {
            email
            userGroups(first: 50) {
              nodes { name }
            }
            grants(first: 100) {
              nodes {
                userGroup { name }
                policy {
                  permissionGroups { name }
                }
              }
            }
          }
        }
      }
    `,
    variables: ({ account, member }) => ({ account, member }),
    lowerBound: 42,
    because: 'The member, the user groups, and the members of each of the 40: any of them may hold this one.',
  },
  {
    title: 'Access review of ten members',
    document: /* GraphQL */ `
      query Review($account: ID!) {
        account(id: $account) {
          members(first: 10) {
            nodes {
              email
              userGroups(first: 50) {
                nodes { name }
              }
            }
          }
        }
      }
    `,
    variables: forAccount,
    lowerBound: 42,
    because: 'The members, the user groups, and the members of each of the 40.',
  },
  {
    title: 'Who holds each of ten permissions',
    document: /* GraphQL */ `
      query Holders($account: ID!) {
        account(id: $account) {
          permissionGroups(first: 10) {
            nodes {
              name
              userGroups(first: 50) {
                nodes { name }
              }
            }
          }
        }
      }
    `,
    variables: forAccount,
    lowerBound: 2,
    because: 'The permission groups, and the user groups with their policies.',
  },
  {
    title: 'An overview in numbers',
    document: /* GraphQL */ `
      query Overview($account: ID!) {
        account(id: $account) {
          name
          userGroups { totalCount }
          members { totalCount }
          resourceGroups { totalCount }
          zones: resourceGroups(first: 5) {
            nodes { name }
          }
          ssoConnectors {
            nodes { emailDomain enabled }
          }
        }
      }
    `,
    variables: forAccount,
    lowerBound: 5,
    because: 'The account and four lists.',
  },
  {
    title: 'The form that edits a user group',
    document: /* GraphQL */ `
      query Form($account: ID!, $group: ID!) {
        account(id: $account) {
          userGroup(id: $group) {
            name
            policies {
              access
              permissionGroups { name }
            }
            members(first: 100) {
              nodes { email }
            }
          }
          permissionGroups(first: 200) {
            nodes { name }
          }
          resourceGroups(first: 100) {
            nodes { name }
          }
          members(first: 100) {
            nodes { email }
          }
        }
      }
    `,
    variables: ({ account, userGroups: [group] }) => ({ account, group }),
    lowerBound: 8,
    because:
      'The user group, its members, 3 pages of permission groups, the resource groups, 2 pages of members.',
  },
  {
    title: 'A client cache that asks for 90 objects by id',
    document: /* GraphQL */ `
      query Refetch($ids: [ID!]!) {
        nodes(ids: $ids) {
          __typename
          ... on PermissionGroup { label }
          ... on UserGroup { name }
        }
      }
    `,
    variables: ({ permissionGroups, userGroups }) => ({
      ids: [...permissionGroups.slice(0, 60), ...userGroups.slice(0, 30)],
    }),
    lowerBound: 3,
    because: '60 permission groups fill 2 pages, 30 user groups one.',
  },
]
