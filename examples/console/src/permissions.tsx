import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { Answer } from './answer.tsx'
import { Columns } from './columns.tsx'
import { graphql } from './gql/index.ts'
import { PermissionHolders } from './permission-holders.tsx'
import { hrefOf } from './route.ts'

// The whole catalogue: some 130 permission groups, which are searched here for what the API has no filter for.
const PermissionGroups = graphql(`
  query PermissionGroups($account: ID!) {
    account(id: $account) {
      id
      permissionGroups(first: 500) {
        nodes {
          id
          name
          label
          ...PermissionGroupFacts
        }
      }
    }
  }
`)

type PermissionsProps = { readonly account: string; readonly open: string | undefined }

/** The permissions that there are, and who holds the one that is open. */
export function Permissions({ account, open }: PermissionsProps) {
  return (
    <Columns
      listName="Permissions"
      listHref={hrefOf(account, 'permissions')}
      open={open}
      list={<PermissionList account={account} open={open} />}
    >
      {open !== undefined && <PermissionHolders key={open} account={account} id={open} />}
    </Columns>
  )
}

function PermissionList({ account, open }: PermissionsProps) {
  const [part, setPart] = useState('')
  const answer = useQuery(PermissionGroups, { variables: { account } })
  const matches = ({ name, label }: { readonly name: string | null; readonly label: string | null }) =>
    `${name ?? ''} ${label ?? ''}`.toLowerCase().includes(part.trim().toLowerCase())
  return (
    <>
      <div className="search">
        <label>
          <span className="unseen">Part of a name or label</span>
          <input
            type="search"
            placeholder="Part of a name or label"
            value={part}
            onChange={(event) => setPart(event.target.value)}
          />
        </label>
      </div>
      <Answer to={answer} what="the permissions">
        {({ account: found }) => {
          const shown = found?.permissionGroups?.nodes.filter(matches) ?? []
          if (shown.length === 0) return <p className="empty">No permission has “{part}” in its name.</p>
          return (
            <ul className="long">
              {shown.map(({ id, name, label }) => (
                <li key={id}>
                  <a
                    className="row"
                    href={hrefOf(account, 'permissions', id)}
                    aria-current={id === open ? 'true' : undefined}
                  >
                    {name}
                    <span className="faint">{label}</span>
                  </a>
                </li>
              ))}
            </ul>
          )
        }}
      </Answer>
    </>
  )
}
