import { useQuery } from '@apollo/client/react'
import { Answer } from './answer.tsx'
import { type FragmentType, graphql, readFragment } from './gql/index.ts'
import { GroupMembers } from './group-members.tsx'
import { GroupName } from './group-name.tsx'
import { PolicyList } from './policy-list.tsx'

const UserGroupFacts = graphql(`
  fragment UserGroupFacts on UserGroup {
    id
    createdOn
    ...GroupNameFacts
    policies {
      ...PolicyFacts
    }
  }
`)

const UserGroupDocument = graphql(`
  query UserGroup($id: ID!) {
    node(id: $id) {
      __typename
      ...UserGroupFacts
    }
  }
`)

type UserGroupProps = { readonly account: string; readonly id: string }

/** One user group: its name, what its policies allow, and who is in it. */
export function UserGroup({ account, id }: UserGroupProps) {
  const answer = useQuery(UserGroupDocument, { variables: { id } })
  return (
    <Answer to={answer} what="the user group">
      {({ node }) =>
        node?.__typename === 'UserGroup' ? (
          <Facts account={account} group={node} />
        ) : (
          <p className="empty">There is no such user group.</p>
        )
      }
    </Answer>
  )
}

type FactsProps = { readonly account: string; readonly group: FragmentType<typeof UserGroupFacts> }

function Facts({ account, group }: FactsProps) {
  const facts = readFragment(UserGroupFacts, group)
  return (
    <>
      <GroupName group={facts} />
      <p className="faint">
        Since {new Date(facts.createdOn).toLocaleDateString('en', { dateStyle: 'long' })}
      </p>
      <h3>Policies</h3>
      {facts.policies.length === 0 ? (
        <p className="empty">This group grants nothing yet.</p>
      ) : (
        <PolicyList account={account} policies={facts.policies} />
      )}
      <h3>Members</h3>
      <GroupMembers account={account} group={facts.id} />
    </>
  )
}
