import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'

test('before the first call nothing is known of the budget, and asking costs none', async () => {
  const gateway = await startGateway()
  const { data, extensions } = await gateway.query('{ rateLimit { limit remaining resetAt } }')
  expect(data).toEqual({ rateLimit: null })
  expect(extensions).toEqual({ restCalls: { estimated: 0, made: 0, limit: 200 } })
  expect(gateway.requests()).toEqual([])
})

test('after a call it is what the upstream said, for the credential that asked', async () => {
  const gateway = await startGateway({ sandbox: { rateLimit: { calls: 70, windowSeconds: 60 } } })
  const startMs = Date.now()
  await gateway.query('{ accounts { nodes { name } } }')
  const { data } = await gateway.query<{ readonly rateLimit: { readonly resetAt: string } }>(
    '{ rateLimit { limit remaining resetAt } }',
  )
  expect(data).toEqual({ rateLimit: { limit: 70, remaining: 69, resetAt: expect.any(String) } })
  const resetMs = Date.parse(data.rateLimit.resetAt)
  expect(resetMs).toBeGreaterThan(startMs)
  expect(resetMs).toBeLessThanOrEqual(Date.now() + 60_000)
  const other = await gateway.query(
    '{ rateLimit { remaining } }',
    {},
    { authorization: 'Bearer somebody-else' },
  )
  expect(other.data).toEqual({ rateLimit: null })
})
