import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { callsOf, readAll, readOne, writesOf } from './support/rest.ts'

type WireConnector = {
  readonly id: string
  readonly email_domain: string
  readonly enabled: boolean
  readonly use_fedramp_language: boolean
  readonly verification: { readonly status: string }
}

const unknown = 'f'.repeat(32)

const payload = `
  clientMutationId
  ssoConnector { id tag emailDomain enabled useFedrampLanguage verification { code status } }
  userErrors { code message field upstreamCode }`
const create = `mutation ($input: CreateSSOConnectorInput!) { createSSOConnector(input: $input) { ${payload} } }`
const update = `mutation ($input: UpdateSSOConnectorInput!) { updateSSOConnector(input: $input) { ${payload} } }`
const begin = `mutation ($input: BeginSSOConnectorVerificationInput!) { beginSSOConnectorVerification(input: $input) { ${payload} } }`
const remove = `mutation ($input: DeleteSSOConnectorInput!) {
  deleteSSOConnector(input: $input) { clientMutationId deletedSSOConnectorId userErrors { code message field upstreamCode } }
}`

test('a new connector is answered as the upstream made it, disabled, its verification begun', async () => {
  const gateway = await startGateway()
  const { accountTag } = gateway.sandbox
  const { data, errors, extensions } = await gateway.query<{ readonly createSSOConnector: Payload }>(create, {
    input: { clientMutationId: 'm-1', accountId: accountTag, emailDomain: 'newpier.example' },
  })
  expect(errors).toBeUndefined()
  const { ssoConnector } = data.createSSOConnector
  expect(data.createSSOConnector).toEqual({
    clientMutationId: 'm-1',
    ssoConnector: {
      id: encodeGlobalId('SSOConnector', accountTag, ssoConnector?.tag ?? ''),
      tag: expect.stringMatching(/^[0-9a-f]{32}$/),
      emailDomain: 'newpier.example',
      enabled: false,
      useFedrampLanguage: false,
      verification: { code: expect.stringMatching(/^cloudflare_dashboard_sso=/), status: 'PENDING' },
    },
    userErrors: [],
  })
  expect(writesOf(gateway)).toEqual([
    [
      'POST A/sso_connectors',
      { email_domain: 'newpier.example', begin_verification: true, use_fedramp_language: false },
    ],
  ])
  expect(callsOf(gateway)).toHaveLength(1)
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('verification may wait, and FedRAMP language may be shown', async () => {
  const gateway = await startGateway()
  const input = {
    accountId: gateway.sandbox.accountTag,
    emailDomain: 'newpier.example',
    beginVerification: false,
    useFedrampLanguage: true,
  }
  const { data } = await gateway.query(create, { input })
  expect(data).toMatchObject({
    createSSOConnector: { ssoConnector: { useFedrampLanguage: true, verification: { status: 'AWAITING' } } },
  })
  expect(writesOf(gateway)).toEqual([
    [
      'POST A/sso_connectors',
      { email_domain: 'newpier.example', begin_verification: false, use_fedramp_language: true },
    ],
  ])
})

test('options that are null are those that are left out', async () => {
  const gateway = await startGateway()
  const input = {
    accountId: gateway.sandbox.accountTag,
    emailDomain: 'newpier.example',
    beginVerification: null,
    useFedrampLanguage: null,
  }
  await gateway.query(create, { input })
  expect(writesOf(gateway)).toMatchObject([
    ['POST A/sso_connectors', { begin_verification: true, use_fedramp_language: false }],
  ])
})

test('a blank domain and a bad account are told together, and nothing is sent', async () => {
  const gateway = await startGateway()
  const { data, extensions } = await gateway.query(create, { input: { accountId: '/', emailDomain: ' ' } })
  expect(data).toMatchObject({
    createSSOConnector: {
      ssoConnector: null,
      userErrors: [
        { code: 'INVALID', field: ['accountId'] },
        { code: 'INVALID', field: ['emailDomain'], message: 'emailDomain must not be empty' },
      ],
    },
  })
  expect(extensions).toEqual({ restCalls: { estimated: 0, made: 0, limit: 200 } })
})

test.each(['gmail.com', 'no domain', `${'a'.repeat(250)}.example`, 'quayline.example'])(
  'a domain that the upstream refuses is told at its place: %s',
  async (emailDomain) => {
    const gateway = await startGateway()
    const before = await readAll<WireConnector>(gateway, '/sso_connectors')
    const { data, errors } = await gateway.query(create, {
      input: { accountId: gateway.sandbox.accountTag, emailDomain },
    })
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      createSSOConnector: {
        ssoConnector: null,
        userErrors: [{ field: ['emailDomain'], message: expect.any(String), upstreamCode: 400 }],
      },
    })
    expect(await readAll(gateway, '/sso_connectors')).toEqual(before)
  },
)

