import type { Answer, Gateway } from '../../support/gateway.ts'

/** Asks `selection` of the sandbox's first account; `id` is its variable `$id`, where it has one. */
export function askAccount<Data = unknown>(
  gateway: Gateway,
  selection: string,
  id = '',
): Promise<Answer<{ readonly account: Data }>> {
  const declared = selection.includes('$id') ? '$account: ID!, $id: ID!' : '$account: ID!'
  return gateway.query(`query (${declared}) { account(id: $account) { ${selection} } }`, {
    account: gateway.sandbox.accountTag,
    id,
  })
}
