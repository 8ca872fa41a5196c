import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { untrustedCertificate } from './untrusted-certificate.ts'

const account = '0123456789abcdef0123456789abcdef'
const group = `ug_${account}${account}`
const slackMs = 3_000

/** Base URLs behind which nobody answers properly, with what a server there gets to see. */
type Nobody = { readonly url: string; readonly seen: () => string }

const unreachable: readonly (readonly [
  string,
  () => Promise<Nobody>,
  { readonly attempts: number; readonly uncertain: boolean },
])[] = [
  ['a port where nobody listens', closedPort, { attempts: 2, uncertain: false }],
  ['a name that does not resolve', unknownName, { attempts: 2, uncertain: false }],
  ['a server that does not speak TLS', plainServer, { attempts: 1, uncertain: false }],
  ['a server that agrees on no cipher', cipherlessServer, { attempts: 1, uncertain: false }],
  ['a server whose certificate nobody vouches for', untrustedServer, { attempts: 1, uncertain: false }],
  [
    'a server that speaks no HTTP',
    talkingServer('220 mail.example ESMTP\r\n'),
    { attempts: 1, uncertain: true },
  ],
  ['a server with endless headers', talkingServer(endlessHeaders()), { attempts: 1, uncertain: true }],
]

/** With whether it writes, and what is left of its data. */
const calls: readonly (readonly [string, boolean, string, unknown])[] = [
  [
    'list',
    false,
    `{ account(id: "${account}") { tag userGroups(first: 1) { nodes { name } } } }`,
    { account: { tag: account, userGroups: null } },
  ],
  [
    'get',
    false,
    `{ account(id: "${account}") { tag userGroup(id: "${account}") { name } } }`,
    { account: { tag: account, userGroup: null } },
  ],
  [
    'by-tag batch',
    false,
    `{ account(id: "${account}") { tag } nodes(ids: ["${group}"]) { id ... on UserGroup { name } } }`,
    { account: { tag: account }, nodes: [null] },
  ],
  [
    'create',
    true,
    `mutation { createUserGroup(input: { accountId: "${account}", name: "n" }) { userErrors { code } } }`,
    null,
  ],
  [
    'replace',
    true,
    `mutation { setUserGroupMembers(input: { userGroupId: "${group}", memberIds: [] }) { userErrors { code } } }`,
    null,
  ],
  ['delete', true, `mutation { deleteUserGroup(input: { id: "${group}" }) { userErrors { code } } }`, null],
]

beforeEach(() => {
  // Retries come without waiting.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

test.each(
  unreachable.flatMap(([name, start, outcome]) =>
    calls.map(([call, isWrite, document, data]) => ({ name, start, outcome, call, isWrite, document, data })),
  ),
)('$call meets $name', async ({ start, outcome, isWrite, document, data }) => {
  const { url, seen } = await start()
  const { query } = await startGateway({ baseUrl: url, config: { restRetries: 1 } })
  const startedMs = performance.now()
  const answer = await query(document, {}, { authorization: 'Bearer marked-token' })
  expect(performance.now() - startedMs).toBeLessThan(slackMs)
  expect(answer.status).toBe(200)
  expect(answer.data).toEqual(data)
  expect(answer.errors).toHaveLength(1)
  const mayHaveHappened = isWrite && outcome.uncertain ? true : undefined
  expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
  expect(answer.errors?.[0]?.extensions.mayHaveHappened).toBe(mayHaveHappened)
  expect(answer.extensions).toMatchObject({ restCalls: { made: outcome.attempts } })
  // Where no connection can be trusted, nothing is told to anybody.
  if (!outcome.uncertain) expect(seen()).not.toContain('marked-token')
  expect(JSON.stringify(answer)).not.toContain('marked-token')
})

async function closedPort(): Promise<Nobody> {
  const server = createServer()
  const port = await listen(server)
  server.close()
  return { url: `http://127.0.0.1:${port}/client/v4`, seen: () => '' }
}

// A label of more than 63 characters is no name, so that not even a resolver is asked.
async function unknownName(): Promise<Nobody> {
  return { url: `http://${'x'.repeat(64)}.invalid/client/v4`, seen: () => '' }
}

async function plainServer(): Promise<Nobody> {
  return serve(createServer(), 'https', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
}

async function cipherlessServer(): Promise<Nobody> {
  return serve(createTlsServer({}), 'https', () => {})
}

async function untrustedServer(): Promise<Nobody> {
  return serve(createTlsServer(untrustedCertificate()), 'https', () => {})
}

function talkingServer(text: string): () => Promise<Nobody> {
  return () => serve(createServer(), 'http', (socket) => socket.end(text))
}

function endlessHeaders(): string {
  return `HTTP/1.1 200 OK\r\n${'x-more: and more\r\n'.repeat(5_000)}\r\n`
}

async function serve(
  server: Server,
  protocol: 'http' | 'https',
  reply: (socket: Socket) => void,
): Promise<Nobody> {
  let seen = ''
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on(
    protocol === 'https' && 'setSecureContext' in server ? 'secureConnection' : 'connection',
    (socket: Socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        if (seen === '') reply(socket)
        seen += chunk.toString('latin1')
      })
    },
  )
  server.on('tlsClientError', () => {})
  const port = await listen(server)
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return { url: `${protocol}://127.0.0.1:${port}/client/v4`, seen: () => seen }
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
