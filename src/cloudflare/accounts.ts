import type { PageQuery, PageSizes, RestClient, RestPage, SortDirection } from './client.ts'
import { nullIfNotFound } from './errors.ts'
import { detail, record, text } from './record-shape.ts'
import { route } from './route.ts'

/** An account. `type` is `standard` or `enterprise` today. */
export type AccountRecord = {
  readonly id: string
  readonly name?: string | null
  readonly type?: string | null
  readonly created_on?: string | null
}

const shape = record({ name: detail(text), type: detail(text), created_on: detail(text) })

/** Rows of one page. */
export const accountPages: PageSizes = { min: 5, max: 50, default: 20 }

/** `name` is matched by the upstream. */
export type AccountQuery = PageQuery & {
  readonly name?: string | undefined
  readonly direction?: SortDirection | undefined
}

/** The accounts that the credential sees; refused for tokens that an account owns (quirk 46). */
export function listAccounts(rest: RestClient, query: AccountQuery): Promise<RestPage<AccountRecord>> {
  const { page, perPage, name, direction } = query
  return rest.list(route('/accounts', {}), { name, direction, page, per_page: perPage }, shape)
}

/** Null where the account does not exist or is not visible. */
export function getAccount(rest: RestClient, accountTag: string): Promise<AccountRecord | null> {
  return nullIfNotFound(rest.get(route('/accounts/{account_id}', { account_id: accountTag }), {}, shape))
}
