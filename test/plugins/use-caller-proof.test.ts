import type { JWTPayload } from 'jose'
import { expect, test } from 'vitest'
import { type GatewayOptions, startGateway } from '../support/gateway.ts'
import { signWithSecret, startKeySetServer } from '../support/key-set-server.ts'
import { startRestServer, success } from '../support/rest-server.ts'

const secret = 'a-secret-of-at-least-thirty-two-bytes'
const serviceHeaders = { authorization: 'Bearer the-gateways-own' }
const callerProof = { key: { secret }, issuer: undefined, audience: undefined }
const otherAccount = 'f'.repeat(32)
const group = (id: string) =>
  `{ nodes(ids: ["${id}"]) { id ... on UserGroup { name } } _entities(representations: [{ __typename: "UserGroup", id: "${id}" }]) { ... on UserGroup { name } } }`

test.each([
  ['no token', undefined, 'Bearer'],
  ['a token of the upstream', 'cfut_abc', 'Bearer error="invalid_token"'],
])(
  'with %s every request but the probes and the page is 401 before anything of it is read',
  async (_what, token, challenge) => {
    const { fetch, requests } = await startServiceMode()
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const sent: readonly (readonly [string, RequestInit])[] = [
      [
        '/graphql',
        { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{"query":"{' },
      ],
      ['/graphql?query={__typename}', { headers }],
      ['/graphql', { method: 'POST', headers, body: 'a form' }],
      ['/metrics', { headers }],
      ['/elsewhere', { headers }],
    ]
    for (const [path, init] of sent) {
      const response = await fetch(path, init)
      expect({ path, status: response.status }).toEqual({ path, status: 401 })
      expect(response.headers.get('www-authenticate')).toBe(challenge)
      expect(await response.json()).toEqual({
        errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }],
      })
    }
    for (const path of ['/health', '/ready']) expect((await fetch(path)).status).toBe(200)
    expect((await fetch('/graphql', { headers: { accept: 'text/html' } })).status).toBe(200)
    expect(requests()).toEqual([])
  },
)

test("a proven caller is served with the gateway's own credentials, and nothing of the caller's goes upstream", async () => {
  const upstream = await startRestServer(success({ id: otherAccount, name: 'Example' }))
  const { queryAs } = await startServiceMode({ baseUrl: upstream.url })
  const forged = {
    'x-auth-email': 'evil@example.com',
    'x-auth-key': 'forged',
    cookie: 'session=1',
    connection: 'keep-alive, x-auth-key',
    'proxy-authorization': 'Basic forged',
    te: 'trailers',
    'x-forwarded-for': '1.2.3.4',
    'cf-connecting-ip': '1.2.3.4',
  }
  const { data, errors } = await queryAs({ scope: 'iam:read' }, nameOf(otherAccount), forged)
  expect({ data, errors }).toEqual({ data: { account: { name: 'Example' } }, errors: undefined })
  const [{ headers } = { headers: {} }] = upstream.requests
  expect(Object.keys(headers).sort()).toEqual(['accept', 'authorization', 'connection', 'host', 'user-agent'])
  expect(headers).toMatchObject({ ...serviceHeaders, connection: 'keep-alive' })
})

test.each([
  ['query', 'iam:read', 'iam:write'],
  ['mutation', 'iam:write', 'iam:read'],
])('a %s needs the scope %s, and is refused by name before any call', async (kind, needed, other) => {
  const { queryAs, requests, sandbox } = await startServiceMode()
  const account = sandbox.accountTag
  const document =
    kind === 'query'
      ? nameOf(account)
      : `mutation { createUserGroup(input: { accountId: "${account}", name: "New" }) { userGroup { id } } }`
  for (const scope of [undefined, '', other, `${needed}s`]) {
    const refused = await queryAs({ scope }, document, { 'x-dry-run': 'true' })
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope", scope="${needed}"`,
    )
    expect(refused).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'FORBIDDEN', scope: needed } }],
    })
    expect(refused.errors?.[0]?.message).toContain(needed)
    expect((await queryAs({ scope }, document)).status).toBe(403)
  }
  expect(requests()).toEqual([])
  expect(await queryAs({ scope: needed }, document)).toMatchObject({ status: 200, errors: undefined })
  expect(requests()).toHaveLength(1)
})

