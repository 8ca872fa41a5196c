import { expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { throwingSchema } from '../support/throwing-schema.ts'

const browser = { headers: { accept: 'text/html,application/xhtml+xml' } }

test('a browser gets one page that holds everything it needs', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema(), examples: ['query First { stands }'] })
  const response = await fetch('/graphql', browser)
  const page = await response.text()
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(page).toContain('"defaultTabs":[{"query":"query First { stands }"}]')
  expect(page).not.toMatch(/<(script|link|img|iframe)[^>]+(src|href)="?(https?:)?\/\//)
})

test('the page may call its own gateway, and nobody may frame it', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  const policy = (await fetch('/graphql', browser)).headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("connect-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/https?:|\*/)
})

test('a program that asks the same address gets no page', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  const response = await fetch('/graphql?query=%7Bstands%7D', {
    headers: { accept: 'application/json', 'x-graphql-yoga-csrf': '1' },
  })
  expect(await response.json()).toMatchObject({ data: { stands: 'still here' } })
})

test('there is no page where GraphiQL is off', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema(), config: { graphiql: false } })
  const response = await fetch('/graphql', browser)
  expect(response.status).toBe(406)
  expect(await response.text()).toBe('')
})
