import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { Answer } from './answer.tsx'
import { Columns } from './columns.tsx'
import { graphql } from './gql/index.ts'
import { Member } from './member.tsx'
import { Pager, usePages } from './pager.tsx'
import { hrefOf } from './route.ts'

const MembersDocument = graphql(`
  query Members(
    $account: ID!
    $status: MemberStatus
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    account(id: $account) {
      id
      members(first: $first, after: $after, last: $last, before: $before, filter: { status: $status }) {
        nodes {
          id
          tag
          email
          status
          ...MemberFacts
        }
        pageInfo {
          ...PageTurns
        }
      }
    }
  }
`)
const pageSize = 10
const statuses = { All: null, Accepted: 'ACCEPTED', Pending: 'PENDING', Rejected: 'REJECTED' } as const

type MembersProps = { readonly account: string; readonly open: string | undefined }

/** Everyone in an account, and what the one who is open may do. */
export function Members({ account, open }: MembersProps) {
  return (
    <Columns
      listName="Members"
      listHref={hrefOf(account, 'members')}
      open={open}
      list={<MemberList account={account} open={open} />}
    >
      {open !== undefined && <Member key={open} account={account} id={open} />}
    </Columns>
  )
}

function MemberList({ account, open }: MembersProps) {
  const [status, setStatus] = useState<keyof typeof statuses>('All')
  const pages = usePages(pageSize)
  const answer = useQuery(MembersDocument, {
    variables: { account, status: statuses[status], ...pages.window },
  })
  return (
    <>
      <fieldset className="choice">
        <legend className="unseen">Invitation</legend>
        {(['All', 'Accepted', 'Pending', 'Rejected'] as const).map((one) => (
          <label key={one}>
            <input
              type="radio"
              className="unseen"
              name="status"
              checked={one === status}
              onChange={() => {
                setStatus(one)
                pages.restart()
              }}
            />
            {one}
          </label>
        ))}
      </fieldset>
      <Answer to={answer} what="the members">
        {({ account: found }) =>
          found?.members && (
            <>
              {found.members.nodes.length === 0 && <p className="empty">Nobody here.</p>}
              <ul>
                {found.members.nodes.map((member) => (
                  <li key={member.id}>
                    <a
                      className="row"
                      href={hrefOf(account, 'members', member.id)}
                      aria-current={member.id === open ? 'true' : undefined}
                    >
                      {member.email ?? member.tag}
                      {member.status !== 'ACCEPTED' && <span className="badge">{member.status}</span>}
                    </a>
                  </li>
                ))}
              </ul>
              <Pager pages={pages} pageInfo={found.members.pageInfo} of="members" />
            </>
          )
        }
      </Answer>
    </>
  )
}
