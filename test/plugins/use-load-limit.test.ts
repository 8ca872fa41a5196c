import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { throwingSchema } from '../support/throwing-schema.ts'

test('one request too many is 503 with Retry-After before it is read; probes are answered', async () => {
  let inFlight = 2
  const schema = throwingSchema()
  const { query, fetch } = await startGateway({
    schema,
    config: { maxInFlight: 2 },
    inFlight: () => inFlight,
  })
  expect((await query('{ stands }')).status).toBe(200)

  inFlight = 3
  const refused = await query('{ not even parsed')
  expect({ status: refused.status, after: refused.headers.get('retry-after') }).toEqual({
    status: 503,
    after: '1',
  })
  expect(refused.errors).toEqual([
    {
      message: 'This gateway works on 2 requests already',
      extensions: { code: 'SERVICE_UNAVAILABLE' },
    },
  ])
  expect((await fetch('/health')).status).toBe(200)
  expect((await fetch('/ready')).status).toBe(200)

  inFlight = 2
  expect((await query('{ stands }')).status).toBe(200)
})
