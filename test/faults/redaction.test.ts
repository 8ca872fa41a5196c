import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createUpstream } from '../../src/cloudflare/upstream.ts'
import { getUserGroup, listUserGroups } from '../../src/cloudflare/user-groups.ts'
import type { Fault as SandboxFault } from '../../src/sandbox/server.ts'
import { startGateway } from '../support/gateway.ts'
import { faultTable } from './faults.ts'

// Part of every secret, and of nothing else.
const mark = 'xyzzymark'
const token = `${mark}-token_0123456789.abc~def+ghi/jkl=`
const email = `${mark}@example.com`
const key = `${mark}0123456789abcdef0123456789`

type Headers = Readonly<Record<string, string>>
type Step = SandboxFault['respond'][number]

const callers: readonly (readonly [string, Headers])[] = [
  ['a token', { authorization: `Bearer ${token}` }],
  ['a key with its e-mail', { 'x-auth-email': email, 'x-auth-key': key }],
]

/** Answers that repeat what they were sent. */
function echoes(said: string): readonly Step[] {
  const fault = {
    code: 1000,
    message: `Who is ${said}?`,
    documentation_url: `https://example.com/?token=${said}`,
    source: { pointer: `/${said}` },
    error_chain: [{ code: 6111, message: said }],
  }
  return [
    ...[200, 400, 401, 403, 404, 429, 500, 502].map((status) => ({
      status,
      body: { success: false, errors: [fault, said], messages: [said], result: said },
      headers: { 'cf-ray': said.replace(/[^\w-]/g, '-').slice(0, 64), 'retry-after': '0' },
    })),
    { status: 200, body: `<html>${said}</html>` },
    { status: 200, body: `{"success": ${said}` },
    { status: 302, headers: { location: `https://example.com/?token=${encodeURIComponent(said)}` } },
  ]
}

const operations = [
  'query List($account: ID!) { account(id: $account) { userGroups { nodes { name members(first: 1) { totalCount } } } } }',
  'query One($account: ID!, $tag: ID!) { account(id: $account) { userGroup(id: $tag) { name } } }',
  'mutation Create($account: ID!) { createUserGroup(input: { accountId: $account, name: "x" }) { userErrors { code message field documentationUrl } } }',
]

