import { cp, rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { builtBeforeAll } from './support/build-gateway.ts'
import { signWithSecret } from './support/key-set-server.ts'
import { type Program, startProgram } from './support/program.ts'
import { held, startRestServer, success } from './support/rest-server.ts'

const someTag = '0123456789abcdef0123456789abcdef'
const built = builtBeforeAll()

test('without settings it serves the sandbox, and says where, what, and how to switch', async () => {
  const program = start({ PORT: '0' })
  const url = await program.url()
  const [account] = /[0-9a-f]{32}/.exec(program.stdout()) ?? []
  expect(program.stdout()).toMatch(/GraphiQL +http:\/\/127\.0\.0\.1:\d+\/graphql\n/)
  expect(program.stdout()).toContain('the sandbox')
  expect(program.stdout()).toContain('CLOUDFLARE_BASE_URL=https://api.cloudflare.com/client/v4 npm start')

  const answer = await query(url, `{ account(id: "${account}") { name } }`)
  expect(answer).toMatchObject({ data: { account: { name: expect.stringMatching(/./) } } })
  program.kill('SIGINT')
  expect(await program.exit).toEqual([0, null])
  expect(program.stderr()).toBe('')
})

test('GraphiQL opens with examples that run as they are', async () => {
  const program = start({ PORT: '0' })
  const url = await program.url()
  const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text()
  const [, options = '{}'] = /^ *(\{"title":.*\}),$/m.exec(page) ?? []
  const tabs: readonly { readonly query: string; readonly variables: string }[] =
    JSON.parse(options).defaultTabs
  expect(tabs).toHaveLength(5)
  for (const tab of tabs) {
    const body = JSON.stringify({ query: tab.query, variables: JSON.parse(tab.variables) })
    const headers = { 'content-type': 'application/json' }
    const { data, errors } = await (await fetch(url, { method: 'POST', headers, body })).json()
    expect(errors).toBeUndefined()
    expect(Object.values(Object(data))).toContainEqual(expect.anything())
  }
})

test('with a base URL it serves that, and needs nothing of the sandbox', async () => {
  const upstream = await startRestServer(success({ id: someTag, name: 'Elsewhere' }))
  const withoutSandbox = new URL('../without-sandbox/', built())
  await cp(built(), withoutSandbox, { recursive: true })
  await rm(new URL('sandbox/', withoutSandbox), { recursive: true })

  const program = start({ PORT: '0', CLOUDFLARE_BASE_URL: upstream.url }, withoutSandbox)
  const url = await program.url()
  expect(program.stdout()).toContain(`the REST API at ${upstream.url}\n`)
  expect(program.stdout()).toContain('Authorization: Bearer')
  const answer = await query(url, `{ account(id: "${someTag}") { name } }`, { authorization: 'Bearer mine' })
  expect(answer).toMatchObject({ data: { account: { name: 'Elsewhere' } } })
  expect(upstream.lines()).toEqual([`GET /accounts/${someTag}`])

  program.kill('SIGTERM')
  expect(await program.exit).toEqual([0, null])
  expect(program.stderr()).toBe('')
})

test('in production it says so in a log line, and shows neither GraphiQL nor the schema', async () => {
  const program = start({ PORT: '0', NODE_ENV: 'production', SANDBOX: 'true' })
  const url = await program.url()
  const [line = '', ...more] = program.stdout().trim().split('\n')
  expect(JSON.parse(line)).toMatchObject({
    level: 40,
    url,
    serving: { sandboxAccount: expect.stringMatching(/^[0-9a-f]{32}$/) },
    msg: 'listening: the sandbox is served, all data is invented',
  })
  expect(more).toEqual([])
  expect((await fetch(url, { headers: { accept: 'text/html' } })).status).toBe(406)
  expect(await query(url, '{ __schema { queryType { name } } }')).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }, {}],
  })
})

test('it serves the same where the processor cannot look at many bytes at once', async () => {
  const answers: unknown[] = []
  for (const flags of [[], ['--no-enable-sse4-1']]) {
    const program = startProgram(built(), { PORT: '0' }, flags)
    const url = await program.url()
    const [account] = /[0-9a-f]{32}/.exec(program.stdout()) ?? []
    const document = `{ account(id: "${account}") { userGroups { nodes { name policies { access } } } } }`
    answers.push(await query(url, document))
  }
  const [first, second] = answers
  expect(JSON.stringify(first)).toContain('"policies":[{"access":"ALLOW"}')
  expect(second).toEqual(first)
})

test('settings that make no sense end it with a line each', async () => {
  const program = start({ PORT: 'eighty', MAX_REST_CALLS: '0' })
  expect(await program.exit).toEqual([1, null])
  expect(program.stderr()).toBe(
    [
      'The gateway did not start:',
      '  PORT is "eighty"; it must be a whole number from 0 to 65535',
      '  MAX_REST_CALLS is "0"; it must be a whole number from 1 to 100000',
      '',
    ].join('\n'),
  )
  expect(program.stdout()).toBe('')
})

