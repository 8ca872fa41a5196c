import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import protobuf from 'protobufjs'
import { onTestFinished } from 'vitest'

/** A span as it arrived; ids are hexadecimal. */
export type ReceivedSpan = {
  readonly traceId: string
  readonly spanId: string
  /** Empty where it has none. */
  readonly parentSpanId: string
  readonly name: string
  readonly kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'OTHER'
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly string[]
  readonly isError: boolean
  readonly durationMs: number
}

export type OtlpReceiver = {
  /** Takes traces at `/v1/traces` below it. */
  readonly url: string
  spans(): readonly ReceivedSpan[]
  /** Attributes of the process that sent them. */
  resource(): Readonly<Record<string, unknown>>
  /** Headers of every request, and the bodies as they came. */
  readonly requests: readonly {
    readonly path: string
    readonly headers: IncomingHttpHeaders
    readonly body: Buffer
  }[]
}

type WireValue = {
  readonly stringValue?: string
  readonly intValue?: number
  readonly arrayValue?: { readonly values: readonly WireValue[] }
}
type WireAttributes = readonly { readonly key: string; readonly value: WireValue }[]
type WireRequest = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: WireAttributes }
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[]
  }[]
}
type WireSpan = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: number
  readonly endTimeUnixNano: number
  readonly attributes: WireAttributes
  readonly events: readonly { readonly name: string }[]
  readonly status: { readonly code?: number } | null
}

/** A collector on loopback that reads OTLP over HTTP with protobuf, and answers every export with `status`, or never. */
export async function startOtlpReceiver(status: number | 'never' = 200): Promise<OtlpReceiver> {
  const requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] =
    []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    requests.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
    if (status !== 'never') response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const received = () => requests.flatMap(({ body }) => decode(body).resourceSpans)
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    spans: () =>
      received().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(readSpan))),
    resource: () => readAttributes(received()[0]?.resource.attributes ?? []),
  }
}

// The part of opentelemetry/proto/collector/trace/v1/trace_service.proto that is looked at, by its field numbers.
const schema = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
    repeated Event events = 11; Status status = 15;
  }
  message Event { string name = 2; }
  message Status { int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; int64 int_value = 3; ArrayValue array_value = 5; } }
  message ArrayValue { repeated AnyValue values = 1; }
`).root

function decode(body: Buffer): WireRequest {
  const type = schema.lookupType('Request')
  const options = { bytes: String, longs: Number, arrays: true, defaults: true, oneofs: false }
  return type.toObject(type.decode(body), options) as WireRequest
}

const kinds: Readonly<Record<number, ReceivedSpan['kind']>> = { 1: 'INTERNAL', 2: 'SERVER', 3: 'CLIENT' }

function readSpan(span: WireSpan): ReceivedSpan {
  const { name, kind, attributes, events, status } = span
  return {
    traceId: hexadecimal(span.traceId),
    spanId: hexadecimal(span.spanId),
    parentSpanId: hexadecimal(span.parentSpanId),
    name,
    kind: kinds[kind] ?? 'OTHER',
    attributes: readAttributes(attributes),
    events: events.map((event) => event.name),
    isError: status?.code === 2,
    durationMs: (span.endTimeUnixNano - span.startTimeUnixNano) / 1e6,
  }
}

function readAttributes(attributes: WireAttributes): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]))
}

function readValue({ stringValue, intValue, arrayValue }: WireValue): unknown {
  return arrayValue === undefined ? (stringValue ?? intValue) : arrayValue.values.map(readValue)
}

function hexadecimal(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex')
}
