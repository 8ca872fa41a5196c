import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { startGateway } from '../support/gateway.ts'
import { askAccount } from './support/ask-account.ts'
import { callsOf, readAll } from './support/rest.ts'

type WireConnector = {
  readonly id: string
  readonly email_domain: string
  readonly enabled: boolean
  readonly use_fedramp_language: boolean
  readonly verification: { readonly code: string; readonly status: string }
  readonly created_on: string
  readonly updated_on: string
}

const unknown = 'f'.repeat(32)
const everything = `
  __typename id tag account { tag } emailDomain enabled useFedrampLanguage createdOn updatedOn
  verification { code status }`

test('SSO connectors are what the upstream says of them, in all states', async () => {
  const gateway = await startGateway()
  const { accountTag } = gateway.sandbox
  const wire = await readAll<WireConnector>(gateway, '/sso_connectors')
  const { data, extensions } = await askAccount(
    gateway,
    `ssoConnectors { totalCount nodes { ${everything} } } one: ssoConnector(id: $id) { ${everything} }`,
    wire[1]?.id,
  )
  const shown = wire.map((connector) => ({
    __typename: 'SSOConnector',
    id: encodeGlobalId('SSOConnector', accountTag, connector.id),
    tag: connector.id,
    account: { tag: accountTag },
    emailDomain: connector.email_domain,
    enabled: connector.enabled,
    useFedrampLanguage: connector.use_fedramp_language,
    createdOn: new Date(connector.created_on).toISOString(),
    updatedOn: new Date(connector.updated_on).toISOString(),
    verification: {
      code: connector.verification.code,
      status: connector.verification.status.toUpperCase(),
    },
  }))
  expect(data).toEqual({ account: { ssoConnectors: { totalCount: 4, nodes: shown }, one: shown[1] } })
  expect(new Set(shown.map(({ verification }) => verification.status))).toEqual(
    new Set(['VERIFIED', 'PENDING', 'AWAITING', 'FAILED']),
  )
  expect(callsOf(gateway).toSorted()).toEqual(['GET A/sso_connectors', `GET A/sso_connectors/${wire[1]?.id}`])
  expect(extensions).toEqual({ restCalls: { estimated: 2, made: 2, limit: 200 } })
})

test('one that does not exist is null without an error', async () => {
  const gateway = await startGateway()
  const { data, errors } = await askAccount(gateway, 'ssoConnector(id: $id) { emailDomain }', unknown)
  expect({ data, errors }).toEqual({ data: { account: { ssoConnector: null } }, errors: undefined })
})

test('whatever the upstream leaves out is null', async () => {
  const lines: Record<string, unknown>[] = []
  const gateway = await startGateway({ log: (line) => lines.push(line) })
  gateway.sandbox.setFaults([
    {
      path: '*/sso_connectors/*',
      respond: [
        { id: unknown },
        { id: unknown, verification: { status: 'pondering' }, created_on: 'soon' },
      ].map((result) => ({ status: 200, body: { success: true, result } })),
    },
  ])
  const selection =
    'ssoConnector(id: $id) { emailDomain enabled useFedrampLanguage createdOn updatedOn verification { code status } }'
  const bare = {
    emailDomain: null,
    enabled: null,
    useFedrampLanguage: null,
    createdOn: null,
    updatedOn: null,
  }
  const first = await askAccount(gateway, selection, unknown)
  expect(first.data).toEqual({ account: { ssoConnector: { ...bare, verification: null } } })
  const second = await askAccount(gateway, selection, unknown)
  expect(second.data).toEqual({
    account: { ssoConnector: { ...bare, verification: { code: null, status: null } } },
  })
  expect([first.errors, second.errors]).toEqual([undefined, undefined])
  expect(lines).toContainEqual(
    expect.objectContaining({ enum: 'SSOConnectorVerificationStatus', value: 'pondering' }),
  )
})

test('without the permission to see them, the rest of the account stands', async () => {
  const gateway = await startGateway({ headers: { authorization: 'Bearer sso-forbidden-token' } })
  const { data, errors } = await askAccount(gateway, 'name ssoConnectors { nodes { tag } }')
  expect(data).toEqual({ account: { name: 'Quayline Freight', ssoConnectors: null } })
  expect(errors).toMatchObject([
    {
      path: ['account', 'ssoConnectors'],
      extensions: { code: 'FORBIDDEN', upstream: { status: 403, errors: [{ code: 10000 }] } },
    },
  ])
})
