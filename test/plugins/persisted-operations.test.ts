import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type GatewayOptions, startGateway } from '../support/gateway.ts'
import { throwingSchema } from '../support/throwing-schema.ts'

const document = 'query Stands { stands }'
const hash = sha256(document)

test('a document that came with its hash is known by its hash alone', async () => {
  const { send } = await start()
  const unknown = await send({ extensions: byHash(hash) })
  expect([unknown.status, unknown.body]).toEqual([
    200,
    { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] },
  ])
  expect((await send({ query: document, extensions: byHash(hash) })).body).toMatchObject({
    data: { stands: 'still here' },
  })
  expect((await send({ extensions: byHash(hash) })).body).toMatchObject({ data: { stands: 'still here' } })
})

test('a hash also works in a GET, but not for a mutation', async () => {
  const { send, get } = await start()
  const mutation = 'mutation { change }'
  await send({ query: document, extensions: byHash(hash) })
  await send({ query: mutation, extensions: byHash(sha256(mutation)) })
  expect((await get(hash)).status).toBe(200)
  expect((await get(sha256(mutation))).status).toBe(405)
})

test('a document under the hash of another is refused, and not kept', async () => {
  const { send } = await start()
  const forged = await send({ query: 'mutation { change }', extensions: byHash(hash) })
  expect([forged.status, forged.body]).toMatchObject([
    400,
    { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
  ])
  expect((await send({ extensions: byHash(hash) })).body).toMatchObject({
    errors: [{ message: 'PersistedQueryNotFound' }],
  })
})

test('a document that nobody asked for is let go when others need its room, and is sent again', async () => {
  const { send } = await start()
  await send({ query: document, extensions: byHash(hash) })
  for (let index = 0; index < 36; index += 1) {
    const other = `{ stands } # ${index}${'x'.repeat(120_000)}`
    await send({ query: other, extensions: byHash(sha256(other)) })
  }
  expect((await send({ extensions: byHash(hash) })).body).toMatchObject({
    errors: [{ message: 'PersistedQueryNotFound' }],
  })
})

test.each([
  {},
  { query: null },
  { extensions: {} },
  { extensions: { persistedQuery: { version: 2, sha256Hash: hash } } },
  { extensions: { persistedQuery: { version: 1, sha256Hash: 7 } } },
  { extensions: { persistedQuery: null } },
])('%j asks for nothing', async (body) => {
  const { send } = await start()
  expect(await send(body)).toMatchObject({
    status: 400,
    body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
  })
})

test('operations of the manifest are known from the start, whatever their hash', async () => {
  const { send } = await start({ manifest: new Map([['an-id', document]]) })
  expect((await send({ extensions: byHash('an-id') })).body).toMatchObject({ data: { stands: 'still here' } })
  expect((await send({ query: '{ __typename }' })).body).toMatchObject({ data: { __typename: 'Query' } })
})

test('with the manifest only, nothing else runs: no document, known or not, and none can be registered', async () => {
  const { send } = await start({
    manifest: new Map([[hash, document]]),
    config: { persistedOperationsOnly: true },
  })
  expect((await send({ extensions: byHash(hash) })).body).toMatchObject({ data: { stands: 'still here' } })
  const other = '{ __typename }'
  const codes = []
  for (const body of [
    { query: document },
    { query: document, extensions: byHash(hash) },
    { query: other, extensions: byHash(sha256(other)) },
    { extensions: byHash(sha256(other)) },
    { extensions: byHash('__proto__') },
    {},
  ]) {
    const { status, body: answer } = await send(body)
    codes.push([status, answer.errors[0].extensions.code, answer.data])
  }
  expect(codes).toEqual([
    [400, 'PERSISTED_QUERY_ID_REQUIRED', undefined],
    [400, 'PERSISTED_QUERY_ID_REQUIRED', undefined],
    [400, 'PERSISTED_QUERY_ID_REQUIRED', undefined],
    [400, 'PERSISTED_QUERY_NOT_IN_LIST', undefined],
    [400, 'PERSISTED_QUERY_NOT_IN_LIST', undefined],
    [400, 'PERSISTED_QUERY_ID_REQUIRED', undefined],
  ])
})

test('an operation of the manifest is held to the same limits as any other', async () => {
  const deep = `{ ${Array.from({ length: 101 }, (_, index) => `a${index}: stands`).join(' ')} }`
  const { send } = await start({
    manifest: new Map([['deep', deep]]),
    config: { persistedOperationsOnly: true },
  })
  expect((await send({ extensions: byHash('deep') })).body).toMatchObject({
    errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }],
  })
})

async function start(options: GatewayOptions = {}) {
  const { fetch } = await startGateway({ schema: throwingSchema(), ...options })
  return {
    async send(body: object) {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: response.status, body: await response.json() }
    },
    get: (sha: string) =>
      fetch(`/graphql?extensions=${encodeURIComponent(JSON.stringify(byHash(sha)))}`, {
        headers: { 'apollo-require-preflight': '1' },
      }),
  }
}

function byHash(sha256Hash: string) {
  return { persistedQuery: { version: 1, sha256Hash } }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
