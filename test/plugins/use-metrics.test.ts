import { AggregatorRegistry } from 'prom-client'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { startGateway } from '../support/gateway.ts'
import { signWithSecret } from '../support/key-set-server.ts'
import { readMetrics, sumOf } from '../support/read-metrics.ts'

const secret = 'x'.repeat(32)
const own = { CLOUDFLARE_API_TOKEN: 'token-of-a-test-too' }

test('an operation is counted by name, type and outcome, with what it was priced at and what it took', async () => {
  const { fetch, query, sandbox } = await startGateway({ config: { restRetries: 0 } })
  const variables = { account: sandbox.accountTag }
  const groups = (name: string) =>
    `query ${name}($account: ID!) { account(id: $account) { userGroups(first: 2) { nodes { members(first: 1) { nodes { email } } } } } }`
  await query(groups('Well'), variables)
  sandbox.setFaults([{ path: '*members', respond: [400] }])
  await query(groups('InPart'), variables)
  await query('query Refused { account(id: "no tag") { name } }')
  await query('query NoSuch { nothing }')
  await query('{')
  sandbox.setFaults([{ method: 'DELETE', path: '*', respond: [500] }])
  const group = `ug_${sandbox.accountTag}${sandbox.landmarks.allStaffUserGroup}`
  await query(
    'mutation Lost($group: ID!) { deleteUserGroup(input: { id: $group }) { userErrors { message } } }',
    { group },
  )
  const samples = readMetrics(await (await fetch('/metrics')).text())
  const operations = samples
    .filter(({ name }) => name === 'iam_gateway_operation_duration_seconds_count')
    .map(({ labels, value }) => [labels.operation, labels.type, labels.outcome, value])
  expect(operations).toEqual([
    ['Well', 'query', 'success', 1],
    ['InPart', 'query', 'partial', 1],
    ['Refused', 'query', 'refused', 1],
    ['none', 'none', 'refused', 2],
    ['Lost', 'mutation', 'failed', 1],
  ])
  expect(sumOf(samples, 'iam_gateway_operation_rest_calls_estimated_sum')).toBe(7)
  expect(sumOf(samples, 'iam_gateway_operation_rest_calls_made_sum')).toBe(7)
  expect(sandbox.requests()).toHaveLength(7)
  const codes = samples.filter(({ name }) => name === 'iam_gateway_operation_errors_total')
  expect(Object.fromEntries(codes.map(({ labels, value }) => [labels.code, value]))).toEqual({
    UPSTREAM_REFUSED: 1,
    UPSTREAM_UNAVAILABLE: 1,
    BAD_USER_INPUT: 1,
    GRAPHQL_VALIDATION_FAILED: 1,
    GRAPHQL_PARSE_FAILED: 1,
  })
})

test('requests are counted by a bounded number of routes, those that were refused too', async () => {
  const { fetch } = await startGateway({ inFlight: () => 1000 })
  for (const path of ['/health', '/graphql', '/graphql?query={a}', '/no/such/page', '/other'])
    await fetch(path)
  const samples = readMetrics(await (await fetch('/metrics')).text())
  const requests = samples.filter(({ name }) => name === 'iam_gateway_http_requests_total')
  expect(requests.map(({ labels, value }) => [labels.route, labels.status, value])).toEqual([
    ['/health', '200', 1],
    ['/graphql', '503', 2],
    ['other', '503', 2],
  ])
  expect(sumOf(samples, 'iam_gateway_http_requests_in_flight')).toBe(1000)
})

test('a read that joins one in flight is counted as shared, and batches by their size', async () => {
  const { fetch, query, sandbox } = await startGateway()
  const variables = { account: sandbox.accountTag }
  sandbox.setFaults([{ path: '*', respond: [{ delayMs: 100, passThrough: true }] }])
  const ask = () => query('query ($account: ID!) { account(id: $account) { name } }', variables)
  await Promise.all([ask(), ask(), ask()])
  expect(sandbox.requests()).toHaveLength(1)
  const aliases = Array.from(
    { length: 7 },
    (_, index) => `m${index}: members(first: ${index + 1}) { nodes { email } }`,
  )
  await query(`query ($account: ID!) { account(id: $account) { ${aliases.join(' ')} } }`, variables)
  const samples = readMetrics(await (await fetch('/metrics')).text())
  const labels = { route: '/accounts/{account_id}' }
  expect(sumOf(samples, 'iam_gateway_rest_calls_shared_total', labels)).toBe(2)
  expect(sumOf(samples, 'iam_gateway_batch_size_sum', { loader: 'window', kind: 'members' })).toBe(7)
  expect(sumOf(samples, 'iam_gateway_batch_size_count', { loader: 'window', kind: 'members' })).toBe(1)
})

