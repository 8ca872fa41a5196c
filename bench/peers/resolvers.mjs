import { readFileSync } from 'node:fs'
import { Pool } from 'undici'

// A schema over the REST API as one writes it for a framework: a resolver where a name or a value differs, a call where
// there is a list. The same for every framework that takes it.

export const typeDefs = readFileSync(new URL('./type-defs.graphql', import.meta.url), 'utf8')

const { origin, pathname } = new URL(process.env.CLOUDFLARE_BASE_URL ?? '')
const pool = new Pool(origin, { connections: 256 })

/** The rows of a list, asked for with the caller's own credentials. */
async function list(path, { authorization }) {
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path: pathname + path,
    headers: { accept: 'application/json', authorization },
  })
  const { success, result } = await body.json()
  if (statusCode !== 200 || !success) throw new Error(`GET ${path}: ${statusCode}`)
  return result ?? []
}

const globalId = (prefix) => (row) => `${prefix}_${row.account}${row.id}`
const ofAccount = (account) => (row) => ({ ...row, account })
const inMilliseconds = (instant) => new Date(instant).toISOString()

export const resolvers = {
  Query: { account: (_root, { id }) => ({ id }) },
  Account: {
    userGroups: async ({ id }, { first }, context) => {
      const rows = await list(`/accounts/${id}/iam/user_groups?page=1&per_page=${first}`, context)
      return { nodes: rows.map(ofAccount(id)) }
    },
  },
  UserGroup: {
    id: globalId('ug'),
    createdOn: ({ created_on }) => inMilliseconds(created_on),
    modifiedOn: ({ modified_on }) => inMilliseconds(modified_on),
    policies: ({ account, policies }) => policies.map(ofAccount(account)),
    members: async ({ account, id }, { first }, context) => {
      const path = `/accounts/${account}/iam/user_groups/${id}/members?page=1&per_page=${first}`
      return { nodes: (await list(path, context)).map(ofAccount(account)) }
    },
  },
  Policy: {
    access: ({ access }) => access.toUpperCase(),
    permissionGroups: ({ account, permission_groups }) => permission_groups.map(ofAccount(account)),
    resourceGroups: ({ account, resource_groups }) => resource_groups.map(ofAccount(account)),
  },
  PermissionGroup: { id: globalId('pg') },
  ResourceGroup: { id: globalId('rg') },
  Member: { id: globalId('me'), status: ({ status }) => status.toUpperCase() },
}

/** Says where a server listens, in a line that the measurement reads. */
export function announce(url) {
  process.stdout.write(`${JSON.stringify({ url, msg: 'listening' })}\n`)
}
