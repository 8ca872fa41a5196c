import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { Answer } from './answer.tsx'
import { Columns } from './columns.tsx'
import { graphql } from './gql/index.ts'
import { Pager, usePages } from './pager.tsx'
import { hrefOf } from './route.ts'
import { UserGroup } from './user-group.tsx'

// With their policies, which come in the same call: a group that is opened then costs that of its members alone.
const UserGroupsDocument = graphql(`
  query UserGroups($account: ID!, $name: String, $first: Int, $after: String, $last: Int, $before: String) {
    account(id: $account) {
      id
      userGroups(first: $first, after: $after, last: $last, before: $before, filter: { nameContains: $name }) {
        totalCount
        nodes {
          id
          name
          ...UserGroupFacts
          policies {
            access
          }
        }
        pageInfo {
          ...PageTurns
        }
      }
    }
  }
`)
const pageSize = 10

/** The user groups of an account, and the one that is open. */
export function UserGroups({
  account,
  open,
}: {
  readonly account: string
  readonly open: string | undefined
}) {
  return (
    <Columns
      listName="User groups"
      listHref={hrefOf(account, 'groups')}
      open={open}
      list={<UserGroupList account={account} open={open} />}
    >
      {open !== undefined && <UserGroup key={open} account={account} id={open} />}
    </Columns>
  )
}

function UserGroupList({ account, open }: { readonly account: string; readonly open: string | undefined }) {
  const [name, setName] = useState('')
  const pages = usePages(pageSize)
  const answer = useQuery(UserGroupsDocument, { variables: { account, name: name || null, ...pages.window } })
  // Each search is a REST call: it waits for the person to be done with typing.
  const search = (form: FormData) => {
    setName(String(form.get('name')).trim())
    pages.restart()
  }
  return (
    <>
      <form className="search" action={search}>
        <label>
          <span className="unseen">Part of a name</span>
          <input type="search" name="name" placeholder="Part of a name" defaultValue={name} key={name} />
        </label>
        <button type="submit">Search</button>
      </form>
      <Answer to={answer} what="the user groups">
        {({ account: found }) =>
          found?.userGroups && (
            <>
              {found.userGroups.nodes.length === 0 && (
                <p className="empty">
                  {name === ''
                    ? 'This account has no user groups.'
                    : `No user group has “${name}” in its name.`}
                </p>
              )}
              <ul>
                {found.userGroups.nodes.map((group) => (
                  <li key={group.id}>
                    <a
                      className="row"
                      href={hrefOf(account, 'groups', group.id)}
                      aria-current={group.id === open ? 'true' : undefined}
                    >
                      {group.name}
                      <span className="faint">
                        {group.policies.length} {group.policies.length === 1 ? 'policy' : 'policies'}
                      </span>
                    </a>
                  </li>
                ))}
              </ul>
              <Pager
                pages={pages}
                pageInfo={found.userGroups.pageInfo}
                total={found.userGroups.totalCount}
                of="user groups"
              />
            </>
          )
        }
      </Answer>
    </>
  )
}