test('a manifest that cannot be used ends it with its place', async () => {
  const program = start({ PORT: '0', PERSISTED_OPERATIONS: '/nowhere/manifest.json' })
  expect(await program.exit).toEqual([1, null])
  expect(program.stderr()).toBe(
    [
      'The gateway did not start:',
      '  PERSISTED_OPERATIONS is "/nowhere/manifest.json"; it must be a manifest of operations: it cannot be read',
      '',
    ].join('\n'),
  )
})

test('with credentials of its own and no proof of callers it does not start on a public address', async () => {
  const program = start({ PORT: '0', HOST: '0.0.0.0', CLOUDFLARE_API_TOKEN: 'very-secret' })
  expect(await program.exit).toEqual([1, null])
  expect(program.stderr()).toMatch(/HOST is "0\.0\.0\.0"; .*JWT_JWKS_URL or JWT_SECRET/)
  expect(`${program.stdout()}${program.stderr()}`).not.toContain('very-secret')
})

test('with a secret to prove callers it serves those who know it, and says so', async () => {
  const upstream = await startRestServer(success({ id: someTag, name: 'Mine' }))
  const secret = 'a-secret-of-at-least-thirty-two-bytes'
  const program = start({
    PORT: '0',
    CLOUDFLARE_BASE_URL: upstream.url,
    CLOUDFLARE_API_TOKEN: 'very-secret',
    JWT_SECRET: secret,
  })
  const url = await program.url()
  expect(program.stdout()).toContain('for callers with a JWT')
  const document = `{ account(id: "${someTag}") { name } }`
  expect((await post(url, document)).status).toBe(401)
  const token = await signWithSecret(secret, { scope: 'iam:read' })
  const answer = await query(url, document, { authorization: `Bearer ${token}` })
  expect(answer).toMatchObject({ data: { account: { name: 'Mine' } } })
  expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer very-secret'])
  for (const kept of ['very-secret', secret, token]) expect(program.stdout()).not.toContain(kept)
})

test('work beyond what it may hold is refused at once, and taken again when there is room', async () => {
  const slow = held(success({ id: someTag, name: 'Late' }))
  const upstream = await startRestServer(slow.reply)
  const program = start({ PORT: '0', CLOUDFLARE_BASE_URL: upstream.url, MAX_IN_FLIGHT: '1' })
  const url = await program.url()
  const answer = query(url, `{ account(id: "${someTag}") { name } }`, { authorization: 'Bearer mine' })
  await slow.arrived

  const refused = await post(url, '{ __typename }')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  expect((await fetch(new URL('/health', url))).status).toBe(200)
  slow.release()
  expect(await answer).toMatchObject({ data: { account: { name: 'Late' } } })
  expect((await post(url, '{ __typename }')).status).toBe(200)
})

test('a port in use ends it with a line that says what to do', async () => {
  const first = start({ PORT: '0' })
  const { port } = new URL(await first.url())
  const second = start({ PORT: port })
  expect(await second.exit).toEqual([1, null])
  expect(second.stderr()).toMatch(/^The gateway did not start:\n {2}.*in use.*PORT=4001 npm start\n$/)
  expect(second.stdout()).toBe('')
})

test('SIGTERM refuses new work, finishes what is in flight, and exits with 0', async () => {
  const slow = held(success({ id: someTag, name: 'Late' }))
  const upstream = await startRestServer(slow.reply)
  const program = start({ PORT: '0', CLOUDFLARE_BASE_URL: upstream.url })
  const url = await program.url()
  const ready = new URL('/ready', url)
  expect((await fetch(ready)).status).toBe(200)
  const answer = query(url, `{ account(id: "${someTag}") { name } }`, { authorization: 'Bearer mine' })
  await slow.arrived

  program.kill('SIGTERM')
  await program.said('draining')
  expect((await fetch(ready)).status).toBe(503)
  expect((await fetch(new URL('/health', url))).status).toBe(200)
  expect((await post(url, '{ __typename }')).status).toBe(503)

  slow.release()
  expect(await answer).toMatchObject({ data: { account: { name: 'Late' } } })
  expect(await program.exit).toEqual([0, null])
  expect(program.stderr()).toBe('')
})

test('a second signal does not wait', async () => {
  const never = held(success(null))
  const upstream = await startRestServer(never.reply)
  const program = start({ PORT: '0', CLOUDFLARE_BASE_URL: upstream.url })
  const url = await program.url()
  const document = `{ account(id: "${someTag}") { name } }`
  const cut = expect(query(url, document, { authorization: 'Bearer mine' })).rejects.toThrow()
  await never.arrived
  program.kill('SIGTERM')
  await program.said('draining')
  program.kill('SIGINT')
  expect(await program.exit).toEqual([null, 'SIGINT'])
  await cut
})

function start(env: Readonly<Record<string, string>>, directory = built()): Program {
  return startProgram(directory, env)
}

function post(url: string, document: string, headers: Readonly<Record<string, string>> = {}) {
  const body = JSON.stringify({ query: document })
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
}

async function query(url: string, document: string, headers?: Readonly<Record<string, string>>) {
  return (await post(url, document, headers)).json()
}