beforeEach(() => {
  // Retries come without waiting.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

test.each(callers)(
  'nothing that leaves the gateway holds %s, whatever goes wrong',
  async (_name, headers) => {
    const said: string[] = []
    const gateway = await startGateway({
      headers,
      config: { restTimeoutMs: 100, restRetries: 1 },
      log: (line) => said.push(JSON.stringify(line)),
    })
    const { sandbox, query } = gateway
    const variables = { account: sandbox.accountTag, tag: sandbox.landmarks.allStaffUserGroup }
    const secrets = Object.values(headers).flatMap((value) => [value, ...value.split(' ')])
    const steps = [
      200,
      ...faultTable(sandbox.url).map(({ respond }) => respond),
      ...secrets
        .flatMap((secret) => [secret, encodeURIComponent(secret), secret.toUpperCase()])
        .flatMap(echoes),
    ]
    const warn = (warning: Error) => said.push(inspect(warning))
    process.on('warning', warn)
    onTestFinished(() => void process.off('warning', warn))
    const codes = new Set<unknown>()
    for (const step of steps) {
      for (const document of operations) {
        sandbox.reset()
        sandbox.setFaults([{ path: '*', respond: [step], repeat: true }])
        const answer = await query(document, variables)
        said.push(JSON.stringify(answer), JSON.stringify([...answer.headers]))
        for (const { extensions } of answer.errors ?? []) codes.add(extensions.code)
      }
    }
    expect(codes).toContain('UPSTREAM_UNAVAILABLE')
    expect(said.length).toBeGreaterThan(steps.length * operations.length * 3)
    expect(said.filter(holdsMark)).toEqual([])
    expect(holdsMark(`${process.title} ${process.argv.join(' ')}`)).toBe(false)
  },
)

test.each(callers)('no error of a REST call holds %s, however deep one looks', async (_name, headers) => {
  const { sandbox } = await startGateway()
  const open = (baseUrl: string) => {
    const limits = { timeoutMs: 100, retries: 1, concurrency: 4, maxBodyBytes: 5_000_000 }
    const upstream = createUpstream({ baseUrl, ...limits })
    onTestFinished(() => upstream.close())
    // A client each time: what one fault teaches of the credential is not to hide the next one.
    return (index: number) =>
      upstream.client({ credentials: { headers: { ...headers, 'x-number': `${index}` } } })
  }
  const client = open(sandbox.url)
  const secrets = Object.values(headers)
  const errors: unknown[] = []
  const steps = [...faultTable(sandbox.url).map(({ respond }) => respond), ...secrets.flatMap(echoes)]
  for (const [index, step] of steps.entries()) {
    sandbox.setFaults([{ path: '*', respond: [step], repeat: true }])
    const call = listUserGroups(client(index), sandbox.accountTag, { page: 1, perPage: 5 })
    errors.push(await call.catch((error: unknown) => error))
  }
  const nowhere = open('http://127.0.0.1:1/client/v4')(0)
  errors.push(await getUserGroup(nowhere, sandbox.accountTag, sandbox.accountTag).catch((error) => error))
  const unsendable = createUpstream({ baseUrl: sandbox.url, timeoutMs: 100, retries: 0, concurrency: 1 })
  onTestFinished(() => unsendable.close())
  const credentials = { headers: { authorization: `Bearer ${token}\n` } }
  const refused = getUserGroup(unsendable.client({ credentials }), sandbox.accountTag, sandbox.accountTag)
  errors.push(await refused.catch((error) => error))
  expect(errors.every((error) => error instanceof Error)).toBe(true)
  const printed = errors.map((error) => inspect(error, { depth: null, showHidden: true, getters: true }))
  expect(printed.filter(holdsMark)).toEqual([])
})

test.each([
  ['a scheme that is none of ours', { authorization: `Basic ${token}` }],
  ['a token of two words', { authorization: `Bearer ${token} ${token}` }],
  ['a token of strange characters', { authorization: `Bearer ${token}äöü` }],
  ['both kinds at once', { authorization: `Bearer ${token}`, 'x-auth-key': key }],
  ['a key without its e-mail', { 'x-auth-key': key }],
  ['an e-mail with a space', { 'x-auth-email': `${mark} @example.com`, 'x-auth-key': key }],
])('credentials that cannot be used are not told on either: %s', async (_name, headers) => {
  const said: string[] = []
  const { fetch } = await startGateway({ log: (line) => said.push(JSON.stringify(line)) })
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"query": "{ accounts { totalCount } }"}',
  })
  said.push(await response.text(), JSON.stringify([...response.headers]))
  expect(response.status).toBe(401)
  expect(said.filter(holdsMark)).toEqual([])
})

test('the credentials of the gateway itself are not told on', async () => {
  const said: string[] = []
  const serviceHeaders = { authorization: `Bearer ${token}` }
  const { sandbox, query } = await startGateway({
    headers: {},
    config: { serviceHeaders },
    log: (line) => said.push(JSON.stringify(line)),
  })
  for (const step of [200, ...echoes(token)]) {
    for (const document of operations) {
      sandbox.setFaults([{ path: '*', respond: [step], repeat: true }])
      const answer = await query(document, { account: sandbox.accountTag, tag: sandbox.accountTag })
      said.push(JSON.stringify(answer), JSON.stringify([...answer.headers]))
    }
  }
  expect(said.filter(holdsMark)).toEqual([])
})

function holdsMark(text: string): boolean {
  return text.toLowerCase().includes(mark)
}
