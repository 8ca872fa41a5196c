import { expect, onTestFinished, test, vi } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { answer, startRestServer } from '../support/rest-server.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const callersSpan = 'b7ad6b7169203331'
const traceparent = `00-${traceId}-${callersSpan}-01`

const groupsWithMembers = /* GraphQL */ `
  query Groups($account: ID!) {
    account(id: $account) { userGroups(first: 2) { nodes { name members(first: 2) { nodes { email roles { name } } } } } }
  }
`

test('one trace goes from the caller through each step to each REST call', async () => {
  const { gateway, receiver } = await startTraced()
  const { sandbox, query } = gateway
  const { errors, headers } = await query(groupsWithMembers, { account: sandbox.accountTag }, { traceparent })
  expect(errors).toBeUndefined()
  const requests = sandbox.requests()
  await gateway.close()

  const spans = receiver.spans()
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
  const [server] = spans.filter(({ kind }) => kind === 'SERVER')
  expect(server).toMatchObject({
    name: 'POST /graphql',
    parentSpanId: callersSpan,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/graphql',
      'http.response.status_code': 200,
      'http.response.header.x-request-id': [headers.get('x-request-id')],
    },
  })
  const [operation] = childrenOf(spans, server)
  expect(operation).toMatchObject({
    name: 'query',
    attributes: { 'graphql.operation.type': 'query', 'graphql.operation.name': 'Groups' },
  })
  const steps = childrenOf(spans, operation)
  expect(steps.map(({ name }) => name)).toEqual(['parse', 'validate', 'execute'])
  const [price, ...batches] = childrenOf(spans, steps.at(-1))
  expect(price?.name).toBe('price')
  expect(new Set(batches.map(({ name }) => name))).toContain('batch of windows')

  const calls = spans.filter(({ kind }) => kind === 'CLIENT')
  expect(calls).toHaveLength(requests.length)
  expect(calls.map((call) => pathTo(spans, call).slice(0, 3))).toEqual(
    calls.map(() => ['POST /graphql', 'query', 'execute']),
  )
  expect(new Set(calls.map((call) => pathTo(spans, call).at(-1)))).toEqual(
    new Set(['batch of windows', 'batch of records']),
  )
  const { hostname, port } = new URL(sandbox.url)
  expect(calls[0]).toMatchObject({
    name: 'GET /accounts/{account_id}/iam/user_groups',
    isError: false,
    attributes: {
      'http.request.method': 'GET',
      'server.address': hostname,
      'server.port': Number(port),
      'url.template': '/accounts/{account_id}/iam/user_groups',
      'http.response.status_code': 200,
    },
  })
})

