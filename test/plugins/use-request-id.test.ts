import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { throwingSchema } from '../support/throwing-schema.ts'

test('every response has an id of its own', async () => {
  const { query, fetch } = await startGateway({ schema: throwingSchema() })
  const answers = [
    await query('{ stands }'),
    await query('{ stands }'),
    await fetch('/health'),
    await fetch('/none'),
  ]
  const ids = answers.map(({ headers }) => headers.get('x-request-id'))
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect(new Set(ids).size).toBe(ids.length)
})

test('the id of the caller is kept', async () => {
  const { query } = await startGateway({ schema: throwingSchema() })
  const { headers } = await query('{ stands }', {}, { 'x-request-id': 'trace-1:2.3_4' })
  expect(headers.get('x-request-id')).toBe('trace-1:2.3_4')
})

test.each(['', ' ', 'two words', 'a"b', 'x'.repeat(129), '{"level":60}'])(
  'the id %j is replaced',
  async (id) => {
    const { query } = await startGateway({ schema: throwingSchema() })
    const { headers } = await query('{ stands }', {}, { 'x-request-id': id })
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  },
)
