import { expect, test } from 'vitest'
import { startText } from '../../src/telemetry/start-text.ts'

const url = 'http://127.0.0.1:4000/graphql'
const switchBy = 'the other command'

test('the sandbox is named as such, with the account to ask for', () => {
  expect(startText({ url, graphiql: true, serving: { sandboxAccount: 'a1' }, switchBy })).toBe(`
Cloudflare IAM as GraphQL

  GraphiQL  http://127.0.0.1:4000/graphql
  Serving   the sandbox, an invented company: no Cloudflare account and no token needed
            account id a1: GraphiQL opens with queries that are ready to run
  Switch    the other command
  Stop      Ctrl+C

`)
})

test('the real API is named with whose credentials it is called', () => {
  const serving = {
    baseUrl: 'https://api.cloudflare.com/client/v4',
    ownCredentials: false,
    provenCallers: false,
  }
  const passing = startText({ url, graphiql: true, serving, switchBy })
  expect(passing).toContain('Serving   the REST API at https://api.cloudflare.com/client/v4\n')
  expect(passing).toContain('the credentials of each caller')
  const lending = startText({ url, graphiql: true, serving: { ...serving, ownCredentials: true }, switchBy })
  expect(lending).toContain("the gateway's own credentials, whoever calls")
  const proven = { ...serving, ownCredentials: true, provenCallers: true }
  expect(startText({ url, graphiql: true, serving: proven, switchBy })).toContain('callers with a JWT')
})

test('GraphiQL is promised only where it is on', () => {
  const text = startText({ url, graphiql: false, serving: { sandboxAccount: 'a1' }, switchBy })
  expect(text).toContain('GraphQL   http://127.0.0.1:4000/graphql (GraphiQL is off)\n')
  expect(text).toContain('account id a1\n')
})
