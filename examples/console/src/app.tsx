import { useQuery } from '@apollo/client/react'
import { Answer } from './answer.tsx'
import { graphql } from './gql/index.ts'
import icon from './icon.svg'
import { Members } from './members.tsx'
import { Permissions } from './permissions.tsx'
import { PriceBar } from './price-bar.tsx'
import { hrefOf, useRoute } from './route.ts'
import { UserGroups } from './user-groups.tsx'

const Accounts = graphql(`
  query Accounts {
    accounts(first: 50) {
      nodes {
        id
        tag
        name
      }
    }
  }
`)

const views = [
  { view: 'groups', title: 'User groups', View: UserGroups },
  { view: 'permissions', title: 'Permissions', View: Permissions },
  { view: 'members', title: 'Members', View: Members },
] as const

/** The whole page: an account, one of three views of it, and the price of it all. */
export function App() {
  const route = useRoute()
  const answer = useQuery(Accounts)
  const accounts = answer.data?.accounts?.nodes ?? []
  const account = (accounts.find(({ tag }) => tag === route.account) ?? accounts[0])?.tag
  return (
    <>
      <header className="top">
        <h1>
          <img src={icon} alt="" width={28} height={28} />
          Access console
        </h1>
        {account !== undefined && (
          <>
            <label>
              <span className="faint">Account</span>
              <select
                aria-label="Account"
                value={account}
                onChange={(event) => {
                  window.location.hash = hrefOf(event.target.value, route.view)
                }}
              >
                {accounts.map(({ id, tag, name }) => (
                  <option key={id} value={tag}>
                    {name ?? tag}
                  </option>
                ))}
              </select>
            </label>
            <nav className="views" aria-label="Views">
              {views.map(({ view, title }) => (
                <a
                  key={view}
                  href={hrefOf(account, view)}
                  aria-current={view === route.view ? 'page' : undefined}
                >
                  {title}
                </a>
              ))}
            </nav>
          </>
        )}
      </header>
      <main>
        <Answer to={answer} what="the accounts">
          {() => {
            if (account === undefined) return <p className="empty">These credentials can see no account.</p>
            const shown = views.find(({ view }) => view === route.view) ?? views[0]
            return <shown.View key={account} account={account} open={route.id} />
          }}
        </Answer>
      </main>
      <PriceBar />
    </>
  )
}
