import { expect, test } from 'vitest'
import { parseTraceparent } from '../../src/telemetry/traceparent.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const parse = (traceparent: string) => parseTraceparent(new Headers({ traceparent }))

test.each([
  [`00-${traceId}-${spanId}-01`, 1],
  [`00-${traceId}-${spanId}-00`, 0],
  [`00-${traceId}-${spanId}-ff`, 1],
  [`cc-${traceId}-${spanId}-01-what-will-be`, 1],
])('%s names a span', (traceparent, traceFlags) => {
  expect(parse(traceparent)).toEqual({ traceId, spanId, traceFlags, isRemote: true })
})

test.each([
  '',
  'nonsense',
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-1`,
  `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`,
])('%j names none', (traceparent) => {
  expect(parse(traceparent)).toBeUndefined()
})
