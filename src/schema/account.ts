import { getAccount, type AccountRecord } from '../cloudflare/accounts.ts'
import type { TaggedKind } from '../loaders/load-by-tag.ts'
import { accountList } from '../loaders/lists.ts'
import { builder, dateOf, fromRecord } from './builder.ts'
import { connectionArgs, connectList, defineConnection, priceList } from './connection.ts'
import { exactFilter } from './filter.ts'
import { idArgument } from './global-id.ts'
import { createNode, globalIdOf, Node, type NodeOf, priceNode, recordField, resolveNode } from './node.ts'
import { upstreamEnum } from './upstream-enum.ts'

export type AccountNode = NodeOf<'Account', AccountRecord>

const records: TaggedKind<AccountRecord> = {
  list: () => accountList(),
  get: (rest, accountTag) => getAccount(rest, accountTag),
  neverList: true,
}

/** How accounts are fetched. */
export const accountKind = { type: 'Account' as const, records }

const AccountType = builder.enumType('AccountType', { values: ['STANDARD', 'ENTERPRISE'] as const })
const accountTypeOf = upstreamEnum('AccountType', ['STANDARD', 'ENTERPRISE'] as const)

export const Account = builder.objectRef<AccountNode>('Account')

Account.implement({
  description: 'A Cloudflare account: the scope that every IAM resource lives in.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ nullable: false, resolve: globalIdOf }),
    tag: t.exposeID('tag', { nullable: false, description: "Cloudflare's own identifier of 32 characters." }),
    name: t.string({
      ...fromRecord,
      resolve: recordField(accountKind, (record) => record.name),
    }),
    type: t.field({
      ...fromRecord,
      type: AccountType,
      resolve: recordField(accountKind, (record, context) => accountTypeOf(record.type, context)),
    }),
    createdOn: t.field({
      ...fromRecord,
      type: 'DateTime',
      resolve: recordField(accountKind, (record) => dateOf(record.created_on)),
    }),
  }),
})

/** The account with this tag, of which nothing is fetched before a field needs it. */
export function accountOf(accountTag: string): AccountNode {
  return createNode(accountKind, accountTag, { tag: accountTag })
}

export const { connection: AccountConnection } = defineConnection('Account', Account)

const AccountFilter = builder.inputType('AccountFilter', {
  description: 'Which accounts to list.',
  fields: (t) => ({ name: t.string({ description: 'Exact name.' }) }),
})

builder.queryFields((t) => ({
  account: t.field({
    type: Account,
    description:
      'The account that everything hangs under. Costs no REST call by itself: it is not checked that the account exists until a field that needs the upstream is selected.',
    args: { id: t.arg.id({ required: true, description: 'Global id, or the bare tag.' }) },
    extensions: {
      price: (field) => priceNode(accountKind, idArgument(String(field.args['id']), 'id', { type: 'Account' }), field),
    },
    resolve: (_root, { id }, context, info) =>
      resolveNode(accountKind, idArgument(id, 'id', { type: 'Account' }), context, info),
  }),
  accounts: t.field({
    type: AccountConnection,
    description:
      "The accounts that the caller's credentials can see. A token that an account owns may not list them; this field alone is null then.",
    args: { ...connectionArgs(t.arg), filter: t.arg({ type: AccountFilter }) },
    extensions: {
      price: (field) => {
        const spec = accountList(exactFilter(field.args['filter'], ['name']))
        return priceList(field, spec, true)
      },
    },
    resolve: (_root, args, context, info) =>
      connectList({ args, context, info }, accountList(exactFilter(args.filter, ['name'])), (row) =>
        createNode(accountKind, row.id, row),
      ),
  }),
}))
