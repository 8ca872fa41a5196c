import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { throwingSchema } from '../support/throwing-schema.ts'

test.each([
  ['application/x-www-form-urlencoded', 'query=%7Bstands%7D'],
  [
    'multipart/form-data; boundary=b',
    '--b\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{}\r\n--b--\r\n',
  ],
  ['text/plain', '{"query":"{stands}"}'],
  ['application/graphql', '{stands}'],
  ['Application/JSON', '{"query":"{stands}"}'],
  ['application/json-patch+json', '{"query":"{stands}"}'],
])('a body of %s is refused, with the CSRF header and without', async (contentType, body) => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  for (const csrf of [{}, { 'x-graphql-yoga-csrf': '1' }]) {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': contentType, ...csrf },
      body,
    })
    expect(response.status).toBe(415)
    expect(await response.json()).toEqual({
      errors: [
        { message: 'The body of a POST must be application/json', extensions: { code: 'BAD_REQUEST' } },
      ],
    })
  }
})

test('a POST without a content type is refused', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  const body = new TextEncoder().encode('{"query":"{stands}"}')
  expect((await fetch('/graphql', { method: 'POST', body })).status).toBe(415)
})

test('a content type may have parameters', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  const response = await fetch('/graphql', { method: 'POST', headers, body: '{"query":"{stands}"}' })
  expect(await response.json()).toMatchObject({ data: { stands: 'still here' } })
})

test('a GET needs a header that no other site can send unasked', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  const path = `/graphql?query=${encodeURIComponent('{stands}')}`
  const refused = await fetch(path)
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
  for (const name of ['x-graphql-yoga-csrf', 'apollo-require-preflight']) {
    const answered = await fetch(path, { headers: { [name]: '1' } })
    expect(await answered.json()).toMatchObject({ data: { stands: 'still here' } })
  }
})

test.each(['variables={', 'extensions=nonsense'])('a GET with %s is a bad request', async (parameter) => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  const headers = { 'x-graphql-yoga-csrf': '1' }
  const response = await fetch(`/graphql?query=%7Bstands%7D&${parameter}`, { headers })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
})

test.each(['PUT', 'DELETE', 'HEAD', 'OPTIONS'])('%s is no way to send an operation', async (method) => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  const response = await fetch(`/graphql?query=${encodeURIComponent('{stands}')}`, { method })
  expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({
    status: 405,
    allow: 'GET, POST',
  })
})