test('each request begins a trace of its own where it is part of none, and nothing of it goes upstream', async () => {
  const { gateway, receiver } = await startTraced()
  const { sandbox, query } = gateway
  const ask = (headers: Record<string, string> = {}) =>
    query(
      'query ($account: ID!) { account(id: $account) { name } }',
      { account: sandbox.accountTag },
      headers,
    )
  await ask()
  await ask({ traceparent: '00-00000000000000000000000000000000-b7ad6b7169203331-01' })
  await ask({ traceparent: 'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })
  await ask({ traceparent: `${traceparent}-more` })
  const requests = sandbox.requests()
  await gateway.close()
  const servers = receiver.spans().filter(({ kind }) => kind === 'SERVER')
  expect(new Set(servers.map((span) => span.traceId)).size).toBe(4)
  expect(servers.map(({ parentSpanId }) => parentSpanId)).toEqual(['', '', '', ''])
  expect(requests).toHaveLength(4)
  for (const { headers } of requests)
    expect(Object.keys(headers).filter((name) => /^(trace|baggage|b3)/.test(name))).toEqual([])
})

test('a caller who does not sample gets no trace, and one who asks without a trace does', async () => {
  const { gateway, receiver } = await startTraced({ OTEL_TRACES_SAMPLER: 'parentbased_always_on' })
  await gateway.query('{ __typename }', {}, { traceparent: traceparent.replace(/01$/, '00') })
  await gateway.query('{ __typename }')
  await gateway.close()
  expect(receiver.spans().filter(({ kind }) => kind === 'SERVER')).toHaveLength(1)
})

test.each([
  [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0],
  [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 0],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, 0],
  [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1.0' }, 1],
])('the sampler %j makes %i traces of one request', async (env, traces) => {
  const { gateway, receiver } = await startTraced(env)
  await gateway.query('{ __typename }')
  await gateway.close()
  expect(receiver.spans().filter(({ kind }) => kind === 'SERVER')).toHaveLength(traces)
})

test('a REST call that fails says how, and a further try that it is one', async () => {
  const { gateway, receiver } = await startTraced()
  const { sandbox, query } = gateway
  sandbox.setFaults([{ path: '*', respond: [503, { reset: true }, 200] }])
  await query('query ($account: ID!) { account(id: $account) { name } }', { account: sandbox.accountTag })
  await gateway.close()
  const calls = receiver.spans().filter(({ kind }) => kind === 'CLIENT')
  expect(calls.map(({ isError, attributes }) => [isError, attributes])).toEqual([
    [true, expect.objectContaining({ 'http.response.status_code': 503, 'error.type': '503' })],
    [true, expect.objectContaining({ 'error.type': 'unavailable', 'http.request.resend_count': 1 })],
    [false, expect.objectContaining({ 'http.response.status_code': 200, 'http.request.resend_count': 2 })],
  ])
  expect(calls[1]?.attributes).not.toHaveProperty(['http.response.status_code'])
})

test('a read that joins one in flight has no call of its own, but says so', async () => {
  const { gateway, receiver } = await startTraced()
  const { sandbox, query } = gateway
  sandbox.setFaults([{ path: '*', respond: [{ delayMs: 100, passThrough: true }] }])
  const ask = () =>
    query('query ($account: ID!) { account(id: $account) { name } }', { account: sandbox.accountTag })
  await Promise.all([ask(), ask()])
  const requests = sandbox.requests()
  await gateway.close()
  expect(requests).toHaveLength(1)
  const spans = receiver.spans()
  expect(spans.filter(({ kind }) => kind === 'CLIENT')).toHaveLength(1)
  expect(spans.flatMap(({ events }) => events)).toEqual(['joined a REST call in flight'])
})

test('documents, variables, filters and messages of the upstream are in no span', async () => {
  const { gateway, receiver } = await startTraced()
  const { sandbox, query } = gateway
  const body = { success: false, errors: [{ code: 1, message: 'quokka is the word' }] }
  sandbox.setFaults([{ path: '*user_groups', respond: [{ status: 400, body }] }])
  const document = /* GraphQL */ `
    query ($account: ID!, $name: String!) {
      account(id: $account) { userGroups(first: 2, filter: { nameContains: $name }) { nodes { wombat: name } } }
    }
  `
  const { errors } = await query(document, { account: sandbox.accountTag, name: 'numbat' })
  expect(errors?.[0]?.message).toContain('quokka')
  expect(sandbox.requests()[0]?.path).toContain('numbat')
  await gateway.close()
  const sent = receiver.requests.map((request) => request.body.toString('latin1')).join()
  expect(sent).toContain('user_groups')
  expect(sent).not.toMatch(/quokka|wombat|numbat/)
  expect(sent).not.toContain(sandbox.accountTag)
})

test('the standard variables say where traces go, with what headers, and whose they are', async () => {
  const { gateway, receiver } = await startTraced({
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=one%20two,x-other=3',
    OTEL_SERVICE_NAME: 'iam',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=not-this,deployment.environment.name=staging',
  })
  await gateway.query('{ __typename }')
  await gateway.close()
  expect(receiver.requests[0]).toMatchObject({
    path: '/v1/traces',
    headers: { 'x-key': 'one two', 'x-other': '3', 'content-type': 'application/x-protobuf' },
  })
  expect(receiver.resource()).toMatchObject({
    'service.name': 'iam',
    'deployment.environment.name': 'staging',
    'telemetry.sdk.name': 'opentelemetry',
  })
})

test('a collector that is gone or refuses harms nothing, and is told of once', async () => {
  const gone = await startRestServer(answer(200, {}))
  await gone.stop()
  const refusing = await startOtlpReceiver(400)
  for (const url of [new URL(gone.url).origin, refusing.url]) {
    const warnings: unknown[] = []
    const { tracing } = parseConfig({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    })
    const gateway = await startGateway({
      config: { tracing },
      log: (line) => line.level === 40 && warnings.push(line.msg),
    })
    const { errors } = await gateway.query('{ accounts { nodes { name } } }')
    expect(errors).toBeUndefined()
    await gateway.close()
    expect(warnings).toEqual(['traces cannot be exported'])
  }
})

test('what does not fit into the queue is dropped, and the answer is none the worse', async () => {
  vi.stubEnv('OTEL_BSP_MAX_QUEUE_SIZE', '4')
  vi.stubEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '4')
  onTestFinished(() => void vi.unstubAllEnvs())
  // The first four are on their way and not taken, the next four wait.
  const receiver = await startOtlpReceiver('never')
  const { tracing } = parseConfig({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
  })
  const gateway = await startGateway({ config: { tracing } })
  for (let times = 0; times < 3; times += 1) {
    const { errors } = await gateway.query(groupsWithMembers, { account: gateway.sandbox.accountTag })
    expect(errors).toBeUndefined()
  }
  await gateway.close()
  expect(receiver.spans().length).toBeLessThanOrEqual(8)
})

async function startTraced(
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly gateway: Gateway; readonly receiver: OtlpReceiver }> {
  const receiver = await startOtlpReceiver()
  const { tracing } = parseConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env })
  return { receiver, gateway: await startGateway({ config: { tracing } }) }
}

/** In the order they ended. */
function childrenOf(
  spans: readonly ReceivedSpan[],
  parent: ReceivedSpan | undefined,
): readonly ReceivedSpan[] {
  return spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId)
}

/** Names of the spans above one. */
function pathTo(spans: readonly ReceivedSpan[], span: ReceivedSpan): readonly string[] {
  const above = spans.find(({ spanId }) => spanId === span.parentSpanId)
  return above === undefined ? [] : [...pathTo(spans, above), above.name]
}
