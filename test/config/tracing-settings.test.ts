import { expect, test } from 'vitest'
import { InvalidConfig, parseConfig } from '../../src/config.ts'

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

test('an endpoint is all that traces need', () => {
  expect(parseConfig({}).tracing).toBeUndefined()
  expect(parseConfig(endpoint).tracing).toEqual({
    url: 'http://collector:4318/v1/traces',
    headers: {},
    timeoutMs: 10_000,
    serviceName: 'cloudflare-iam-graphql',
    resourceAttributes: {},
    sampler: 'parentbased_always_on',
    sampledShare: 1,
  })
})

test('what is said of traces goes before what is said of everything', () => {
  const { tracing } = parseConfig({
    ...endpoint,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/take',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=2',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=%33, c=x=y',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2',
  })
  expect(tracing).toMatchObject({
    url: 'https://traces.example/take',
    headers: { a: '1', b: '3', c: 'x=y' },
    timeoutMs: 2,
  })
})

test.each([
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,host.name=b' }, 'a', { 'host.name': 'b' }],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=a', OTEL_SERVICE_NAME: 'c' }, 'c', {}],
])('%j names the service', (env, serviceName, resourceAttributes) => {
  expect(parseConfig({ ...endpoint, ...env }).tracing).toMatchObject({ serviceName, resourceAttributes })
})

test.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_SDK_DISABLED: 'TRUE' }, { OTEL_TRACES_EXPORTER: 'none' }])(
  '%j turns traces off',
  (env) => {
    expect(parseConfig({ ...endpoint, ...env }).tracing).toBeUndefined()
  },
)

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'an http or https URL'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/protobuf, the one that is spoken here'],
  ['OTEL_TRACES_EXPORTER', 'jaeger', 'otlp or none'],
  ['OTEL_TRACES_SAMPLER_ARG', '2', 'a number from 0 to 1'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '1s', 'a whole number of milliseconds'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'no pair', 'a list such as name=value,other=value'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'a=%', 'a list with values that are percent-encoded'],
])('%s cannot be %s', (name, value, expected) => {
  expect(mistakesOf({ [name]: value })).toEqual([
    `${name} is ${JSON.stringify(value)}; it must be ${expected}`,
  ])
})

test('headers for the collector and the token for figures are not shown', () => {
  expect(mistakesOf({ OTEL_EXPORTER_OTLP_HEADERS: 'secret', METRICS_TOKEN: 'se cret' })).toEqual([
    'METRICS_TOKEN is set to something that is not shown here; it must be printable ASCII without spaces',
    'OTEL_EXPORTER_OTLP_HEADERS is set to something that is not shown here; it must be a list such as name=value,other=value',
  ])
})

function mistakesOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    parseConfig(env)
  } catch (error) {
    if (error instanceof InvalidConfig) return error.mistakes
    throw error
  }
  return []
}
