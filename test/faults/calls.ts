import type { Company } from './company.ts'

/** A response path. */
export type Place = readonly (string | number)[]

/** An operation that makes the REST call which a fault meets. */
export type FaultyCall = {
  readonly call: string
  /** How the call may be repeated: see `Fault.attempts`. */
  readonly repeats: 'read' | 'put' | 'post'
  readonly document: string
  readonly variables: (company: Company) => Readonly<Record<string, unknown>>
  /** The REST call, by method and path below `/accounts/{account}`. */
  readonly meets: (company: Company) => { readonly method: string; readonly path: string }
  /** Where the errors are when it fails; what is there is null then, and everything else stands. */
  readonly lost: (company: Company) => readonly Place[]
}

const rest = 'ssoConnectors { nodes { tag emailDomain } }'

/** Every kind of call: reads alone, many at once, and each way to write. */
export const reads: readonly FaultyCall[] = [
  {
    call: 'list',
    repeats: 'read',
    document: `query ($account: ID!) { account(id: $account) { tag userGroups(first: 3) { nodes { name } } ${rest} } }`,
    variables: ({ account }) => ({ account }),
    meets: () => ({ method: 'GET', path: '/iam/user_groups' }),
    lost: () => [['account', 'userGroups']],
  },
  {
    call: 'list of one page',
    repeats: 'read',
    document: `query ($account: ID!) { account(id: $account) { resourceGroups(first: 3) { nodes { name } } ${rest} } }`,
    variables: ({ account }) => ({ account }),
    meets: () => ({ method: 'GET', path: '/iam/resource_groups' }),
    lost: () => [['account', 'resourceGroups']],
  },
  {
    call: 'get',
    repeats: 'read',
    document: `query ($account: ID!, $group: ID!) { account(id: $account) { userGroup(id: $group) { name } ${rest} } }`,
    variables: ({ account, groups }) => ({ account, group: groups[0] }),
    meets: ({ groups }) => ({ method: 'GET', path: `/iam/user_groups/${groups[0]}` }),
    lost: () => [['account', 'userGroup']],
  },
  {
    call: 'by-tag batch, one by one',
    repeats: 'read',
    document: /* GraphQL */ `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on UserGroup { name } ... on SSOConnector { emailDomain } } }`,
    variables: ({ account, groups, connector }) => ({
      ids: [`ug_${account}${groups[0]}`, `ug_${account}${groups[1]}`, `sc_${account}${connector}`],
    }),
    meets: ({ groups }) => ({ method: 'GET', path: `/iam/user_groups/${groups[1]}` }),
    lost: () => [['nodes', 1]],
  },
  {
    call: 'by-tag batch, as a list',
    repeats: 'read',
    document: /* GraphQL */ `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on UserGroup { name } ... on SSOConnector { emailDomain } } }`,
    variables: ({ account, groups, connector }) => ({
      ids: [...groups.map((tag) => `ug_${account}${tag}`), `sc_${account}${connector}`],
    }),
    meets: () => ({ method: 'GET', path: '/iam/user_groups' }),
    lost: () => [0, 1, 2, 3].map((index) => ['nodes', index]),
  },
  {
    call: 'fan-out',
    repeats: 'read',
    document: /* GraphQL */ `query ($account: ID!) {
      account(id: $account) { userGroups(first: 8) { nodes { name members(first: 2) { nodes { email } } } } }
    }`,
    variables: ({ account }) => ({ account }),
    meets: ({ groups }) => ({ method: 'GET', path: `/iam/user_groups/${groups[0]}/members` }),
    lost: ({ firstGroupAt }) => [['account', 'userGroups', 'nodes', firstGroupAt, 'members']],
  },
  {
    call: 'fan-out of a join',
    repeats: 'read',
    document: `query ($account: ID!, $member: ID!) {
      account(id: $account) { member(id: $member) { email userGroups { nodes { name } } } ${rest} }
    }`,
    variables: ({ account, insider }) => ({ account, member: insider }),
    meets: ({ groups }) => ({ method: 'GET', path: `/iam/user_groups/${groups[2]}/members` }),
    lost: () => [['account', 'member', 'userGroups']],
  },
]

