import { GraphQLError } from 'graphql'
import { expect, test } from 'vitest'
import { CloudflareError, type CloudflareErrorKind } from '../../src/cloudflare/errors.ts'
import { CostLimitExceeded } from '../../src/cost/cost-limit-exceeded.ts'
import { InvalidArgument } from '../../src/paging/invalid-argument.ts'
import { startGateway } from '../support/gateway.ts'
import { throwingSchema } from '../support/throwing-schema.ts'

test.each<[CloudflareErrorKind, string]>([
  ['unauthenticated', 'UNAUTHENTICATED'],
  ['forbidden', 'FORBIDDEN'],
  ['not-found', 'UPSTREAM_REFUSED'],
  ['refused', 'UPSTREAM_REFUSED'],
  ['rate-limited', 'RATE_LIMITED'],
  ['timeout', 'UPSTREAM_TIMEOUT'],
  ['unavailable', 'UPSTREAM_UNAVAILABLE'],
  ['aborted', 'UPSTREAM_TIMEOUT'],
])('a REST failure of kind %s is %s at its field, and the rest of the answer stands', async (kind, code) => {
  const { query } = await startGateway({ schema: throwingSchema(restFailure({ kind })) })
  const { status, data, errors } = await query('{ rejects stands }')
  expect(status).toBe(200)
  expect(data).toEqual({ rejects: null, stands: 'still here' })
  expect(errors).toMatchObject([{ path: ['rejects'], extensions: { code } }])
})

test('a REST failure tells what was asked and what came back, without its cause', async () => {
  const error = restFailure({
    kind: 'forbidden',
    status: 403,
    errors: [
      {
        code: 10000,
        message: 'Authentication error',
        pointer: '/id',
        chain: [{ code: 1, message: 'inner' }],
      },
      { message: 'no code', chain: [] },
    ],
    ray: '8f0a-AMS',
    cause: new Error('private cause'),
  })
  const { query } = await startGateway({ schema: throwingSchema(error) })
  const { errors } = await query('{ fails }')
  expect(errors).toEqual([
    {
      message: 'GET /accounts/a1/members: the upstream said so',
      path: ['fails'],
      locations: [{ line: 1, column: 3 }],
      extensions: {
        code: 'FORBIDDEN',
        upstream: {
          method: 'GET',
          path: '/accounts/a1/members?page=1',
          status: 403,
          errors: [{ code: 10000, message: 'Authentication error' }, { message: 'no code' }],
          ray: '8f0a-AMS',
        },
      },
    },
  ])
})

test('a rate limit says how long to wait, in the error and as a header', async () => {
  const error = restFailure({ kind: 'rate-limited', retryAfterMs: 1500 })
  const { query } = await startGateway({ schema: throwingSchema(error) })
  const { status, headers, errors } = await query('{ fails }')
  expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfterMs: 1500 } }])
  expect({ status, retryAfter: headers.get('retry-after') }).toEqual({ status: 200, retryAfter: '2' })
})

test('a write whose answer never came says that it may have happened', async () => {
  const error = restFailure({ kind: 'timeout', mayHaveHappened: true })
  const { query } = await startGateway({ schema: throwingSchema(error) })
  const { errors } = await query('mutation { change }')
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_TIMEOUT', mayHaveHappened: true } }])
})

test('a broken rule of an argument names the argument', async () => {
  const error = new InvalidArgument('filter.name', 'filter.name must not be empty')
  const { query } = await startGateway({ schema: throwingSchema(error) })
  const { errors } = await query('{ fails }')
  expect(errors).toMatchObject([
    {
      message: 'filter.name must not be empty',
      path: ['fails'],
      extensions: { code: 'BAD_USER_INPUT', argument: 'filter.name' },
    },
  ])
})

test('an operation that is too dear tells its price and the dearest fields', async () => {
  const price = { estimated: 501, limit: 200, fields: [{ path: 'account.userGroups', calls: 501 }] }
  const { query } = await startGateway({ schema: throwingSchema(new CostLimitExceeded(price)) })
  const { errors } = await query('{ fails }')
  expect(errors?.[0]?.extensions).toEqual({ code: 'COST_LIMIT_EXCEEDED', ...price })
})

test('an operation that is refused as a whole is no success for a caller who reads statuses', async () => {
  const { query, sandbox } = await startGateway({
    config: { maxRestCalls: 1 },
    sandbox: { rateLimit: { calls: 1, windowSeconds: 300 } },
  })
  const account = `account(id: "${sandbox.accountTag}")`
  const asked = { accept: 'application/graphql-response+json' }
  const dear = `{ ${account} { userGroups(first: 5) { nodes { members { nodes { email } } } } } }`
  expect(await query(dear, {}, asked)).toMatchObject({
    status: 400,
    data: null,
    errors: [{ extensions: { code: 'COST_LIMIT_EXCEEDED', limit: 1 } }],
  })
  expect(await query(dear, {})).toMatchObject({ status: 200, data: null })

  expect((await query(`{ ${account} { name } }`)).errors).toBeUndefined()
  const limited = await query(`{ ${account} { name } }`, {}, asked)
  expect(limited).toMatchObject({
    status: 429,
    data: null,
    errors: [{ extensions: { code: 'RATE_LIMITED' } }],
  })
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
})

