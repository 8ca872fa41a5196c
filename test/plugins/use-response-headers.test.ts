import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { throwingSchema } from '../support/throwing-schema.ts'

test('every response, whatever its status, is kept by no cache, sniffed by no browser and framed by no page', async () => {
  const { fetch, query } = await startGateway({ schema: throwingSchema() })
  const responses = [
    await query('{ stands }'),
    await query('{ broken'),
    await fetch('/health'),
    await fetch('/none'),
  ]
  for (const { headers } of responses) {
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'private, no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
  }
})

test('nothing tells what the gateway is made of', async () => {
  const { query } = await startGateway({ schema: throwingSchema() })
  const { headers } = await query('{ stands }')
  expect([...headers.keys()].filter((name) => /powered|server|yoga/i.test(name))).toEqual([])
})
