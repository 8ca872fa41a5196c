import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { RestClient } from '../../src/cloudflare/client.ts'
import { CloudflareError } from '../../src/cloudflare/errors.ts'
import { createUpstream } from '../../src/cloudflare/upstream.ts'
import { listUserGroups } from '../../src/cloudflare/user-groups.ts'
import { parseConfig } from '../../src/config.ts'
import type { Fault as SandboxFault } from '../../src/sandbox/server.ts'
import { startGateway } from '../support/gateway.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { faultTable } from './faults.ts'

// Part of every secret, and of nothing else.
const mark = 'xyzzymark'
const token = `${mark}-token_0123456789.abc~def+ghi/jkl=`
const email = `${mark}@example.com`
const key = `${mark}0123456789abcdef0123456789`

type Headers = Readonly<Record<string, string>>
type Step = SandboxFault['respond'][number]

/** Credentials of many callers: what one fault teaches of a credential is not to hide the next one. */
const callers: readonly (readonly [string, (number: number) => Headers])[] = [
  ['a token', (number) => ({ authorization: `Bearer ${token}${number}` })],
  ['a simple token', (number) => ({ authorization: `Bearer ${mark}${number}` })],
  ['a key with its e-mail', (number) => ({ 'x-auth-email': email, 'x-auth-key': `${key}${number}` })],
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
      headers: { 'cf-ray': said, 'retry-after': '0' },
    })),
    { status: 400, body: { success: false, errors: [`${'x'.repeat(1_000 - 10)}${said}`] } },
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

test.each(callers)('nothing that leaves the gateway holds %s, whatever goes wrong', async (_name, caller) => {
  const said: string[] = []
  const receiver = await startOtlpReceiver()
  const { tracing } = parseConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  const gateway = await startGateway({
    config: { restTimeoutMs: 100, restRetries: 1, tracing },
    headers: {},
    log: (line) => said.push(JSON.stringify(line)),
  })
  const { sandbox, query } = gateway
  const variables = { account: sandbox.accountTag, tag: sandbox.landmarks.allStaffUserGroup }
  const warn = (warning: Error) => said.push(inspect(warning))
  process.on('warning', warn)
  onTestFinished(() => void process.off('warning', warn))
  const codes = new Set<unknown>()
  for (const [index, step] of stepsAgainst(caller, sandbox.url).entries()) {
    sandbox.reset()
    sandbox.setFaults([{ path: '*', respond: [step(caller(index))], repeat: true }])
    for (const document of operations) {
      const answer = await query(document, variables, caller(index))
      said.push(JSON.stringify(answer), JSON.stringify([...answer.headers]))
      for (const { extensions } of answer.errors ?? []) codes.add(extensions.code)
    }
  }
  expect([...codes].toSorted()).toEqual([
    'FORBIDDEN',
    'RATE_LIMITED',
    'UNAUTHENTICATED',
    'UPSTREAM_REFUSED',
    'UPSTREAM_TIMEOUT',
    'UPSTREAM_UNAVAILABLE',
  ])
  said.push(await (await gateway.fetch('/metrics')).text())
  await gateway.close()
  expect(receiver.spans().length).toBeGreaterThan(100)
  said.push(
    ...receiver.requests.map(({ headers, body }) => JSON.stringify(headers) + body.toString('latin1')),
  )
  expect(said.filter(holdsMark)).toEqual([])
  expect(holdsMark(`${process.title} ${process.argv.join(' ')}`)).toBe(false)
})

test.each(callers)('no error of a REST call holds %s, however deep one looks', async (_name, caller) => {
  const { sandbox } = await startGateway()
  const open = (baseUrl: string) => {
    const upstream = createUpstream({ baseUrl, timeoutMs: 100, retries: 1, concurrency: 4 })
    onTestFinished(() => upstream.close())
    return (headers: Headers) => upstream.client({ credentials: { headers } })
  }
  const failureOf = (rest: RestClient) =>
    listUserGroups(rest, sandbox.accountTag, { page: 1, perPage: 5 }).catch((error: unknown) => error)
  const client = open(sandbox.url)
  const errors: unknown[] = []
  for (const [index, step] of stepsAgainst(caller, sandbox.url).entries()) {
    sandbox.setFaults([{ path: '*', respond: [step(caller(index))], repeat: true }])
    errors.push(await failureOf(client(caller(index))))
  }
  errors.push(await failureOf(open('http://127.0.0.1:1/client/v4')(caller(0))))
  errors.push(await failureOf(client({ authorization: `Bearer ${token}\n` })))
  expect(errors.filter((error) => !(error instanceof CloudflareError))).toEqual([])
  const printed = errors.map((error) => inspect(error, { depth: null, showHidden: true, getters: true }))
  expect(printed.filter(holdsMark)).toEqual([])
})

/** Everything that can go wrong, and every way to repeat a part of the caller's credentials. */
function stepsAgainst(
  caller: (number: number) => Headers,
  elsewhere: string,
): readonly ((headers: Headers) => Step)[] {
  const partsOf = (headers: Headers) =>
    Object.values(headers).flatMap((value) => [
      value,
      value.replace('Bearer ', ''),
      encodeURIComponent(value),
    ])
  const echoed = partsOf(caller(0)).flatMap((said, part) =>
    echoes(said).map((_, echo) => (headers: Headers) => echoes(partsOf(headers)[part] ?? '')[echo] ?? 500),
  )
  return [
    ...faultTable(elsewhere).map(
      ({ respond }) =>
        () =>
          respond,
    ),
    ...echoed,
  ]
}

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
  expect(said.length).toBeGreaterThan(50)
  expect(said.filter(holdsMark)).toEqual([])
})

function holdsMark(text: string): boolean {
  return text.toLowerCase().includes(mark)
}
