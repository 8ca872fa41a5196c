import type Cloudflare from 'cloudflare'

/** A record of the REST API, as it came. */
export type Json = Readonly<Record<string, unknown>>

/** An object with the account that it was read in. */
export type Thing = { readonly type: string; readonly account: string; readonly record: Json }

/** What the official package gives of an account: one object, rows until there are enough, and totals. */
export type RestRows = {
  getObject(type: string, account: string, id: string): Promise<Thing>
  /** Pages as the package does: until there are `first` rows, or a page is empty; never led by totals. */
  listRows(type: string, account: string, first: number): Promise<readonly Thing[]>
  listMembers(userGroup: Thing, first: number): Promise<readonly Thing[]>
  countRows(type: string, account: string): Promise<number | null>
}

/** Reads through the official package, in the largest pages that serve. */
export function createRestRows({ accounts, iam }: Cloudflare): RestRows {
  const getters: Readonly<Record<string, (account: string, id: string) => PromiseLike<unknown>>> = {
    Account: (account) => accounts.get({ account_id: account }),
    PermissionGroup: (account, id) => iam.permissionGroups.get(id, { account_id: account }),
    UserGroup: (account, id) => iam.userGroups.get(id, { account_id: account }),
    Member: (account, id) => accounts.members.get(id, { account_id: account }),
  }
  const listers: Readonly<
    Record<string, (account: string, first: number) => AsyncIterable<unknown> & PromiseLike<unknown>>
  > = {
    PermissionGroup: (account, first) =>
      iam.permissionGroups.list({ account_id: account, per_page: pageSize(first, 5, 50) }),
    ResourceGroup: (account) => iam.resourceGroups.list({ account_id: account }),
    UserGroup: (account, first) =>
      iam.userGroups.list({ account_id: account, per_page: pageSize(first, 1, 500) }),
    Member: (account, first) =>
      accounts.members.list({ account_id: account, order: 'user.email', per_page: pageSize(first, 5, 50) }),
    SSOConnector: (account) => iam.sso.list({ account_id: account }),
  }
  const find = <T>(verbs: Readonly<Record<string, T>>, type: string): T => {
    const verb = verbs[type]
    if (verb === undefined) throw new Error(`No call is known for ${type}`)
    return verb
  }

  return {
    async getObject(type, account, id) {
      return { type, account, record: recordOf(await find(getters, type)(account, id)) }
    },
    listRows: (type, account, first) => take(find(listers, type)(account, first), first, { type, account }),
    listMembers({ account, record }, first) {
      const query = { account_id: account, per_page: pageSize(first, 1, 500) }
      return take(iam.userGroups.members.list(String(record.id), query), first, { type: 'Member', account })
    },
    async countRows(type, account) {
      const { result, result_info: info } = recordOf(await find(listers, type)(account, 1))
      const { total_count: total } = recordOf(info)
      if (typeof total === 'number') return total
      return Array.isArray(result) ? result.length : null
    },
  }
}

/** An object's fields; none of what is no object. */
export function recordOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

function pageSize(first: number, min: number, max: number): number {
  return Math.min(Math.max(first, min), max)
}

async function take(
  rows: AsyncIterable<unknown>,
  first: number,
  { type, account }: Omit<Thing, 'record'>,
): Promise<readonly Thing[]> {
  const taken: Thing[] = []
  for await (const row of rows) {
    taken.push({ type, account, record: recordOf(row) })
    if (taken.length >= first) break
  }
  return taken
}
