import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { throwingSchema } from '../support/throwing-schema.ts'

test('a gateway that serves is alive and ready, and no call goes upstream for it', async () => {
  const { fetch, requests } = await startGateway({ schema: throwingSchema() })
  const health = await fetch('/health')
  expect([health.status, await health.json()]).toEqual([200, { status: 'alive' }])
  const ready = await fetch('/ready')
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }])
  expect(requests()).toEqual([])
})

test('a gateway that drains is alive, not ready, and takes no new work', async () => {
  let draining = false
  const { fetch, query } = await startGateway({ schema: throwingSchema(), isDraining: () => draining })
  expect((await query('{ stands }')).status).toBe(200)
  draining = true

  expect((await fetch('/health')).status).toBe(200)
  const ready = await fetch('/ready')
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'draining' }])
  const { status, headers, data } = await query('{ stands }')
  expect({ status, data }).toEqual({ status: 503, data: null })
  expect([headers.get('retry-after'), headers.get('connection')]).toEqual(['1', 'close'])
})

test('a gateway that is about to end says so to balancers before it refuses work', async () => {
  let ready = true
  const { fetch, query } = await startGateway({ schema: throwingSchema(), isReady: () => ready })
  ready = false
  expect((await fetch('/ready')).status).toBe(503)
  expect((await fetch('/health')).status).toBe(200)
  expect((await query('{ stands }')).status).toBe(200)
})