test('names that callers invent make a hundred series, and those of the manifest have theirs all the same', async () => {
  const manifest = new Map([['hash', 'query Persisted { __typename }']])
  const { fetch, query } = await startGateway({ manifest })
  for (let index = 0; index < 150; index += 1) await query(`query Invented${index} { __typename }`)
  await query(`query ${'Long'.repeat(30)} { __typename }`)
  await query('query Persisted { __typename }')
  await query('{ __typename }')
  const samples = readMetrics(await (await fetch('/metrics')).text())
  const counted = samples.filter(({ name }) => name === 'iam_gateway_operation_duration_seconds_count')
  const byName = new Map(counted.map(({ labels, value }) => [labels.operation, value]))
  expect(byName.size).toBe(100 + 3)
  expect([byName.get('other'), byName.get('Persisted'), byName.get('anonymous')]).toEqual([51, 1, 1])
})

test('budgets are told under a hash that is not the same in another process, those with least left', async () => {
  const gateways = [await startGateway(), await startGateway()]
  const labels = await Promise.all(
    gateways.map(async ({ fetch, query, sandbox }) => {
      const ask = (token: string) =>
        query(
          'query ($account: ID!) { account(id: $account) { name } }',
          { account: sandbox.accountTag },
          { authorization: `Bearer token-of-a-test-${token}` },
        )
      for (let index = 0; index < 30; index += 1) await ask(String(index))
      await ask('29')
      const samples = readMetrics(await (await fetch('/metrics')).text())
      const remaining = samples.filter(({ name }) => name === 'iam_gateway_credential_budget_remaining')
      expect(remaining.map(({ value }) => value)).toEqual([1198, ...Array.from({ length: 19 }, () => 1199)])
      expect(sumOf(samples, 'iam_gateway_credential_budget_limit')).toBe(20 * 1200)
      expect(remaining.every(({ labels: { credential } }) => /^[0-9a-f]{12}$/.test(credential ?? ''))).toBe(
        true,
      )
      return remaining[0]?.labels.credential
    }),
  )
  expect(labels[0]).not.toBe(labels[1])
})

test('a budget that one process does not share is not shared, whatever the others say', async () => {
  const processSaying = (budgetIsShared: boolean | undefined) => {
    const load = () => ({
      inFlight: 0,
      waitingForTurn: 0,
      waitingForConnection: 0,
      budgetIsShared,
      budgets: [],
    })
    return createMetrics({ load, inFlight: () => 0 }).registry.getMetricsAsJSON()
  }
  const sharedOf = async (...shared: readonly (boolean | undefined)[]) => {
    const sum = AggregatorRegistry.aggregate(await Promise.all(shared.map(processSaying)))
    const samples = readMetrics(await sum.metrics())
    return samples.flatMap(({ name, value }) => (name === 'iam_gateway_budget_shared' ? [value] : []))
  }
  expect(await sharedOf(true, false, true)).toEqual([0])
  expect(await sharedOf(true, true)).toEqual([1])
  expect(await sharedOf(undefined, undefined)).toEqual([])
})

test('without a token everybody may read the figures, also while the gateway drains', async () => {
  const { fetch } = await startGateway({ isDraining: () => true })
  const response = await fetch('/metrics')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await response.text()).toContain('# TYPE iam_gateway_rest_calls_total counter')
  expect((await fetch('/metrics', { method: 'POST' })).status).toBe(405)
})

test('with a token only who shows it reads them, whoever proves to be a caller', async () => {
  const config = parseConfig({ ...own, JWT_SECRET: secret, METRICS_TOKEN: 'figures' })
  const { fetch } = await startGateway({ config: { ...config, baseUrl: undefined } })
  const read = async (authorization?: string) =>
    (await fetch('/metrics', authorization === undefined ? {} : { headers: { authorization } })).status
  expect(await read()).toBe(401)
  expect(await read('Bearer figure')).toBe(401)
  expect(await read('Basic figures')).toBe(401)
  expect(await read('Bearer figures')).toBe(200)
  expect((await fetch('/metrics')).headers.get('www-authenticate')).toBe('Bearer')
})

test('where callers prove themselves and no token is set, nobody reads them', async () => {
  const config = parseConfig({ ...own, JWT_SECRET: secret })
  const { fetch } = await startGateway({ config: { ...config, baseUrl: undefined } })
  expect((await fetch('/metrics')).status).toBe(401)
  const headers = { authorization: `Bearer ${await signWithSecret(secret, { scope: 'iam:read' })}` }
  expect((await fetch('/metrics', { headers })).status).toBe(404)
})
