import { useMutation, useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { AddMember } from './add-member.tsx'
import { Answer } from './answer.tsx'
import { focus } from './focus.ts'
import { graphql, readFragment } from './gql/index.ts'
import { Pager, usePages } from './pager.tsx'
import { Problems } from './problems.tsx'
import { hrefOf } from './route.ts'

// The window of the page that is shown: a mutation asks for the same, and its answer takes that page's place.
const MembersOfGroup = graphql(`
  fragment MembersOfGroup on UserGroup {
    id
    members(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        tag
        email
        status
      }
      pageInfo {
        ...PageTurns
      }
    }
  }
`)

const UserGroupMembers = graphql(`
  query UserGroupMembers($group: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    node(id: $group) {
      __typename
      ...MembersOfGroup
    }
  }
`)

const AddUserGroupMember = graphql(`
  mutation AddUserGroupMember(
    $group: ID!
    $member: ID!
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    addUserGroupMembers(input: { userGroupId: $group, memberIds: [$member] }) {
      userGroup {
        ...MembersOfGroup
      }
      members {
        id
        email
      }
      userErrors {
        ...ProblemFacts
      }
    }
  }
`)

const RemoveUserGroupMember = graphql(`
  mutation RemoveUserGroupMember(
    $group: ID!
    $member: ID!
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    removeUserGroupMember(input: { userGroupId: $group, memberId: $member }) {
      userGroup {
        ...MembersOfGroup
      }
      removedMemberId
      userErrors {
        ...ProblemFacts
      }
    }
  }
`)
const pageSize = 10

type Person = { readonly id: string; readonly name: string }
type GroupMembersProps = { readonly account: string; readonly group: string }

/** Who is in a user group; takes people in, and lets them go. */
export function GroupMembers({ account, group }: GroupMembersProps) {
  const pages = usePages(pageSize)
  const variables = { group, ...pages.window }
  const answer = useQuery(UserGroupMembers, { variables })
  const [add, added] = useMutation(AddUserGroupMember, { errorPolicy: 'all' })
  const [remove, removed] = useMutation(RemoveUserGroupMember, { errorPolicy: 'all' })
  const [leaver, setLeaver] = useState<Person>()
  const isWriting = added.loading || removed.loading
  const take = async (member: string) => {
    removed.reset()
    const { data } = await add({ variables: { ...variables, member } })
    return data?.addUserGroupMembers.userErrors.length === 0
  }
  const letGo = (person: Person) => {
    added.reset()
    setLeaver(person)
    void remove({ variables: { ...variables, member: person.id } })
  }
  const newcomer = added.data?.addUserGroupMembers.members?.[0]
  const isGone = removed.data?.removeUserGroupMember.removedMemberId === leaver?.id
  return (
    <>
      <Problems
        userErrors={[
          ...(added.data?.addUserGroupMembers.userErrors ?? []),
          ...(removed.data?.removeUserGroupMember.userErrors ?? []),
        ]}
        error={added.error ?? removed.error}
      />
      <div className="notice" role="status">
        {newcomer && <p>{newcomer.email} is in the group now.</p>}
        {leaver && isGone && (
          <p className="inline">
            {leaver.name} has left the group.
            <button type="button" className="small" ref={focus} onClick={() => void take(leaver.id)}>
              Undo
            </button>
          </p>
        )}
      </div>
      <Answer to={answer} what="the members">
        {({ node }) => {
          const members = node?.__typename === 'UserGroup' ? readFragment(MembersOfGroup, node).members : null
          if (members === null) return <p className="empty">The members of this group are not to be seen.</p>
          return (
            <>
              {members.nodes.length === 0 && (
                <p className="empty">
                  {pages.number === 1 ? 'Nobody is in this group yet.' : 'Nobody is left on this page.'}
                </p>
              )}
              <ul>
                {members.nodes.map(({ id, tag, email, status }) => (
                  <li key={id} className="member">
                    <a className="row" href={hrefOf(account, 'members', id)}>
                      {email ?? tag}
                      {status !== 'ACCEPTED' && <span className="badge">{status ?? 'unknown'}</span>}
                    </a>
                    <button
                      type="button"
                      className="small"
                      disabled={isWriting}
                      aria-label={`Remove ${email ?? tag}`}
                      onClick={() => letGo({ id, name: email ?? tag })}
                    >
                      Remove
                    </button>
                  </li>
                ))}
              </ul>
              <Pager pages={pages} pageInfo={members.pageInfo} of="members" />
            </>
          )
        }}
      </Answer>
      <AddMember account={account} isWriting={isWriting} take={take} />
    </>
  )
}
