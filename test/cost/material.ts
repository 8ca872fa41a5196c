import type { Gateway } from '../support/gateway.ts'

/** What random operations are about: identifiers and cursors that a sandbox really has. */
export type Material = {
  /** Global ids by type. */
  readonly ids: Readonly<Record<string, readonly string[]>>
  /** Cursors by the field that gave them. */
  readonly cursors: Readonly<Record<string, readonly string[]>>
  /** Names, parts of names, labels. */
  readonly texts: readonly string[]
  /** When user groups were modified. */
  readonly times: readonly string[]
}

const everything = /* GraphQL */ `
  query Everything($account: ID!, $other: ID!) {
    account(id: $account) {
      id
      permissionGroups(first: 500) { edges { cursor node { id label } } }
      resourceGroups(first: 500) { edges { cursor node { id } } }
      userGroups(first: 9) { edges { cursor node { id name modifiedOn members(first: 3) { edges { cursor } } } } }
      last: userGroups(last: 2) { edges { cursor node { id } } }
      members(first: 500) { edges { cursor node { id } } }
      ssoConnectors { edges { cursor node { id } } }
    }
    other: account(id: $other) {
      id
    }
  }
`

type Edges = {
  readonly edges: readonly {
    readonly cursor: string
    readonly node: {
      readonly id: string
      readonly name?: string
      readonly label?: string
      readonly modifiedOn?: string
      readonly members?: Edges
    }
  }[]
}
type Everything = {
  readonly account: { readonly id: string } & Readonly<
    Record<'permissionGroups' | 'resourceGroups' | 'userGroups' | 'last' | 'members' | 'ssoConnectors', Edges>
  >
  readonly other: { readonly id: string }
}

/** Reads it from the gateway's sandbox. */
export async function readMaterial({ query, sandbox }: Gateway): Promise<Material> {
  const { data, errors } = await query<Everything>(everything, {
    account: sandbox.accountTag,
    other: sandbox.landmarks.otherAccount,
  })
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  const { account, other } = data
  const idsOf = ({ edges }: Edges) => edges.map(({ node }) => node.id)
  const cursorsOf = ({ edges }: Edges) => edges.map(({ cursor }) => cursor)
  const nodes = account.userGroups.edges.map(({ node }) => node)
  return {
    ids: {
      Account: [account.id, account.id, account.id, other.id],
      PermissionGroup: idsOf(account.permissionGroups),
      ResourceGroup: idsOf(account.resourceGroups),
      UserGroup: idsOf(account.userGroups),
      Member: idsOf(account.members),
      SSOConnector: idsOf(account.ssoConnectors),
    },
    cursors: {
      permissionGroups: cursorsOf(account.permissionGroups),
      resourceGroups: cursorsOf(account.resourceGroups),
      userGroups: [...cursorsOf(account.userGroups), ...cursorsOf(account.last)],
      members: [
        ...cursorsOf(account.members),
        ...nodes.flatMap(({ members }) => (members ? cursorsOf(members) : [])),
      ],
      ssoConnectors: cursorsOf(account.ssoConnectors),
    },
    texts: [
      nodes[0]?.name ?? '',
      'Security',
      'a',
      account.permissionGroups.edges[0]?.node.label ?? '',
      '',
      'no such name',
    ],
    times: nodes.flatMap(({ modifiedOn }) => (modifiedOn === undefined ? [] : [modifiedOn])),
  }
}