test.each([
  ['an error', new Error('secret detail')],
  ['a thrown string', 'secret detail'],
  ['an error of the GraphQL library without a place', new GraphQLError('secret detail')],
  ['an error that claims a status', Object.assign(new Error('secret detail'), { extensions: { secret: 1 } })],
])('%s that nobody foresaw is masked, and logged under its request id', async (_, error) => {
  const lines: Record<string, unknown>[] = []
  const { query } = await startGateway({ schema: throwingSchema(error), log: (line) => lines.push(line) })
  const { status, data, errors } = await query('{ fails stands }', {}, { 'x-request-id': 'request-7' })
  expect(status).toBe(200)
  expect(data).toEqual({ fails: null, stands: 'still here' })
  expect(errors).toEqual([
    {
      message: 'Unexpected error',
      path: ['fails'],
      locations: [{ line: 1, column: 3 }],
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-7' },
    },
  ])
  const logged = lines.filter(({ msg }) => msg === 'unexpected error')
  expect(logged).toMatchObject([{ requestId: 'request-7', path: ['fails'] }])
  expect(JSON.stringify(logged)).toContain('secret detail')
})

test.each(['notNull', 'color', 'count'])('what a resolver gets wrong is masked too: %s', async (field) => {
  const { query } = await startGateway({ schema: throwingSchema() })
  const answer = await query(`{ ${field} }`)
  expect(answer.errors).toMatchObject([
    { message: 'Unexpected error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  ])
  expect(JSON.stringify(answer.errors)).not.toContain('secret')
})

test('an operation that an unforeseen error leaves without data is still answered', async () => {
  const { query } = await startGateway({ schema: throwingSchema(new Error('secret detail')) })
  const { data, errors } = await query('{ failsWhole }')
  expect(data).toBeNull()
  expect(errors).toMatchObject([{ path: ['failsWhole'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }])
})

test('what goes wrong after the operation, while its answer is written, is masked too', async () => {
  const lines: Record<string, unknown>[] = []
  const { query } = await startGateway({ schema: throwingSchema(), log: (line) => lines.push(line) })
  const { status, data, errors, headers } = await query(
    '{ unprintable }',
    {},
    { 'x-request-id': 'request-8' },
  )
  expect({ status, data }).toEqual({ status: 500, data: null })
  expect(errors).toEqual([
    { message: 'Unexpected error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-8' } },
  ])
  expect(headers.get('x-request-id')).toBe('request-8')
  expect(lines.filter(({ level }) => level === 50)).toMatchObject([{ requestId: 'request-8' }])
})

test.each([
  ['{ stands', 'GRAPHQL_PARSE_FAILED', /^Syntax Error/],
  ['{ unknown }', 'GRAPHQL_VALIDATION_FAILED', /Cannot query field "unknown"/],
  ['{ echo }', 'GRAPHQL_VALIDATION_FAILED', /argument "text"/],
  ['query ($t: String!) { echo(text: $t) }', 'BAD_USER_INPUT', /Variable "\$t" of required type/],
  ['query ($n: Even = 3) { even(number: $n) }', 'GRAPHQL_VALIDATION_FAILED', /3 is not even/],
  ['query A { stands } query B { stands }', 'OPERATION_RESOLUTION_FAILURE', /what operation/],
])(
  'the document %j is refused with its own meaning, 400 where the caller reads statuses',
  async (document, code, message) => {
    const { query } = await startGateway({ schema: throwingSchema() })
    const asked = { accept: 'application/graphql-response+json' }
    const { status, errors } = await query(document, {}, asked)
    expect(errors).toMatchObject([{ message: expect.stringMatching(message), extensions: { code } }])
    expect(status).toBe(400)
  },
)

test('a variable that its scalar refuses blames the caller', async () => {
  const { query } = await startGateway({ schema: throwingSchema() })
  const { data, errors } = await query('query ($n: Even) { even(number: $n) }', { n: 3 })
  expect(data).toBeNull()
  expect(errors).toMatchObject([
    { message: expect.stringContaining('3 is not even'), extensions: { code: 'BAD_USER_INPUT' } },
  ])
})

test('a variable that is null where an argument is required blames the caller, at its field', async () => {
  const { query } = await startGateway({ schema: throwingSchema() })
  const { errors } = await query('query ($t: String = "x") { echo(text: $t) }', { t: null })
  expect(errors).toMatchObject([{ path: ['echo'], extensions: { code: 'BAD_USER_INPUT' } }])
})

test.each([
  ['{"query": ', 400],
  ['null', 400],
  ['"text"', 400],
  ['{}', 400],
  ['{"query": 7}', 400],
  ['{"query": "{stands}", "variables": 7}', 400],
  ['{"query": "{stands}", "else": 7}', 400],
  ['[{"query": "{stands}"}]', 400],
])('the body %j is a bad request, and nothing of the parser is told', async (body, status) => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' }
  const response = await fetch('/graphql', { method: 'POST', headers, body })
  const { errors } = await response.json()
  expect(response.status).toBe(status)
  expect(errors).toEqual([{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }])
})

function restFailure(details: Partial<ConstructorParameters<typeof CloudflareError>[0]>): CloudflareError {
  return new CloudflareError({
    kind: 'refused',
    method: 'GET',
    path: '/accounts/a1/members?page=1',
    template: '/accounts/{account_id}/members',
    reason: 'the upstream said so',
    ...details,
  })
}
