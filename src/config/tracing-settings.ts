import { z } from 'zod'

/** How traces are made, and where they go. */
export type TracingSettings = {
  /** Takes OTLP over HTTP as protobuf. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly serviceName: string
  readonly resourceAttributes: Readonly<Record<string, string>>
  readonly sampler: (typeof samplers)[number]
  /** Share of the traces that a ratio sampler takes, from 0 to 1. */
  readonly sampledShare: number
}

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** The variables that OpenTelemetry has agreed on, as far as they are read here; its SDK reads those of batches and limits itself. */
export const tracingVariables = {
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], 'otlp or none').default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol().optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol().optional(),
  OTEL_EXPORTER_OTLP_HEADERS: pairs().optional(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs().optional(),
  OTEL_EXPORTER_OTLP_TIMEOUT: milliseconds().optional(),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: milliseconds().optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs().optional(),
  OTEL_TRACES_SAMPLER: z.enum(samplers, `one of ${samplers.join(', ')}`).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'a number from 0 to 1')
    .transform(Number)
    .optional(),
}

/** Variables of these that hold credentials. */
export const tracingSecrets = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'] as const

type Set = z.infer<z.ZodObject<typeof tracingVariables>>

const defaultTimeoutMs = 10_000

/** Undefined where no endpoint is set, or where traces are turned off. */
export function tracingSettings(set: Set): TracingSettings | undefined {
  const url = set.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? tracesBelow(set.OTEL_EXPORTER_OTLP_ENDPOINT)
  const isOff = set.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || set.OTEL_TRACES_EXPORTER === 'none'
  if (url === undefined || isOff) return undefined
  const { 'service.name': name = 'cloudflare-iam-graphql', ...resourceAttributes } =
    set.OTEL_RESOURCE_ATTRIBUTES ?? {}
  return {
    url,
    headers: { ...set.OTEL_EXPORTER_OTLP_HEADERS, ...set.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    timeoutMs: set.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? set.OTEL_EXPORTER_OTLP_TIMEOUT ?? defaultTimeoutMs,
    serviceName: set.OTEL_SERVICE_NAME ?? name,
    resourceAttributes,
    sampler: set.OTEL_TRACES_SAMPLER,
    sampledShare: set.OTEL_TRACES_SAMPLER_ARG ?? 1,
  }
}

function tracesBelow(endpoint: string | undefined): string | undefined {
  return endpoint === undefined ? undefined : `${endpoint.replace(/\/$/, '')}/v1/traces`
}

function httpUrl() {
  return z
    .string()
    .refine(
      (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
      'an http or https URL',
    )
}

function protocol() {
  return z.literal('http/protobuf', 'http/protobuf, the one that is spoken here')
}

function milliseconds() {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'a whole number of milliseconds')
    .transform(Number)
}

/** `name=value,name=value` with percent-encoded values, as W3C Baggage writes them. */
function pairs() {
  return z
    .string()
    .regex(/^\s*[^=,\s]+\s*=[^,]*(,\s*[^=,\s]+\s*=[^,]*)*,?\s*$/, 'a list such as name=value,other=value')
    .refine((list) => entriesOf(list) !== undefined, 'a list with values that are percent-encoded')
    .transform((list): Readonly<Record<string, string>> => Object.fromEntries(entriesOf(list) ?? []))
}

function entriesOf(list: string): readonly (readonly [string, string])[] | undefined {
  try {
    return list
      .split(',')
      .filter((pair) => pair.trim() !== '')
      .map((pair) => {
        const [name = '', ...value] = pair.split('=')
        return [name.trim(), decodeURIComponent(value.join('=').trim())]
      })
  } catch {
    return undefined
  }
}
