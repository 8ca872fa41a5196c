import type { Tags } from './queries.ts'

/** The timed queries as another schema over the same REST API has them, by name. */
export type PeerDocuments = {
  readonly documents: Readonly<Record<string, string>>
  readonly variables: (tags: Tags) => Readonly<Record<string, unknown>>
}

const typename = '{ __typename }'
const forAccount = ({ account }: Tags) => ({ account })

/** A schema that was made from an OpenAPI file; `names` says how its generator writes a name. */
export function openApiDocuments(names: (name: string) => string): PeerDocuments {
  const list = (perPage: number) =>
    `userGroups(${names('account_id')}: $account, page: 1, ${names('per_page')}: ${perPage})`
  const members = `members(${names('account_id')}: $account, page: 1, ${names('per_page')}: 20)`
  const policies = `policies { access ${names('permission_groups')} { id name } ${names('resource_groups')} { id name } }`
  const asked = (selection: string) => `query Asked($account: String!) { ${selection} }`
  return {
    variables: forAccount,
    documents: {
      typename,
      flat: asked(`${list(50)} { result { id name ${names('created_on')} ${names('modified_on')} } }`),
      nested: asked(`${list(50)} { result { id name ${policies} } }`),
      'fan-out': asked(`${list(20)} { result { id name ${members} { result { id email status } } } }`),
    },
  }
}

/** The schema of `peers/tailcall.graphql`: ours, but that a row does not know its account. */
export const tailcallDocuments: PeerDocuments = {
  variables: forAccount,
  documents: {
    typename,
    flat: tailcall(50, 'createdOn modifiedOn'),
    nested: tailcall(50, 'policies { access permissionGroups { id name } resourceGroups { id name } }'),
    'fan-out': tailcall(20, 'members(account: $account, first: 20) { nodes { id email status } }'),
  },
}

function tailcall(rows: number, selection: string): string {
  return `query Asked($account: ID!) { account(id: $account) { userGroups(first: ${rows}) { nodes { id name ${selection} } } } }`
}
