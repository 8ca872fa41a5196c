import fc from 'fast-check'
import { expect, test } from 'vitest'
import { propertyRuns } from '../support/property-runs.ts'
import { startSaneGateway } from './sane-gateway.ts'

const value = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: fc.nat({ max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    ',',
    ';',
    '"',
    '\\',
    '\t',
    'x'.repeat(8_000),
    '*/*',
    'application/json',
    'null',
    '-1',
    '1e9',
  ),
)
const known = fc.record(
  {
    authorization: fc.oneof(
      value.map((text) => `Bearer ${text}`),
      fc.constantFrom(
        'Bearer',
        'bearer  token',
        'Bearer a b',
        'Basic YTpi',
        'Bearer token, Bearer other',
        'token',
      ),
      value,
    ),
    'x-auth-email': fc.oneof(value, fc.constant('ann@example.com')),
    'x-auth-key': fc.oneof(value, fc.constant('0123456789abcdef')),
    'content-type': fc.oneof(
      fc.constantFrom(
        'application/json',
        'application/json; charset=utf-16',
        'application/json;charset',
        'APPLICATION/JSON',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'multipart/form-data',
        'application/graphql',
        'application/graphql+json',
        'text/plain',
      ),
      value,
    ),
    accept: fc.oneof(
      fc.constantFrom(
        'application/graphql-response+json',
        'text/html',
        'text/event-stream',
        'multipart/mixed',
        'x',
        'a/b;q=x',
      ),
      value,
    ),
    'accept-encoding': value,
    'content-encoding': fc.oneof(fc.constantFrom('gzip', 'br', 'identity'), value),
    'content-length': fc.constantFrom('0', '5', '-1', '99999999999', 'x'),
    'x-dry-run': fc.oneof(fc.constantFrom('true', 'TRUE', 'false', '1'), value),
    'x-request-id': value,
    'x-forwarded-for': value,
    'x-http-method-override': fc.constantFrom('DELETE', 'PUT'),
    origin: fc.oneof(fc.constantFrom('null', 'https://evil.example', 'file://'), value),
    cookie: value,
    'apollo-require-preflight': value,
    'x-apollo-operation-name': value,
  },
  { requiredKeys: [] },
)
// So that some get further than to the first refusal.
const calm = fc.record(
  {
    authorization: fc.constant('Bearer token'),
    'content-type': fc.constant('application/json'),
    'x-dry-run': fc.oneof(fc.constantFrom('true', 'TRUE', 'false', '1'), value),
    'x-request-id': value,
    accept: fc.constantFrom('*/*', 'application/json', 'application/graphql-response+json'),
  },
  { requiredKeys: ['content-type'] },
)
const others = fc.dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), value, { maxKeys: 3 })
const body = fc.oneof(
  fc.constantFrom(
    '{"query": "{ accounts(first: 1) { totalCount } }"}',
    '{"query": "mutation { deleteUserGroup(input: { id: \\"x\\" }) { userErrors { code } } }"}',
    '[{"query": "{ __typename }"}]',
    '{"query": "{ __typename }", "operationName": 7}',
    '{"query": "query A { __typename }", "operationName": "B"}',
    '{"query": "{ __typename }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}}}',
    '{"query": "{ __typename }", "variables": "x", "extensions": []}',
    '{"query": "{ __typename }", "__proto__": {"x": 1}}',
    'query={__typename}',
    '',
    '\u0000',
  ),
  fc.jsonValue({ maxDepth: 3 }).map((json) => JSON.stringify(json)),
  fc.string({ unit: 'binary', maxLength: 200 }),
)

const method = fc.oneof(
  fc.constant('POST'),
  fc.constantFrom('GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'QUERY'),
)
const search = fc.oneof(
  fc.constant(''),
  fc
    .dictionary(fc.constantFrom('query', 'variables', 'extensions', 'operationName', 'raw', 'x'), value)
    .map((parameters) => `?${new URLSearchParams(parameters)}`),
  fc.constantFrom(
    '?query=%7B__typename%7D',
    '?query=%ZZ',
    '?query={__typename}&variables={',
    '?%',
    '?query=mutation{x}',
  ),
)
const request = fc.record({ method, search, headers: fc.oneof(calm, known), others, body })

test('no headers, method, query string or body are too strange to be answered', async () => {
  const { ask } = await startSaneGateway()
  const outcomes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const headers = headersOf({ ...asked.others, ...asked.headers })
      const hasBody = !['GET', 'HEAD'].includes(asked.method)
      const init = { method: asked.method, headers, ...(hasBody ? { body: asked.body } : {}) }
      for (const outcome of await ask(init, asked.search)) outcomes.add(outcome)
    }),
    propertyRuns(5_000),
  )
  expect([...outcomes]).toEqual(expect.arrayContaining(['none', 'BAD_REQUEST', 'UNAUTHENTICATED']))
}, 60_000)

/** What HTTP can carry of them: the rest never gets as far as the gateway. */
function headersOf(entries: Readonly<Record<string, string>>): Headers {
  const headers = new Headers()
  for (const [name, text] of Object.entries(entries)) {
    if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) headers.set(name, text)
  }
  return headers
}
