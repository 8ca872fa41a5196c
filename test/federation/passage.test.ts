import { expect, test } from 'vitest'
import { callsOf } from '../schema/support/rest.ts'
import { routers, startHiveGateway } from './support/routers.ts'
import { startSupergraph } from './support/supergraph.ts'

const engineers = '{ department(name: "Platform Engineering") { people { displayName email } } }'
type Engineers = {
  readonly department: {
    readonly people: readonly { readonly displayName: string; readonly email: string | null }[]
  }
}
/** What the directory knows is there, and what the gateway would have told is not. */
const withoutEmails = {
  department: {
    people: Array.from({ length: 30 }, () => ({ displayName: expect.any(String), email: null })),
  },
}

test.each(routers)(
  '%s: credentials of either kind reach the gateway, and the directory sees none',
  async (_name, start) => {
    const { sdl, asked, clear } = await startSupergraph()
    const { query } = await start(sdl)
    const kinds = [
      { authorization: 'Bearer token-of-a-caller' },
      { 'x-auth-email': 'ann@quayline.example', 'x-auth-key': 'key-of-a-caller' },
    ]
    for (const credentials of kinds) {
      clear()
      expect((await query(engineers, {}, { ...credentials, cookie: 'session=1' })).errors).toBeUndefined()
      expect(asked.iam.map(({ headers }) => headers)).toMatchObject([credentials])
      const secrets = [...Object.keys(Object.assign({}, ...kinds)), 'cookie']
      const strays = asked.directory.flatMap(({ headers }) => secrets.filter((name) => name in headers))
      expect(strays).toEqual([])
      expect(asked.iam.filter(({ headers }) => 'cookie' in headers)).toEqual([])
    }
  },
)

test.each(routers)(
  '%s: two callers with the same query at once are two requests, each with its own token',
  async (_name, start) => {
    const { gateway, sdl, asked } = await startSupergraph()
    const { query } = await start(sdl)
    const tokens = ['Bearer token-of-ann', 'Bearer token-of-ben']
    await Promise.all(tokens.map((authorization) => query(engineers, {}, { authorization })))
    expect(asked.iam.map(({ headers }) => headers.authorization).toSorted()).toEqual(tokens)
    expect(callsOf(gateway)).toHaveLength(2)
  },
)

test.each(routers)('%s: the request id of the caller is in the log of the gateway', async (_name, start) => {
  const requestIds = new Set<unknown>()
  const { sdl, asked, clear } = await startSupergraph({ log: ({ requestId }) => requestIds.add(requestId) })
  const { query } = await start(sdl)
  clear()
  requestIds.clear()
  await query(engineers, {}, { 'x-request-id': 'request-7' })
  expect([...requestIds]).toEqual(['request-7'])
  expect(asked.directory.map(({ headers }) => headers['x-request-id'])).toEqual(['request-7'])
})

test('Hive Gateway: a request without an id gets one, the same for both subgraphs and in the answer', async () => {
  const { sdl, asked } = await startSupergraph()
  const { query } = await startHiveGateway(sdl)
  const { headers } = await query(engineers)
  const id = headers.get('x-request-id')
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect([...asked.iam, ...asked.directory].map((request) => request.headers['x-request-id'])).toEqual([
    id,
    id,
  ])
})

test.each(routers)(
  '%s: a rate limit that the upstream sets says how long to wait, and costs what it feeds',
  async (_name, start) => {
    const { gateway, sdl } = await startSupergraph({ config: { restRetries: 0 } })
    const { query } = await start(sdl)
    gateway.sandbox.setFaults([
      { path: '*/members*', respond: [{ status: 429, headers: { 'retry-after': '7' } }], repeat: true },
    ])
    const { status, data, errors = [] } = await query<Engineers>(engineers)
    expect({ status, data }).toEqual({ status: 200, data: withoutEmails })
    expect(errors.length).toBeGreaterThan(0)
    for (const { extensions } of errors) {
      expect(extensions).toMatchObject({
        code: 'RATE_LIMITED',
        retryAfterMs: expect.any(Number),
        upstream: { status: 429 },
        serviceName: 'iam',
      })
      expect(extensions.retryAfterMs).toBeLessThanOrEqual(7000)
      expect(extensions.retryAfterMs).toBeGreaterThan(0)
    }
  },
)

test.each(routers)(
  '%s: so does a request that the gateway refuses as a whole, before any call',
  async (name, start) => {
    const { gateway, sdl, clear } = await startSupergraph({ config: { restRetries: 0 } })
    const { query } = await start(sdl)
    gateway.sandbox.setFaults([
      { path: '*/members*', respond: [{ status: 429, headers: { 'retry-after': '7' } }], repeat: true },
    ])
    await query(engineers)
    clear()
    const { status, headers, data, errors = [] } = await query<Engineers>(engineers)
    expect({ status, data }).toEqual({ status: 200, data: withoutEmails })
    for (const { extensions } of errors) {
      expect(extensions).toMatchObject({
        code: 'RATE_LIMITED',
        retryAfterMs: expect.any(Number),
        serviceName: 'iam',
      })
      expect(extensions.retryAfterMs).toBeLessThanOrEqual(7000)
    }
    expect(errors.length).toBeGreaterThan(0)
    if (name === 'Hive Gateway') expect(headers.get('retry-after')).toMatch(/^[1-7]$/)
    expect(callsOf(gateway)).toEqual([])
  },
)

test.each(routers)('%s: what is too dear is refused with its price', async (_name, start) => {
  const { gateway, sdl } = await startSupergraph({ config: { maxRestCalls: 20 } })
  const { query } = await start(sdl)
  const { data, errors = [] } = await query(
    'query ($account: ID!) { account(id: $account) { costCenter userGroups(first: 20) { nodes { members { nodes { email } } } } } }',
    { account: gateway.sandbox.accountTag },
  )
  expect(data).toEqual({ account: null })
  expect(errors.map(({ extensions }) => extensions)).toMatchObject([
    { code: 'COST_LIMIT_EXCEEDED', estimated: 21, limit: 20, serviceName: 'iam' },
  ])
  expect(callsOf(gateway)).toEqual([])
})

test.each(routers)(
  '%s: credentials that are none are UNAUTHENTICATED, and the directory still answers',
  async (_name, start) => {
    const { gateway, sdl } = await startSupergraph()
    const { query } = await start(sdl)
    const { status, data, errors = [] } = await query<Engineers>(engineers, {}, { authorization: 'Basic x' })
    expect({ status, data }).toEqual({ status: 200, data: withoutEmails })
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['UNAUTHENTICATED']))
    expect(callsOf(gateway)).toEqual([])
  },
)

test.each(routers)('%s: a mutation that is refused says so in its payload', async (_name, start) => {
  const { gateway, sdl } = await startSupergraph()
  const { query } = await start(sdl)
  const { data, errors } = await query(
    'mutation ($input: CreateUserGroupInput!) { createUserGroup(input: $input) { userGroup { id } userErrors { code field } } }',
    { input: { accountId: gateway.sandbox.accountTag, name: 'All Staff' } },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    createUserGroup: { userGroup: null, userErrors: [{ code: 'CONFLICT', field: ['name'] }] },
  })
})
