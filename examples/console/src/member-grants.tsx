import { useQuery } from '@apollo/client/react'
import { Answer } from './answer.tsx'
import { graphql } from './gql/index.ts'
import { PolicyList } from './policy-list.tsx'
import { hrefOf } from './route.ts'

// Finding the groups of one member reads the members of them all, whatever the window: so all grants are asked for at once.
const MemberGrantsDocument = graphql(`
  query MemberGrants($id: ID!) {
    node(id: $id) {
      __typename
      ... on Member {
        id
        grants(first: 500) {
          nodes {
            userGroup {
              id
              name
            }
            policy {
              ...PolicyFacts
            }
          }
        }
      }
    }
  }
`)

type MemberGrantsProps = { readonly account: string; readonly id: string }

/** Every policy that reaches a member, by the way it takes: the member's own, or through a user group. */
export function MemberGrants({ account, id }: MemberGrantsProps) {
  const answer = useQuery(MemberGrantsDocument, { variables: { id } })
  return (
    <Answer to={answer} what="the policies that reach this member">
      {({ node }) => {
        const grants = (node?.__typename === 'Member' && node.grants?.nodes) || []
        if (grants.length === 0) return <p className="empty">No policy reaches this member.</p>
        const ways = Object.entries(Object.groupBy(grants, ({ userGroup }) => userGroup?.id ?? 'own'))
        return ways.map(([way, through = []]) => {
          const group = through[0]?.userGroup
          return (
            <section key={way} className="way">
              <h4>
                {group ? (
                  <>
                    Through <a href={hrefOf(account, 'groups', group.id)}>{group.name}</a>
                  </>
                ) : (
                  'Directly'
                )}
              </h4>
              <PolicyList account={account} policies={through.map(({ policy }) => policy)} />
            </section>
          )
        })
      }}
    </Answer>
  )
}
