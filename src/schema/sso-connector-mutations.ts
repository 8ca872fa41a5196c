import {
  beginVerification,
  createSSOConnector,
  deleteSSOConnector,
  getSSOConnector,
  type SSOConnectorRecord,
  updateSSOConnector,
} from '../cloudflare/sso-connectors.ts'
import type { Context } from '../context.ts'
import { forget } from '../loaders/request-cache.ts'
import { builder } from './builder.ts'
import { encodeGlobalId, type GlobalId } from './global-id.ts'
import { clientMutationId, definePayload, priceWrite, runMutation } from './mutation.ts'
import { createNode, priceNode, resolveNode } from './node.ts'
import { SSOConnector, ssoConnectorKind } from './sso-connector.ts'
import type { RefusalPlace } from './user-errors.ts'

type Written = { readonly accountTag: string; readonly record: SSOConnectorRecord | null }

const CreateSSOConnectorPayload = definePayload<Written>('CreateSSOConnectorPayload')
const UpdateSSOConnectorPayload = definePayload<Written>('UpdateSSOConnectorPayload')
for (const payload of [CreateSSOConnectorPayload, UpdateSSOConnectorPayload]) {
  builder.objectField(payload, 'ssoConnector', (t) =>
    t.field({
      type: SSOConnector,
      description: 'As the upstream answered; null where nothing was done.',
      resolve: ({ result }) =>
        result?.record ? createNode(ssoConnectorKind, result.accountTag, result.record) : null,
    }),
  )
}
const DeleteSSOConnectorPayload = definePayload<{ readonly id: string }>('DeleteSSOConnectorPayload')
builder.objectField(DeleteSSOConnectorPayload, 'deletedSSOConnectorId', (t) =>
  t.id({ description: 'Global id of what was deleted; null where nothing was.', resolve: ({ result }) => result?.id }),
)
const BeginSSOConnectorVerificationPayload = definePayload<GlobalId>('BeginSSOConnectorVerificationPayload')
builder.objectField(BeginSSOConnectorVerificationPayload, 'ssoConnector', (t) =>
  t.field({
    type: SSOConnector,
    description: 'Read afresh after the call, where more than its identity is selected.',
    extensions: {
      price: (field) => {
        const { accountTag, tag } = field.site
        return accountTag === undefined || tag === undefined ? [] : priceNode(ssoConnectorKind, { accountTag, tag }, field)
      },
    },
    resolve: ({ result }, _args, context, info) =>
      result === undefined ? null : resolveNode(ssoConnectorKind, result, context, info),
  }),
)

const CreateSSOConnectorInput = builder.inputType('CreateSSOConnectorInput', {
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    accountId: t.id({ required: true, description: 'Global id, or the bare tag.' }),
    emailDomain: t.string({ required: true, description: 'Cannot be changed later; no public mail provider.' }),
    beginVerification: t.boolean({ defaultValue: true, description: 'Begin the verification at once.' }),
    useFedrampLanguage: t.boolean({ defaultValue: false }),
  }),
})

const UpdateSSOConnectorInput = builder.inputType('UpdateSSOConnectorInput', {
  fields: (t) => ({
    clientMutationId: clientMutationId(t),
    id: t.id({ required: true, description: 'Global id.' }),
    enabled: t.boolean({ description: 'Left as it is where omitted or null.' }),
    useFedrampLanguage: t.boolean({ description: 'Left as it is where omitted or null.' }),
  }),
})

const idInput = (name: string) =>
  builder.inputType(name, {
    fields: (t) => ({ clientMutationId: clientMutationId(t), id: t.id({ required: true, description: 'Global id.' }) }),
  })
const DeleteSSOConnectorInput = idInput('DeleteSSOConnectorInput')
const BeginSSOConnectorVerificationInput = idInput('BeginSSOConnectorVerificationInput')

