import { useQuery } from '@apollo/client/react'
import { Answer } from './answer.tsx'
import { graphql, readFragment } from './gql/index.ts'
import { MemberGrants } from './member-grants.tsx'

const MemberFacts = graphql(`
  fragment MemberFacts on Member {
    id
    tag
    email
    status
    user {
      firstName
      lastName
    }
    roles {
      tag
      name
      description
    }
  }
`)

const MemberDocument = graphql(`
  query Member($id: ID!) {
    node(id: $id) {
      __typename
      ...MemberFacts
    }
  }
`)

type MemberProps = { readonly account: string; readonly id: string }

/** One member: who it is, the account roles it holds, and every policy that reaches it. */
export function Member({ account, id }: MemberProps) {
  const answer = useQuery(MemberDocument, { variables: { id } })
  return (
    <>
      <Answer to={answer} what="the member">
        {({ node }) => {
          if (node?.__typename !== 'Member') return <p className="empty">There is no such member.</p>
          const { tag, email, status, user, roles } = readFragment(MemberFacts, node)
          const name = [user?.firstName, user?.lastName].filter((part) => part).join(' ')
          return (
            <>
              <h2>{name || (email ?? tag)}</h2>
              <p className="faint">
                {email} {status !== 'ACCEPTED' && <span className="badge">{status ?? 'unknown'}</span>}
              </p>
              <h3>Account roles</h3>
              {!roles?.length && <p className="faint">None.</p>}
              <ul className="cards">
                {roles?.map((role) => (
                  <li key={role.tag} className="card">
                    <p>{role.name ?? role.tag}</p>
                    <p className="faint">{role.description}</p>
                  </li>
                ))}
              </ul>
            </>
          )
        }}
      </Answer>
      <h3>What this member may do, and why</h3>
      <MemberGrants account={account} id={id} />
    </>
  )
}
