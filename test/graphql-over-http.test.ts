import { serverAudits } from 'graphql-http'
import { expect, test } from 'vitest'
import { serveGateway } from './support/serve-gateway.ts'

/** What the specification allows and this gateway does not offer: a GET has to carry a header that no other site can send. */
const notOffered = ['5A70', '6A70', 'D6D5']

test('all that GraphQL over HTTP demands or recommends is done', async () => {
  const { url } = await serveGateway({ headers: {} })
  const audits = serverAudits({ url })
  const results = await Promise.all(audits.map((audit) => audit.fn()))
  const failed = results.filter(({ status }) => status !== 'ok')
  expect(results.length).toBeGreaterThan(50)
  expect(failed.filter(({ name }) => !name.startsWith('MAY')).map(({ name }) => name)).toEqual([])
  expect(failed.map(({ id }) => id).sort()).toEqual(notOffered)
})