export const writes: readonly FaultyCall[] = [
  {
    call: 'create, where names are unique',
    repeats: 'post',
    document: mutation('createUserGroup', 'userGroup { name policies { access } }'),
    variables: ({ account }) => ({ input: { accountId: account, name: 'Night Shift', policies: [] } }),
    meets: () => ({ method: 'POST', path: '/iam/user_groups' }),
    lost: () => [['createUserGroup']],
  },
  {
    call: 'create, where names are not',
    repeats: 'post',
    document: mutation('createResourceGroup', 'resourceGroup { name }'),
    variables: ({ account }) => ({
      input: {
        accountId: account,
        name: 'Night Zones',
        scope: { key: `com.cloudflare.api.account.${account}`, objects: [{ key: '*' }] },
      },
    }),
    meets: () => ({ method: 'POST', path: '/iam/resource_groups' }),
    lost: () => [['createResourceGroup']],
  },
  {
    call: 'add members',
    repeats: 'post',
    document: mutation('addUserGroupMembers', 'members { email }'),
    variables: ({ account, groups, outsider }) => ({
      input: { userGroupId: `ug_${account}${groups[0]}`, memberIds: [outsider] },
    }),
    meets: ({ groups }) => ({ method: 'POST', path: `/iam/user_groups/${groups[0]}/members` }),
    lost: () => [['addUserGroupMembers']],
  },
  {
    call: 'replace',
    repeats: 'put',
    document: mutation('updateUserGroup', 'userGroup { name policies { permissionGroups { tag } } }'),
    variables: ({ account, groups }) => ({
      input: { id: `ug_${account}${groups[0]}`, name: 'Renamed' },
    }),
    meets: ({ groups }) => ({ method: 'PUT', path: `/iam/user_groups/${groups[0]}` }),
    lost: () => [['updateUserGroup']],
  },
  {
    call: 'replace members',
    repeats: 'put',
    document: mutation('setUserGroupMembers', 'members { email }'),
    variables: ({ account, groups, insider, outsider }) => ({
      input: { userGroupId: `ug_${account}${groups[0]}`, memberIds: [insider, outsider] },
    }),
    meets: ({ groups }) => ({ method: 'PUT', path: `/iam/user_groups/${groups[0]}/members` }),
    lost: () => [['setUserGroupMembers']],
  },
  {
    call: 'change',
    repeats: 'put',
    document: mutation('updateSSOConnector', 'ssoConnector { emailDomain useFedrampLanguage }'),
    variables: ({ account, connector }) => ({
      input: { id: `sc_${account}${connector}`, useFedrampLanguage: true },
    }),
    meets: ({ connector }) => ({ method: 'PATCH', path: `/sso_connectors/${connector}` }),
    lost: () => [['updateSSOConnector']],
  },
  {
    call: 'delete',
    repeats: 'put',
    document: mutation('deleteUserGroup', 'deletedUserGroupId'),
    variables: ({ account, groups }) => ({ input: { id: `ug_${account}${groups[0]}` } }),
    meets: ({ groups }) => ({ method: 'DELETE', path: `/iam/user_groups/${groups[0]}` }),
    lost: () => [['deleteUserGroup']],
  },
  {
    call: 'remove a member',
    repeats: 'put',
    document: mutation('removeUserGroupMember', 'removedMemberId'),
    variables: ({ account, groups, insider }) => ({
      input: { userGroupId: `ug_${account}${groups[0]}`, memberId: insider },
    }),
    meets: ({ groups, insider }) => ({
      method: 'DELETE',
      path: `/iam/user_groups/${groups[0]}/members/${insider}`,
    }),
    lost: () => [['removeUserGroupMember']],
  },
  {
    call: 'begin verification, which answers nothing',
    repeats: 'post',
    document: mutation('beginSSOConnectorVerification', 'ssoConnector { tag }'),
    variables: ({ account, connector }) => ({ input: { id: `sc_${account}${connector}` } }),
    meets: ({ connector }) => ({ method: 'POST', path: `/sso_connectors/${connector}/begin_verification` }),
    lost: () => [['beginSSOConnectorVerification']],
  },
]

function mutation(field: string, selection: string): string {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`
  return `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} userErrors { code upstreamCode } } }`
}
