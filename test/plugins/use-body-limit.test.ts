import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../../src/listen.ts'
import { accountSchema } from '../support/account-schema.ts'
import { startGateway } from '../support/gateway.ts'

const limit = 1024 * 1024

test('a body of just the limit is read, and one of a byte more refused, whether its length is told or not', async () => {
  const post = await startServer()
  const statuses = []
  for (const isTold of [true, false]) {
    statuses.push((await post(bodyOf(limit), isTold)).status, (await post(bodyOf(limit + 1), isTold)).status)
  }
  expect(statuses).toEqual([200, 413, 200, 413])
  const { errors } = await (await post(bodyOf(limit), false)).json()
  expect(errors).toMatchObject([{ message: 'The document has more than 131072 characters' }])
})

test('a body that does not tell its length is answered like any other', async () => {
  const post = await startServer()
  const body = JSON.stringify({ query: '{ free }', variables: { text: 'é'.repeat(40_000) } })
  const [told, untold] = [await post(body, true), await post(body, false)]
  expect([told.status, untold.status]).toEqual([200, 200])
  expect(await untold.json()).toEqual(await told.json())
})

test('a length that is none is refused', async () => {
  const { fetch } = await startGateway({ schema: accountSchema() })
  const headers = { 'content-type': 'application/json', 'content-length': '1, 2' }
  const response = await fetch('/graphql', { method: 'POST', headers, body: '{ "query": "{ free }" }' })
  expect(response.status).toBe(400)
})

async function startServer() {
  const { listener } = await startGateway({ schema: accountSchema() })
  const server = await listen(listener, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.drain(0))
  return (text: string, isTold: boolean) => {
    const stream = { body: new Blob([text]).stream(), duplex: 'half' }
    const headers = { 'content-type': 'application/json', authorization: 'Bearer token-of-a-test' }
    const init = { method: 'POST', headers, ...(isTold ? { body: text } : stream) }
    return fetch(`http://127.0.0.1:${server.port}/graphql`, init)
  }
}

function bodyOf(bytes: number): string {
  const [start, end] = ['{"query": "{ free } # ', '"}']
  return start + 'x'.repeat(bytes - start.length - end.length) + end
}
