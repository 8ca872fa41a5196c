import { type AccountRecord, getAccount } from '../cloudflare/accounts.ts'
import type { PricedField, Site } from '../cost/estimate.ts'
import { accountList } from '../loaders/lists.ts'
import type { TaggedKind } from '../loaders/load-by-tag.ts'
import { builder, dateOf, fromRecord } from './builder.ts'
import { connectionArgs, defineConnection } from './connection.ts'
import { exactFilter } from './filter.ts'
import { idArgument } from './global-id.ts'
import { connectList, priceList } from './list-field.ts'
import { createNode, identifyNode, Node, type NodeOf, priceNode, recordField, resolveNode } from './node.ts'
import { upstreamEnum } from './upstream-enum.ts'

export type AccountNode = NodeOf<'Account', AccountRecord>

const records: TaggedKind<AccountRecord> = {
  kind: 'accounts',
  list: () => accountList(),
  get: (rest, accountTag) => getAccount(rest, accountTag),
  neverList: true,
}

/**
 * How accounts are fetched. What hangs under one is reached with its tag alone, so that it stands where the
 * account cannot be read.
 */
export const accountKind = { type: 'Account', records, failsByField: true } as const

const accountTypes = { STANDARD: { value: 'standard' }, ENTERPRISE: { value: 'enterprise' } } as const
const AccountType = builder.enumType('AccountType', {
  description: 'What kind of contract an account has.',
  values: accountTypes,
})
const accountTypeOf = upstreamEnum('AccountType', accountTypes)

/** Options of the field `tag`. */
export const tagOptions = {
  nullable: false,
  description: "Cloudflare's own identifier of 32 characters.",
} as const

export const Account = builder.objectRef<AccountNode>('Account')

Account.implement({
  description: 'A Cloudflare account: the scope that every IAM resource lives in.',
  interfaces: [Node],
  fields: (t) => ({
    tag: t.exposeID('tag', tagOptions),
    name: t.string({
      ...fromRecord,
      description: 'As its owner named it.',
      resolve: recordField(accountKind, (record) => record.name),
    }),
    type: t.field({
      ...fromRecord,
      type: AccountType,
      description:
        'The kind of contract; null where the upstream has a word for it that this API does not know.',
      resolve: recordField(accountKind, (record, context) => accountTypeOf(record.type, context)),
    }),
    createdOn: t.field({
      ...fromRecord,
      type: 'DateTime',
      description: 'When the account was made.',
      resolve: recordField(accountKind, (record) => dateOf(record.created_on)),
    }),
  }),
})

/** The account with this tag, of which nothing is fetched before a field needs it. */
export function accountOf(accountTag: string): AccountNode {
  return identifyNode(accountKind, { accountTag, tag: accountTag })
}

/**
 * Options of the field `account` of what lives in one: no more than its identity, before a field needs the
 * upstream.
 */
export const inAccount = {
  type: Account,
  nullable: false,
  description:
    'The account that it lives in. Costs 1 REST call an account where more than its identity is selected.',
  extensions: { price: priceOwner },
  resolve: ({ accountTag }: { readonly accountTag: string }) => accountOf(accountTag),
} as const

function priceOwner(field: PricedField): readonly Site[] {
  const { site } = field
  const { accountTag, accounts, isLater } = site
  // Accounts that no argument named are rows of `accounts`, which came with their records.
  if (accountTag === undefined)
    return [{ ...site, type: 'Account', key: accounts.key, count: accounts.atMost, hasRecord: true }]
  // It is handed on before its record is there.
  return priceNode(accountKind, { accountTag, tag: accountTag }, field).map((account) => ({
    ...account,
    isLater,
  }))
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
      price: (field) =>
        priceNode(accountKind, idArgument(String(field.args.id), 'id', { type: 'Account' }), field),
    },
    resolve: (_root, { id }, context, info) =>
      resolveNode(accountKind, idArgument(id, 'id', { type: 'Account' }), context, info),
  }),
  accounts: t.field({
    type: AccountConnection,
    description:
      "The accounts that the caller's credentials can see, by name. Costs 1 REST call for each 50 rows. A token that an account owns may not list them; this field alone is null then.",
    args: { ...connectionArgs(t.arg), filter: t.arg({ type: AccountFilter, description: 'Only these.' }) },
    extensions: {
      price: (field) => {
        return priceList(field, accountList(exactFilter(field.args.filter, ['name'])), true)
      },
    },
    resolve: (_root, args, context, info) =>
      connectList(
        { args, context, info },
        accountList(exactFilter(args.filter, ['name']), context.permits),
        (row) => createNode(accountKind, row.id, row),
      ),
  }),
}))
