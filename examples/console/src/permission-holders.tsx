import { useQuery } from '@apollo/client/react'
import { Answer } from './answer.tsx'
import { graphql, readFragment } from './gql/index.ts'
import { Pager, usePages } from './pager.tsx'
import { hrefOf } from './route.ts'

const PermissionGroupFacts = graphql(`
  fragment PermissionGroupFacts on PermissionGroup {
    id
    name
    label
    description
  }
`)

const PermissionGroupDocument = graphql(`
  query PermissionGroup($id: ID!) {
    node(id: $id) {
      __typename
      ...PermissionGroupFacts
    }
  }
`)

const PermissionHoldersDocument = graphql(`
  query PermissionHolders($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    node(id: $id) {
      __typename
      ... on PermissionGroup {
        id
        userGroups(first: $first, after: $after, last: $last, before: $before) {
          totalCount
          nodes {
            id
            name
            policies {
              access
              permissionGroups {
                id
              }
            }
            members(first: 5) {
              nodes {
                id
                tag
                email
              }
              pageInfo {
                hasNextPage
              }
            }
          }
          pageInfo {
            ...PageTurns
          }
        }
      }
    }
  }
`)
const pageSize = 10

type PermissionHoldersProps = { readonly account: string; readonly id: string }

/** Who holds a permission: the user groups with a policy about it, and the first of their members. */
export function PermissionHolders({ account, id }: PermissionHoldersProps) {
  const pages = usePages(pageSize)
  const permission = useQuery(PermissionGroupDocument, { variables: { id } })
  // A group whose members cannot be read leaves the others to be shown. Not from the cache: it would keep the gap.
  const holders = useQuery(PermissionHoldersDocument, {
    variables: { id, ...pages.window },
    errorPolicy: 'all',
    fetchPolicy: 'network-only',
  })
  return (
    <>
      <Answer to={permission} what="the permission">
        {({ node }) => {
          if (node?.__typename !== 'PermissionGroup')
            return <p className="empty">There is no such permission.</p>
          const { name, label, description } = readFragment(PermissionGroupFacts, node)
          return (
            <>
              <h2>{name}</h2>
              <p>{description}</p>
              {label && <code>{label}</code>}
            </>
          )
        }}
      </Answer>
      <h3>Held by</h3>
      <Answer to={holders} what="who holds it">
        {({ node }) => {
          const groups = node?.__typename === 'PermissionGroup' ? node.userGroups : null
          if (!groups) return null
          return (
            <>
              {groups.nodes.length === 0 && <p className="empty">No user group has a policy about it.</p>}
              <ul className="cards">
                {groups.nodes.map((group) => (
                  <li key={group.id} className="card">
                    <p className="inline">
                      {accessesOf(group.policies, id).map((access) => (
                        <span key={access} className={`badge ${access.toLowerCase()}`}>
                          {access}
                        </span>
                      ))}
                      <a href={hrefOf(account, 'groups', group.id)}>{group.name}</a>
                    </p>
                    <p className="inline faint">
                      {group.members === null && 'Its members could not be read.'}
                      {group.members?.nodes.length === 0 && 'Nobody is in it.'}
                      {group.members?.nodes.map((member) => (
                        <a key={member.id} href={hrefOf(account, 'members', member.id)}>
                          {member.email ?? member.tag}
                        </a>
                      ))}
                      {group.members?.pageInfo.hasNextPage && 'and more'}
                    </p>
                  </li>
                ))}
              </ul>
              <Pager pages={pages} pageInfo={groups.pageInfo} total={groups.totalCount} of="user groups" />
            </>
          )
        }}
      </Answer>
    </>
  )
}

type PolicyShape = {
  readonly access: 'ALLOW' | 'DENY' | null
  readonly permissionGroups: readonly { readonly id: string }[]
}

/** Whether policies allow a permission, deny it, or both. */
function accessesOf(policies: readonly PolicyShape[], permission: string) {
  const about = policies.filter(({ permissionGroups }) =>
    permissionGroups.some(({ id }) => id === permission),
  )
  return [...new Set(about.flatMap(({ access }) => access ?? []))]
}