test('an account that the token does not name is out of reach by argument, global id, reference and input', async () => {
  const { queryAs, requests, sandbox } = await startServiceMode()
  const { accountTag, landmarks } = sandbox
  const id = `ug_${accountTag}${landmarks.allStaffUserGroup}`
  const claims = { scope: 'iam:read iam:write', accounts: [otherAccount] }
  const documents = [
    nameOf(accountTag),
    nameOf(accountTag.toUpperCase()),
    `{ account(id: "${accountTag}") { userGroups { nodes { name } } } }`,
    `{ account(id: "${accountTag}") { members(first: 1) { nodes { grants { nodes { policy { access } } } } } } }`,
    `{ node(id: "${id}") { ... on UserGroup { name } } }`,
    group(id),
    `{ _entities(representations: [{ __typename: "UserGroup", tag: "${landmarks.allStaffUserGroup}", account: { tag: "${accountTag}" } }]) { ... on UserGroup { name } } }`,
    `mutation { createUserGroup(input: { accountId: "${accountTag}", name: "New" }) { userGroup { id } } }`,
    `mutation { updateUserGroup(input: { id: "${id}", name: "New" }) { userGroup { id } } }`,
    `mutation { deleteUserGroup(input: { id: "${id}" }) { deletedUserGroupId } }`,
    `mutation { setUserGroupMembers(input: { userGroupId: "${id}", memberIds: [] }) { userGroup { id } } }`,
    `mutation { createSSOConnector(input: { accountId: "${accountTag}", emailDomain: "a.example" }) { ssoConnector { id } } }`,
  ]
  for (const document of documents) {
    const { errors = [], extensions } = await queryAs(claims, document)
    expect({ document, codes: [...new Set(errors.map((error) => error.extensions.code))] }).toEqual({
      document,
      codes: ['FORBIDDEN'],
    })
    expect(extensions).toMatchObject({ restCalls: { made: 0 } })
    // Nothing was called, so no call is named.
    expect(JSON.stringify(errors)).not.toMatch(/upstream|iam\/|\/accounts/)
  }
  expect(requests()).toEqual([])
  const { errors } = await queryAs({ ...claims, accounts: [accountTag.toUpperCase()] }, group(id))
  expect(errors).toBeUndefined()
})

test('a flight of one caller is not shared with another who may not use that account', async () => {
  const { queryAs, sandbox } = await startServiceMode()
  sandbox.setFaults([{ path: '*', respond: [{ delayMs: 50, passThrough: true }] }])
  const scope = 'iam:read'
  const [mine, theirs] = await Promise.all([
    queryAs({ scope, accounts: [sandbox.accountTag] }, nameOf(sandbox.accountTag)),
    queryAs({ scope, accounts: [otherAccount] }, nameOf(sandbox.accountTag)),
  ])
  expect(mine.data).toMatchObject({ account: { name: expect.any(String) } })
  expect(theirs.data).toEqual({ account: { name: null } })
})

