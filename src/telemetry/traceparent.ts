import type { SpanContext } from '@opentelemetry/api'

/**
 * The span that a request says it is a part of (W3C Trace Context, section 3.2); undefined where it names none that
 * is valid. `tracestate` is left alone: no span goes on from here, and a caller may have put anything into it.
 */
export function parseTraceparent(headers: Pick<Headers, 'get'>): SpanContext | undefined {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(
    headers.get('traceparent')?.trim() ?? '',
  )
  if (match === null) return undefined
  const [, version, traceId = '', spanId = '', flags = '', more] = match
  // Versions to come may add fields; ff is none, and version 00 has four.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & sampledFlag,
    isRemote: true,
  }
}

const sampledFlag = 1
