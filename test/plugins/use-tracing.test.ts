import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { startGateway } from '../support/gateway.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'

test('what is refused before it runs has a trace as far as it came', async () => {
  const { gateway, names } = await startTraced()
  await gateway.query('{ nothing }')
  await gateway.query('{')
  await gateway.query('{ a: accounts { totalCount } }', {}, { 'x-dry-run': 'true' })
  expect(await names()).toEqual([
    ...['parse', 'validate', 'GraphQL Operation', 'POST /graphql'],
    ...['parse', 'GraphQL Operation', 'POST /graphql'],
    ...['parse', 'validate', 'price', 'execute', 'query', 'POST /graphql'],
  ])
})

test('probes, figures and pages have no trace, and a strange method is not repeated', async () => {
  const { gateway, names } = await startTraced()
  for (const path of ['/health', '/ready', '/metrics', '/favicon.ico']) await gateway.fetch(path)
  await gateway.fetch('/graphql', { method: 'BREW' })
  expect(await names()).toEqual(['HTTP /graphql'])
})

test('an answer that is a fault of the server is one of its span', async () => {
  const { gateway, receiver } = await startTraced({ inFlight: () => 1000 })
  await gateway.query('{ __typename }')
  await gateway.close()
  expect(receiver.spans()).toMatchObject([
    { attributes: { 'http.response.status_code': 503, 'error.type': '503' }, isError: true },
  ])
})

async function startTraced(options: Parameters<typeof startGateway>[0] = {}) {
  const receiver = await startOtlpReceiver()
  const { tracing } = parseConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  const gateway = await startGateway({ ...options, config: { tracing } })
  return {
    gateway,
    receiver,
    /** In the order they ended. */
    async names() {
      await gateway.close()
      return receiver.spans().map(({ name }) => name)
    },
  }
}
