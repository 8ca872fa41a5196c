import { type FragmentType, graphql, readFragment } from './gql/index.ts'
import { hrefOf } from './route.ts'

const PolicyFacts = graphql(`
  fragment PolicyFacts on Policy {
    tag
    access
    permissionGroups {
      id
      tag
      name
    }
    resourceGroups {
      id
      tag
      name
    }
  }
`)

type PolicyListProps = {
  readonly account: string
  readonly policies: readonly FragmentType<typeof PolicyFacts>[]
}

/** What policies allow or deny, and where. */
export function PolicyList({ account, policies }: PolicyListProps) {
  return (
    <ul className="cards">
      {readFragment(PolicyFacts, policies).map(({ tag, access, permissionGroups, resourceGroups }, place) => (
        <li key={tag ?? place} className="card">
          <p className="inline">
            <span className={`badge ${access?.toLowerCase() ?? ''}`}>{access ?? 'unknown'}</span>
            {permissionGroups.map((permission) => (
              <a key={permission.id} className="chip" href={hrefOf(account, 'permissions', permission.id)}>
                {permission.name ?? permission.tag}
              </a>
            ))}
          </p>
          <p className="faint">on {resourceGroups.map((group) => group.name ?? group.tag).join(', ')}</p>
        </li>
      ))}
    </ul>
  )
}
