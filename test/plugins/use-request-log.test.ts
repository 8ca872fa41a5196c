import { expect, test } from 'vitest'
import { accountSchema } from '../support/account-schema.ts'
import { startGateway } from '../support/gateway.ts'

const nameOf = 'query Name($tag: String!) { accountName(tag: $tag) }'

test('one line a request tells what was asked, how long it took, and what it cost', async () => {
  const { query, sandbox, requestLines } = await startLogged()
  await query(nameOf, { tag: sandbox.accountTag }, { 'x-request-id': 'one' })
  expect(requestLines()).toEqual([
    {
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
      msg: 'request',
      requestId: 'one',
      method: 'POST',
      path: '/graphql',
      status: 200,
      durationMs: expect.any(Number),
      operationName: 'Name',
      restCalls: 1,
    },
  ])
})

test('the codes of the errors are in the line, each once', async () => {
  const { query, requestLines } = await startLogged()
  await query(`query { a: accountName(tag: "no-tag") b: accountName(tag: "no-tag") }`)
  await query('{ unknown }')
  expect(requestLines()).toMatchObject([
    { errorCodes: ['UPSTREAM_UNAVAILABLE'], restCalls: 0 },
    { errorCodes: ['GRAPHQL_VALIDATION_FAILED'] },
  ])
  for (const line of requestLines()) expect(line).not.toHaveProperty('operationName')
})

test('probes are logged for debugging only', async () => {
  const { fetch, lines } = await startLogged()
  await fetch('/health')
  await fetch('/ready')
  expect(lines).toMatchObject([
    { level: 20, msg: 'probe', path: '/health' },
    { level: 20, msg: 'probe', path: '/ready' },
  ])
})

test('each REST call is logged for debugging, under the id of its request', async () => {
  const { query, sandbox, lines } = await startLogged()
  await query(nameOf, { tag: sandbox.accountTag }, { 'x-request-id': 'one' })
  const calls = lines.filter(({ msg }) => msg === 'rest call')
  expect(calls).toMatchObject([
    {
      level: 20,
      requestId: 'one',
      method: 'GET',
      template: '/accounts/{account_id}',
      status: 200,
      attempt: 1,
    },
  ])
})

test('no line holds a credential, a header, a variable or the query string', async () => {
  const { query, fetch, sandbox, lines } = await startLogged()
  const marks = { authorization: 'Bearer marked-token', cookie: 'marked-cookie' }
  await query(nameOf, { tag: sandbox.accountTag }, marks)
  await query(nameOf, { tag: 'marked-variable' }, marks)
  await query('{ free }', {}, { ...marks, 'x-auth-key': 'marked-key' })
  await query('{ marked', {}, { authorization: 'Basic marked-basic' })
  const inQuery = `/graphql?query=${encodeURIComponent('{free}')}&variables=%7B%22marked%22%3A1%7D`
  await fetch(inQuery, { headers: { ...marks, 'x-graphql-yoga-csrf': '1' } })
  expect(lines.filter(({ msg }) => msg === 'request')).toHaveLength(5)
  expect(JSON.stringify(lines)).not.toContain('marked')
})

async function startLogged() {
  const lines: Record<string, unknown>[] = []
  const gateway = await startGateway({ schema: accountSchema(), log: (line) => lines.push(line) })
  return {
    ...gateway,
    sandbox: gateway.sandbox,
    lines,
    requestLines: () => lines.filter(({ msg }) => msg === 'request'),
  }
}
