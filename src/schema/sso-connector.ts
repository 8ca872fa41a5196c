import { getSSOConnector, type SSOConnectorRecord } from '../cloudflare/sso-connectors.ts'
import { ssoConnectorList } from '../loaders/lists.ts'
import type { TaggedKind } from '../loaders/load-by-tag.ts'
import { Account, inAccount, tagOptions } from './account.ts'
import { builder, dateOf, fromRecord } from './builder.ts'
import { connectionArgs, defineConnection } from './connection.ts'
import { listField } from './list-field.ts'
import { createNode, Node, type NodeOf, nodeById, recordField } from './node.ts'
import { upstreamEnum } from './upstream-enum.ts'

export type SSOConnectorNode = NodeOf<'SSOConnector', SSOConnectorRecord>

const records: TaggedKind<SSOConnectorRecord> = {
  kind: 'sso_connectors',
  list: ssoConnectorList,
  get: getSSOConnector,
}

/** How SSO connectors are fetched. */
export const ssoConnectorKind = { type: 'SSOConnector' as const, records }

const statuses = {
  AWAITING: { value: 'awaiting', description: 'The verification has not begun.' },
  PENDING: {
    value: 'pending',
    description: 'The upstream is looking for the DNS TXT record, for up to two days.',
  },
  FAILED: {
    value: 'failed',
    description: 'The DNS TXT record was not found in time; the verification can begin anew.',
  },
  VERIFIED: { value: 'verified', description: 'The e-mail domain is yours: the connector can be enabled.' },
} as const
const VerificationStatus = builder.enumType('SSOConnectorVerificationStatus', {
  description: 'How far the verification has come.',
  values: statuses,
})
const verificationStatusOf = upstreamEnum('SSOConnectorVerificationStatus', statuses)

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
      description: 'Null where the upstream has a word for it that this API does not know.',
      resolve: ({ status }, _args, context) => verificationStatusOf(status, context),
    }),
  }),
})

export const SSOConnector = builder.objectRef<SSOConnectorNode>('SSOConnector')

SSOConnector.implement({
  description: "Connects an e-mail domain to the account's single sign-on.",
  interfaces: [Node],
  fields: (t) => ({
    tag: t.exposeID('tag', tagOptions),
    account: t.field(inAccount),
    emailDomain: t.string({
      ...fromRecord,
      description: 'Whose users log in through it.',
      resolve: recordField(ssoConnectorKind, (record) => record.email_domain),
    }),
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
      description: 'When it was made.',
      resolve: recordField(ssoConnectorKind, (record) => dateOf(record.created_on)),
    }),
    updatedOn: t.field({
      ...fromRecord,
      type: 'DateTime',
      description: 'When it was last changed.',
      resolve: recordField(ssoConnectorKind, (record) => dateOf(record.updated_on)),
    }),
    verification: t.field({
      ...fromRecord,
      type: Verification,
      description: 'How the e-mail domain is proved to be yours.',
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
    ...nodeById(ssoConnectorKind),
  }),
  ssoConnectors: t.field({
    type: SSOConnectorConnection,
    description:
      'The e-mail domains with single sign-on. Costs 1 REST call a request, however often it is paged.',
    args: connectionArgs(t.arg),
    ...listField(
      ({ accountTag }) => ssoConnectorList(accountTag),
      (row, { accountTag }) => createNode(ssoConnectorKind, accountTag, row),
    ),
  }),
}))
