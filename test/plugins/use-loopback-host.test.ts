import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'

const serviceHeaders = { authorization: 'Bearer the-gateways-own' }

test.each([
  'evil.example',
  'evil.example:4000',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '10.0.0.1',
  '[::2]:4000',
  '',
])(
  'credentials of the gateway that anybody may use are not for a page that reached it as %j',
  async (host) => {
    const { query, fetch, requests } = await startGateway({ config: { serviceHeaders }, headers: { host } })
    const { status, errors } = await query('{ accounts { nodes { name } } }')
    expect(status).toBe(421)
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect((await fetch('/graphql', { headers: { host, accept: 'text/html' } })).status).toBe(421)
    expect(requests()).toEqual([])
  },
)

test.each(['localhost', 'LocalHost:4000', '127.0.0.1:4000', '127.8.9.1', '[::1]:4000', '[::1]'])(
  'they are for whoever reached it as %s',
  async (host) => {
    const { query } = await startGateway({ config: { serviceHeaders }, headers: { host } })
    expect((await query('{ __typename }')).status).toBe(200)
  },
)

test('where callers bring or prove something of their own, any name will do', async () => {
  const headers = { host: 'gateway.example' }
  const { query } = await startGateway({ headers })
  expect((await query('{ __typename }')).status).toBe(200)
})
