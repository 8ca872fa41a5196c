import {
  beginVerification,
  createSSOConnector,
  deleteSSOConnector,
  type SSOConnectorPatch,
  updateSSOConnector,
} from '../cloudflare/sso-connectors.ts'
import { changeAccount } from '../loaders/request-cache.ts'
import { builder } from './builder.ts'
import type { GlobalId } from './global-id.ts'
import { defineIdInput, withObject } from './id-mutation.ts'
import { clientMutationId, definePayload, priceWrite, runMutation } from './mutation.ts'
import { defineDeletedPayload, defineObjectPayload, showAfresh } from './object-payload.ts'
import { SSOConnector, ssoConnectorKind } from './sso-connector.ts'

const shown = { field: 'ssoConnector', type: SSOConnector, kind: ssoConnectorKind }
const CreateSSOConnectorPayload = defineObjectPayload('CreateSSOConnectorPayload', shown)
const UpdateSSOConnectorPayload = defineObjectPayload('UpdateSSOConnectorPayload', shown)
const DeleteSSOConnectorPayload = defineDeletedPayload('DeleteSSOConnectorPayload', 'deletedSSOConnectorId')

const BeginSSOConnectorVerificationPayload = definePayload<GlobalId>('BeginSSOConnectorVerificationPayload')
showAfresh(BeginSSOConnectorVerificationPayload, shown, (connector) => connector)

const CreateSSOConnectorInput = builder.inputType('CreateSSOConnectorInput', {
  description: 'An SSO connector as it shall be.',
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    accountId: t.id({ required: true, description: 'Global id, or the bare tag.' }),
    emailDomain: t.string({
      required: true,
      description: 'Cannot be changed later; no public mail provider.',
    }),
    beginVerification: t.boolean({ defaultValue: true, description: 'Begin the verification at once.' }),
    useFedrampLanguage: t.boolean({
      defaultValue: false,
      description: 'Whether FedRAMP language is shown to the user during SSO login.',
    }),
  }),
})

const UpdateSSOConnectorInput = builder.inputType('UpdateSSOConnectorInput', {
  description: 'What to change of an SSO connector. Its e-mail domain cannot be changed.',
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    id: t.id({ required: true, description: 'Global id.' }),
    enabled: t.boolean({ description: 'Left as it is where omitted or null.' }),
    useFedrampLanguage: t.boolean({ description: 'Left as it is where omitted or null.' }),
  }),
})

const DeleteSSOConnectorInput = defineIdInput('DeleteSSOConnectorInput', 'The SSO connector to delete.')
const BeginSSOConnectorVerificationInput = defineIdInput(
  'BeginSSOConnectorVerificationInput',
  'The SSO connector whose e-mail domain is to be verified.',
)

builder.mutationFields((t) => ({
  createSSOConnector: t.field({
    type: CreateSSOConnectorPayload,
    nullable: false,
    description: 'Makes an SSO connector, not enabled yet. Costs 1 REST call.',
    args: { input: t.arg({ type: CreateSSOConnectorInput, required: true }) },
    extensions: { price: priceWrite({ type: 'Account', idField: 'accountId' }) },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        check: (check) => {
          const account = check.id(input.accountId, ['accountId'], { type: 'Account' })
          check.notBlank(input.emailDomain, ['emailDomain'])
          return account
        },
        run: async ({ accountTag }) => {
          const body = {
            email_domain: input.emailDomain,
            begin_verification: input.beginVerification ?? true,
            use_fedramp_language: input.useFedrampLanguage ?? false,
          }
          const write = () => createSSOConnector(context.rest, accountTag, body)
          return { result: { accountTag, record: await changeAccount(context, accountTag, write) } }
        },
        refusal: () => ({
          fieldOf: (code, message) => {
            if (/domain/i.test(message)) return ['emailDomain']
            return code === 'NOT_FOUND' ? ['accountId'] : null
          },
        }),
      }),
  }),
  updateSSOConnector: t.field({
    type: UpdateSSOConnectorPayload,
    nullable: false,
    description:
      'Changes only what the input names. Dangerous: enabling makes every user of the domain, in all accounts, log in through it. Needs a verified domain. Costs 1 REST call.',
    args: { input: t.arg({ type: UpdateSSOConnectorInput, required: true }) },
    extensions: { price: priceWrite({ type: 'SSOConnector', idField: 'id' }) },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        check: (check) => {
          const id = check.id(input.id, ['id'], { type: 'SSOConnector' })
          const { enabled, useFedrampLanguage } = input
          const patch: SSOConnectorPatch = {
            ...(typeof enabled === 'boolean' ? { enabled } : {}),
            ...(typeof useFedrampLanguage === 'boolean' ? { use_fedramp_language: useFedrampLanguage } : {}),
          }
          if (Object.keys(patch).length === 0) {
            check.add(null, 'name what to change: enabled, useFedrampLanguage or both')
          }
          return id && { ...id, patch }
        },
        run: async ({ accountTag, tag, patch }) => {
          const write = () => updateSSOConnector(context.rest, accountTag, tag, patch)
          return { result: { accountTag, tag, record: await changeAccount(context, accountTag, write) } }
        },
        refusal: () => ({
          fieldOf: (code, message) => {
            if (code === 'NOT_FOUND') return ['id']
            return /enabl|verif/i.test(message) ? ['enabled'] : null
          },
        }),
      }),
  }),
  deleteSSOConnector: t.field({
    type: DeleteSSOConnectorPayload,
    nullable: false,
    description:
      'Deletes an SSO connector; an enabled one may refuse until it is disabled. Costs 1 REST call.',
    args: { input: t.arg({ type: DeleteSSOConnectorInput, required: true }) },
    ...withObject('SSOConnector', deleteSSOConnector),
  }),
  beginSSOConnectorVerification: t.field({
    type: BeginSSOConnectorVerificationPayload,
    nullable: false,
    description:
      'Asks the upstream to look for the DNS TXT record; it polls for up to two days: read `verification.status` later. Costs 1 REST call, and 1 where the connector is selected.',
    args: { input: t.arg({ type: BeginSSOConnectorVerificationInput, required: true }) },
    ...withObject('SSOConnector', beginVerification),
  }),
}))
