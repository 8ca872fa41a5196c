import { expect, test } from 'vitest'
import { accountSchema } from '../support/account-schema.ts'
import { startGateway } from '../support/gateway.ts'

test('an answer with gaps names them', async () => {
  const { query } = await startGateway({ schema: accountSchema() })
  const { data, extensions } = await query('{ gap }')
  expect(data).toEqual({ gap: 'the rest' })
  expect(extensions?.incomplete).toEqual([
    { path: ['gap'], message: 'a group could not be read', missing: 'group-1' },
  ])
})

test('a whole answer says nothing of gaps', async () => {
  const { query } = await startGateway({ schema: accountSchema() })
  expect((await query('{ free }')).extensions ?? {}).not.toHaveProperty('incomplete')
})