test('an update sends what its input names and nothing else', async () => {
  const gateway = await startGateway()
  const verified = await connector(gateway, 'verified')
  for (const [change, body] of [
    [{ enabled: false }, { enabled: false }],
    [{ useFedrampLanguage: true, enabled: null }, { use_fedramp_language: true }],
    [
      { enabled: true, useFedrampLanguage: false },
      { enabled: true, use_fedramp_language: false },
    ],
  ]) {
    gateway.sandbox.clearRequests()
    const { data, extensions } = await gateway.query(update, {
      input: { id: idOf(gateway, verified), ...change },
    })
    expect(data).toMatchObject({ updateSSOConnector: { ssoConnector: { tag: verified.id }, userErrors: [] } })
    expect(writesOf(gateway)).toEqual([[`PATCH A/sso_connectors/${verified.id}`, body]])
    expect(callsOf(gateway)).toHaveLength(1)
    expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
  }
  expect(await readOne(gateway, `/sso_connectors/${verified.id}`)).toMatchObject({
    enabled: true,
    use_fedramp_language: false,
  })
})

test('an update that names nothing is refused', async () => {
  const gateway = await startGateway()
  const id = encodeGlobalId('SSOConnector', gateway.sandbox.accountTag, unknown)
  const { data } = await gateway.query(update, { input: { id, enabled: null } })
  expect(data).toMatchObject({
    updateSSOConnector: {
      userErrors: [
        { code: 'INVALID', field: null, message: 'name what to change: enabled, useFedrampLanguage or both' },
      ],
    },
  })
  expect(callsOf(gateway)).toEqual([])
})

test('enabling before the domain is verified is refused', async () => {
  const gateway = await startGateway()
  const pending = await connector(gateway, 'pending')
  const { data } = await gateway.query(update, { input: { id: idOf(gateway, pending), enabled: true } })
  expect(data).toMatchObject({
    updateSSOConnector: {
      ssoConnector: null,
      userErrors: [{ code: 'INVALID', field: ['enabled'], upstreamCode: 400 }],
    },
  })
  expect(await readOne(gateway, `/sso_connectors/${pending.id}`)).toMatchObject({ enabled: false })
})

