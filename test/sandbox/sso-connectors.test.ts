import { expect, test } from 'vitest'
import { known, startRest } from './support/rest.ts'

type Connector = {
  readonly id: string
  readonly email_domain: string
  readonly enabled: boolean
  readonly use_fedramp_language: boolean
  readonly verification: { readonly code: string; readonly status: string }
  readonly created_on: string
  readonly updated_on: string
}

async function startWithConnectors() {
  const rest = await startRest()
  const path = `${rest.account}/sso_connectors`
  const { result } = await rest.get<Connector[]>(path)
  const inState = (status: string) => {
    const connector = result.find(({ verification }) => verification.status === status)
    return `${path}/${known(connector?.id)}`
  }
  return { ...rest, path, inState }
}

test('there is one connector in each state, and the verified one is in use', async () => {
  const { get, path } = await startWithConnectors()
  const { result, result_info } = await get<Connector[]>(path)
  expect(result.map(({ verification, enabled }) => [verification.status, enabled])).toEqual([
    ['verified', true],
    ['pending', false],
    ['awaiting', false],
    ['failed', false],
  ])
  expect(result_info).toMatchObject({ page: 1, count: 4, total_count: 4 })
})

test('a new connector is disabled, and its verification begins unless told otherwise', async () => {
  const { call, get, path } = await startWithConnectors()
  const begun = await call<Connector>('POST', path, { body: { email_domain: 'New.Quayline.example' } })
  expect(begun.result).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    email_domain: 'new.quayline.example',
    enabled: false,
    use_fedramp_language: false,
    verification: {
      code: expect.stringMatching(/^cloudflare_dashboard_sso=[0-9a-f]{32}$/),
      status: 'pending',
    },
    created_on: expect.any(String),
    updated_on: begun.result.created_on,
  })
  const body = { email_domain: 'later.example', begin_verification: false, use_fedramp_language: true }
  const later = await call<Connector>('POST', path, { body })
  expect(later.result).toMatchObject({ use_fedramp_language: true, verification: { status: 'awaiting' } })
  expect((await get(`${path}/${later.result.id}`)).result).toEqual(later.result)
})

test.each([
  [{}],
  [{ email_domain: 'no domain' }],
  [{ email_domain: 'localhost' }],
  [{ email_domain: 'someone@quayline.example' }],
  [{ email_domain: `${'a'.repeat(64)}.example` }],
  [{ email_domain: 'GMAIL.com' }],
  [{ email_domain: 'quayline.example' }],
])('a domain that cannot be connected is refused: %j', async (body) => {
  const { call, get, path } = await startWithConnectors()
  const { status, errors } = await call('POST', path, { body })
  expect({ status, pointer: errors[0]?.source?.pointer }).toEqual({ status: 400, pointer: '/email_domain' })
  expect((await get<Connector[]>(path)).result).toHaveLength(4)
})

test.each(['awaiting', 'failed', 'pending'])(
  'verification begins from %s, and answers no result',
  async (status) => {
    const { call, get, inState } = await startWithConnectors()
    const one = inState(status)
    const answer = await call('POST', `${one}/begin_verification`)
    expect(JSON.parse(answer.text)).toEqual({ success: true, errors: [], messages: [] })
    expect((await get<Connector>(one)).result.verification.status).toBe('pending')
  },
)

test('a verified domain cannot be verified again', async () => {
  const { call, get, inState } = await startWithConnectors()
  const one = inState('verified')
  expect((await call('POST', `${one}/begin_verification`)).status).toBe(400)
  expect((await get<Connector>(one)).result.verification.status).toBe('verified')
})

test('PATCH changes what it names', async () => {
  const { call, get, inState } = await startWithConnectors()
  const one = inState('verified')
  const before = (await get<Connector>(one)).result
  const fedramp = await call<Connector>('PATCH', one, { body: { use_fedramp_language: true } })
  expect(fedramp.result).toEqual({ ...before, use_fedramp_language: true, updated_on: expect.any(String) })
  expect(fedramp.result.updated_on > before.updated_on).toBe(true)
  const off = await call<Connector>('PATCH', one, { body: { enabled: false } })
  expect(off.result).toMatchObject({ enabled: false, use_fedramp_language: true })
  expect((await call('PATCH', one, { body: { enabled: 'yes' } })).status).toBe(400)
})

test('only a verified domain can be enabled', async () => {
  const { call, control, inState } = await startWithConnectors()
  const one = inState('pending')
  const refused = await call('PATCH', one, { body: { enabled: true } })
  expect({ status: refused.status, pointer: refused.errors[0]?.source?.pointer }).toEqual({
    status: 400,
    pointer: '/enabled',
  })
  const tag = one.split('/').at(-1)
  expect((await control('PATCH', `/sso_connectors/${tag}/verification`, { status: 'verified' })).status).toBe(
    200,
  )
  expect((await call<Connector>('PATCH', one, { body: { enabled: true } })).result.enabled).toBe(true)
})

test('a domain that is enabled in one account cannot be in another', async () => {
  const { call, get, inState, sandbox } = await startWithConnectors()
  const path = `/accounts/${sandbox.landmarks.otherAccount}/sso_connectors`
  const { result } = await get<Connector[]>(path)
  const other = `${path}/${result[0]?.id}`
  expect((await call('PATCH', other, { body: { enabled: true } })).status).toBe(400)
  await call('PATCH', inState('verified'), { body: { enabled: false } })
  expect((await call('PATCH', other, { body: { enabled: true } })).status).toBe(200)
})

test('an enabled connector cannot be deleted, a disabled one can', async () => {
  const { call, get, inState } = await startWithConnectors()
  const one = inState('verified')
  expect((await call('DELETE', one)).status).toBe(400)
  await call('PATCH', one, { body: { enabled: false } })
  expect((await call('DELETE', one)).result).toEqual({ id: one.split('/').at(-1) })
  expect((await get(one)).status).toBe(404)
})