test('an execution is shared by callers who may use everything, and by nobody who may use a part or not read', async () => {
  const { queryAs, sandbox, requests } = await startServiceMode()
  const document = nameOf(sandbox.accountTag)
  const scope = 'iam:read'
  await queryAs({ scope }, document)
  sandbox.clearRequests()
  sandbox.setFaults([{ path: '*', respond: [{ delayMs: 50, passThrough: true }], repeat: true }])
  const accounts = [sandbox.accountTag]
  const answers = await Promise.all([
    queryAs({ scope, sub: 'one' }, document),
    queryAs({ scope, sub: 'another' }, document),
    queryAs({ scope, accounts }, document),
    queryAs({ scope, accounts: [otherAccount] }, document),
    queryAs({ scope: 'iam:write' }, document),
  ])
  const made = answers.map(({ extensions }) => extensions?.restCalls)
  expect(made.slice(0, 2).filter((one) => JSON.stringify(one).includes('"made":0'))).toHaveLength(1)
  // It was executed, and its call joined the one in flight.
  expect(made[2]).toMatchObject({ estimated: 1 })
  expect(answers.slice(0, 3).map(({ data }) => data)).toEqual(Array(3).fill(answers[0]?.data))
  expect(answers[3]?.data).toEqual({ account: { name: null } })
  expect(answers[4]?.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  expect(requests()).toHaveLength(1)
})

test('accounts lists those that the token names, without a total', async () => {
  const { queryAs, sandbox } = await startServiceMode()
  const document = '{ accounts(first: 50) { nodes { tag } totalCount pageInfo { hasNextPage } } }'
  const all = await queryAs({ scope: 'iam:read' }, document)
  expect(all.data).toMatchObject({ accounts: { totalCount: expect.any(Number) } })
  const pageInfo = { hasNextPage: false }
  const one = await queryAs({ scope: 'iam:read', accounts: [sandbox.accountTag] }, document)
  expect(one.data).toEqual({ accounts: { nodes: [{ tag: sandbox.accountTag }], totalCount: null, pageInfo } })
  const none = await queryAs({ scope: 'iam:read', accounts: [otherAccount] }, document)
  expect(none.data).toEqual({ accounts: { nodes: [], totalCount: null, pageInfo } })
})

test('a key set out of reach is 503 with Retry-After, and logged without the token', async () => {
  const server = await startKeySetServer()
  const sign = await server.rotate('first')
  server.answerWith(500)
  const lines: object[] = []
  const { query, requests } = await startGateway({
    config: { serviceHeaders, callerProof: { ...callerProof, key: { jwksUrl: server.jwksUrl } } },
    log: (line) => lines.push(line),
  })
  const token = await sign({ scope: 'iam:read' })
  const { status, headers, errors } = await query('{ __typename }', {}, { authorization: `Bearer ${token}` })
  expect({ status, after: headers.get('retry-after') }).toEqual({ status: 503, after: '5' })
  expect(errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE', retryAfterMs: 5000 } }])
  expect(requests()).toEqual([])
  expect(lines).toContainEqual(expect.objectContaining({ level: 50, msg: 'callers cannot be checked' }))
  expect(JSON.stringify(lines)).not.toContain(token)
})

test('a preflight of a listed origin needs no token: it cannot have one', async () => {
  const corsOrigins = ['https://console.example']
  const { fetch } = await startGateway({ config: { serviceHeaders, callerProof, corsOrigins } })
  const headers = { origin: 'https://console.example', 'access-control-request-method': 'POST' }
  const preflight = await fetch('/graphql', { method: 'OPTIONS', headers })
  expect(preflight.status).toBe(204)
  const refused = await fetch('/graphql', { method: 'POST', headers: { origin: 'https://console.example' } })
  expect(refused.status).toBe(401)
  expect(refused.headers.get('access-control-allow-origin')).toBe('https://console.example')
})

async function startServiceMode(options: GatewayOptions = {}) {
  const gateway = await startGateway({ config: { serviceHeaders, callerProof }, headers: {}, ...options })
  return {
    fetch: gateway.fetch,
    requests: gateway.requests,
    get sandbox() {
      return gateway.sandbox
    },
    async queryAs(claims: JWTPayload, document: string, headers = {}) {
      const authorization = `Bearer ${await signWithSecret(secret, claims)}`
      return gateway.query(document, {}, { ...headers, authorization })
    },
  }
}

function nameOf(accountTag: string): string {
  return `{ account(id: "${accountTag}") { name } }`
}