test('verification is begun, and the connector read afresh where it is asked for', async () => {
  const gateway = await startGateway()
  const awaiting = await connector(gateway, 'awaiting')
  const id = idOf(gateway, awaiting)
  const { data, extensions } = await gateway.query(begin, { input: { id, clientMutationId: 'm-2' } })
  expect(data).toMatchObject({
    beginSSOConnectorVerification: {
      clientMutationId: 'm-2',
      ssoConnector: { tag: awaiting.id, verification: { status: 'PENDING' } },
      userErrors: [],
    },
  })
  expect(callsOf(gateway)).toEqual([
    `POST A/sso_connectors/${awaiting.id}/begin_verification`,
    `GET A/sso_connectors/${awaiting.id}`,
  ])
  expect(writesOf(gateway)).toEqual([[`POST A/sso_connectors/${awaiting.id}/begin_verification`, null]])
  expect(extensions).toEqual({ restCalls: { estimated: 2, made: 2, limit: 200 } })
  gateway.sandbox.clearRequests()
  const again = await gateway.query(
    'mutation ($input: BeginSSOConnectorVerificationInput!) { beginSSOConnectorVerification(input: $input) { ssoConnector { id } } }',
    { input: { id } },
  )
  expect(again.data).toEqual({ beginSSOConnectorVerification: { ssoConnector: { id } } })
  expect(again.extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('a domain that is verified already needs no verification', async () => {
  const gateway = await startGateway()
  const verified = await connector(gateway, 'verified')
  const { data } = await gateway.query(begin, { input: { id: idOf(gateway, verified) } })
  expect(data).toMatchObject({
    beginSSOConnectorVerification: { ssoConnector: null, userErrors: [{ code: 'INVALID', field: ['id'] }] },
  })
})

test('a deleted connector is gone; an enabled one refuses', async () => {
  const gateway = await startGateway()
  const failed = await connector(gateway, 'failed')
  const enabled = await connector(gateway, 'verified')
  const id = idOf(gateway, failed)
  const { data } = await gateway.query(remove, { input: { id, clientMutationId: 'm-3' } })
  expect(data).toEqual({
    deleteSSOConnector: { clientMutationId: 'm-3', deletedSSOConnectorId: id, userErrors: [] },
  })
  expect(writesOf(gateway)).toEqual([[`DELETE A/sso_connectors/${failed.id}`, null]])
  const refused = await gateway.query(remove, { input: { id: idOf(gateway, enabled) } })
  expect(refused.data).toMatchObject({
    deleteSSOConnector: {
      deletedSSOConnectorId: null,
      userErrors: [{ code: 'INVALID', field: ['id'], message: expect.stringContaining('disable it first') }],
    },
  })
  const left = (await readAll<WireConnector>(gateway, '/sso_connectors')).map((one) => one.id)
  expect(left).toContain(enabled.id)
  expect(left).not.toContain(failed.id)
})

test('what does not exist is not found, by each of the three that name it', async () => {
  const gateway = await startGateway()
  const id = encodeGlobalId('SSOConnector', gateway.sandbox.accountTag, unknown)
  for (const [document, name, change] of [
    [update, 'updateSSOConnector', { enabled: true }],
    [begin, 'beginSSOConnectorVerification', {}],
    [remove, 'deleteSSOConnector', {}],
  ] as const) {
    const { data, errors } = await gateway.query(document, { input: { id, ...change } })
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({ [name]: { userErrors: [{ code: 'NOT_FOUND', field: ['id'] }] } })
  }
})

test('without the permission it is a fault of the credentials, not of the input', async () => {
  const gateway = await startGateway({ headers: { authorization: 'Bearer sso-forbidden-token' } })
  const { data, errors } = await gateway.query(create, {
    input: { accountId: gateway.sandbox.accountTag, emailDomain: 'newpier.example' },
  })
  expect(data).toBeNull()
  expect(errors).toMatchObject([
    {
      path: ['createSSOConnector'],
      extensions: { code: 'FORBIDDEN', upstream: { method: 'POST', status: 403, errors: [{ code: 10000 }] } },
    },
  ])
})

type Payload = { readonly ssoConnector: { readonly tag: string } | null }

async function connector(gateway: Gateway, status: string): Promise<WireConnector> {
  const rows = await readAll<WireConnector>(gateway, '/sso_connectors')
  const found = rows.find(({ verification }) => verification.status === status)
  if (found === undefined) throw new Error(`the seed has no connector that is ${status}`)
  return found
}

function idOf(gateway: Gateway, { id }: WireConnector): string {
  return encodeGlobalId('SSOConnector', gateway.sandbox.accountTag, id)
}
