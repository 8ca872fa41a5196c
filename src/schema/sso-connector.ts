import { getSSOConnector, type SSOConnectorRecord } from '../cloudflare/sso-connectors.ts'
import type { TaggedKind } from '../loaders/load-by-tag.ts'
import { ssoConnectorList } from '../loaders/lists.ts'
import { Account, accountOf } from './account.ts'
import { builder, dateOf, fromRecord } from './builder.ts'
import { connectionArgs, connectList, defineConnection, priceList } from './connection.ts'
import { idArgument } from './global-id.ts'
import { createNode, globalIdOf, Node, type NodeOf, priceNode, recordField, resolveNode } from './node.ts'
import { upstreamEnum } from './upstream-enum.ts'

export type SSOConnectorNode = NodeOf<'SSOConnector', SSOConnectorRecord>

const records: TaggedKind<SSOConnectorRecord> = { list: ssoConnectorList, get: getSSOConnector }

/** How SSO connectors are fetched. */
export const ssoConnectorKind = { type: 'SSOConnector' as const, records }

const VerificationStatus = builder.enumType('SSOConnectorVerificationStatus', {
  values: {
    AWAITING: { description: 'The verification has not begun.' },
    PENDING: { description: 'The upstream is looking for the DNS TXT record, for up to two days.' },
    FAILED: {},
    VERIFIED: {},
  } as const,
})
const verificationStatusOf = upstreamEnum('SSOConnectorVerificationStatus', [
  'AWAITING',
  'PENDING',
  'FAILED',
  'VERIFIED',
] as const)

type VerificationRecord = NonNullable<SSOConnectorRecord['verification']>

const Verification = builder.objectRef<VerificationRecord>('SSOConnectorVerification').implement({
  description: 'How far the proof has come that the e-mail domain is yours.',
  fields: (t) => ({
    code: t.string({
      description:
        'The whole string to add to the DNS TXT record of the e-mail domain, to prove that you own it.',
      resolve: ({ code }) => code,
    }),
    status: t.field({
      type: VerificationStatus,
      resolve: ({ status }, _args, context) => verificationStatusOf(status, context),
    }),
  }),
})

export const SSOConnector = builder.objectRef<SSOConnectorNode>('SSOConnector')

SSOConnector.implement({
  description: "Connects an e-mail domain to the account's single sign-on.",
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ nullable: false, resolve: globalIdOf }),
    tag: t.exposeID('tag', { nullable: false, description: "Cloudflare's own identifier of 32 characters." }),
    account: t.field({ type: Account, nullable: false, resolve: ({ accountTag }) => accountOf(accountTag) }),
    emailDomain: t.string({ ...fromRecord, resolve: recordField(ssoConnectorKind, (record) => record.email_domain) }),
    enabled: t.boolean({
      ...fromRecord,
      description: 'Whether every user of the domain has to log in through it, in all accounts.',
      resolve: recordField(ssoConnectorKind, (record) => record.enabled),
    }),
    useFedrampLanguage: t.boolean({
      ...fromRecord,
      description: 'Whether FedRAMP language is shown to the user during SSO login.',
      resolve: recordField(ssoConnectorKind, (record) => record.use_fedramp_language),
    }),
    createdOn: t.field({
      ...fromRecord,
      type: 'DateTime',
      resolve: recordField(ssoConnectorKind, (record) => dateOf(record.created_on)),
    }),
    updatedOn: t.field({
      ...fromRecord,
      type: 'DateTime',
      resolve: recordField(ssoConnectorKind, (record) => dateOf(record.updated_on)),
    }),
    verification: t.field({
      ...fromRecord,
      type: Verification,
      resolve: recordField(ssoConnectorKind, (record) => record.verification),
    }),
  }),
})

const { connection: SSOConnectorConnection } = defineConnection('SSOConnector', SSOConnector)

builder.objectFields(Account, (t) => ({
  ssoConnector: t.field({
    type: SSOConnector,
    description:
      'One SSO connector; null where it does not exist. Costs 1 REST call where more than its identity is selected.',
    args: { id: t.arg.id({ required: true, description: 'Global id, or the bare tag.' }) },
    extensions: {
      price: (field) => {
        const expected = { type: 'SSOConnector' as const, accountTag: field.site.accountTag }
        return priceNode(ssoConnectorKind, idArgument(String(field.args['id']), 'id', expected), field)
      },
    },
    resolve: ({ accountTag }, { id }, context, info) =>
      resolveNode(ssoConnectorKind, idArgument(id, 'id', { type: 'SSOConnector', accountTag }), context, info),
  }),
  ssoConnectors: t.field({
    type: SSOConnectorConnection,
    description: 'The e-mail domains with single sign-on. Costs 1 REST call a request, however often it is paged.',
    args: connectionArgs(t.arg),
    extensions: {
      price: (field) =>
        priceList(field, ssoConnectorList(field.site.accountTag ?? ''), field.site.accountTag !== undefined),
    },
    resolve: ({ accountTag }, args, context, info) =>
      connectList({ args, context, info }, ssoConnectorList(accountTag), (row) =>
        createNode(ssoConnectorKind, accountTag, row),
      ),
  }),
}))