const byId: RefusalPlace = { fieldOf: (code) => (code === 'NOT_FOUND' ? ['id'] : null) }
const priceById = priceWrite({ type: 'SSOConnector', idField: 'id' })

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
        refusal: {
          fieldOf: (code, message) =>
            code === 'NOT_FOUND' ? ['accountId'] : /domain/i.test(message) ? ['emailDomain'] : null,
        },
        check: (check) => {
          check.notBlank(input.emailDomain, ['emailDomain'])
          return check.id(input.accountId, ['accountId'], { type: 'Account' })
        },
        run: async ({ accountTag }) => {
          const body = {
            email_domain: input.emailDomain,
            begin_verification: input.beginVerification ?? true,
            use_fedramp_language: input.useFedrampLanguage ?? false,
          }
          const record = await writing(context, accountTag, () => createSSOConnector(context.rest, accountTag, body))
          return { accountTag, record }
        },
      }),
  }),
  updateSSOConnector: t.field({
    type: UpdateSSOConnectorPayload,
    nullable: false,
    description:
      'Changes only what the input names. Dangerous: enabling makes every user of the domain, in all accounts, log in through it. Needs a verified domain. Costs 1 REST call.',
    args: { input: t.arg({ type: UpdateSSOConnectorInput, required: true }) },
    extensions: { price: priceById },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        refusal: { fieldOf: (code, message) => byId.fieldOf(code, message) ?? (/enabl|verif/i.test(message) ? ['enabled'] : null) },
        check: (check) => {
          if (typeof input.enabled !== 'boolean' && typeof input.useFedrampLanguage !== 'boolean') {
            check.add(null, 'name what to change: enabled, useFedrampLanguage or both')
          }
          return check.id(input.id, ['id'], { type: 'SSOConnector' })
        },
        run: async ({ accountTag, tag }) => {
          const body = {
            ...(typeof input.enabled === 'boolean' ? { enabled: input.enabled } : {}),
            ...(typeof input.useFedrampLanguage === 'boolean' ? { use_fedramp_language: input.useFedrampLanguage } : {}),
          }
          const written = await writing(context, accountTag, () => updateSSOConnector(context.rest, accountTag, tag, body))
          return { accountTag, record: written ?? (await getSSOConnector(context.rest, accountTag, tag)) }
        },
      }),
  }),
  deleteSSOConnector: t.field({
    type: DeleteSSOConnectorPayload,
    nullable: false,
    description: 'Deletes an SSO connector; an enabled one may refuse until it is disabled. Costs 1 REST call.',
    args: { input: t.arg({ type: DeleteSSOConnectorInput, required: true }) },
    extensions: { price: priceById },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        refusal: byId,
        check: (check) => check.id(input.id, ['id'], { type: 'SSOConnector' }),
        run: async ({ accountTag, tag }) => {
          await writing(context, accountTag, () => deleteSSOConnector(context.rest, accountTag, tag))
          return { id: encodeGlobalId('SSOConnector', accountTag, tag) }
        },
      }),
  }),
  beginSSOConnectorVerification: t.field({
    type: BeginSSOConnectorVerificationPayload,
    nullable: false,
    description:
      'Asks the upstream to look for the DNS TXT record; it polls for up to two days: read `verification.status` later. Costs 1 REST call, and 1 where the connector is selected.',
    args: { input: t.arg({ type: BeginSSOConnectorVerificationInput, required: true }) },
    extensions: { price: priceById },
    resolve: (_root, { input }, context) =>
      runMutation({
        input,
        refusal: byId,
        check: (check) => check.id(input.id, ['id'], { type: 'SSOConnector' }),
        run: async (connector) => {
          const { accountTag, tag } = connector
          await writing(context, accountTag, () => beginVerification(context.rest, accountTag, tag))
          return connector
        },
      }),
  }),
}))

// What a write may have changed is read afresh, even after a failed one: it may have happened all the same.
async function writing<T>(context: Context, accountTag: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } finally {
    forget(context, `${accountTag}/sso_connectors`)
  }
}
