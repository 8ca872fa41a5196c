import { expect, test } from 'vitest'
import type { Example } from '../../src/plugins/read-examples.ts'
import { startGateway } from '../support/gateway.ts'
import { throwingSchema } from '../support/throwing-schema.ts'

const browser = { headers: { accept: 'text/html,application/xhtml+xml' } }

const examples = [
  exampleOf('paging', 'Paging'),
  exampleOf('extra', 'Extra'),
  exampleOf('what-it-costs', 'Price'),
  exampleOf('user-groups', 'UserGroups'),
]

test('a browser gets one page that holds everything it needs', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema(), examples })
  const response = await fetch('/graphql', browser)
  const page = await response.text()
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(page).not.toMatch(/<(script|link|img|iframe)[^>]+(src|href)="?(https?:)?\/\//)
})

test('the lessons open as tabs in their order, whatever else there is', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema(), examples })
  expect(tabsOf(await (await fetch('/graphql', browser)).text())).toEqual(['UserGroups', 'Paging', 'Price'])
})

test.each([
  ['an example that is no lesson', 'example=extra', ['Extra', 'UserGroups', 'Paging', 'Price']],
  ['a lesson, once', 'example=paging', ['Paging', 'UserGroups', 'Price']],
  ['nothing else where there is no such example', 'example=%3Cscript%3E', ['UserGroups', 'Paging', 'Price']],
  [
    'what was edited, before the example it was made of',
    'example=paging&query=query+Mine+%7B+a+%7D',
    ['Mine', 'UserGroups', 'Paging', 'Price'],
  ],
])('a link opens first %s', async (_, search, titles) => {
  const { fetch } = await startGateway({ schema: throwingSchema(), examples })
  const page = await (await fetch(`/graphql?${search}`, browser)).text()
  expect(tabsOf(page)).toEqual(titles)
  const { query } = optionsOf(page)
  expect(query).toBe(search.includes('query=') ? undefined : examples.find(named(titles[0]))?.query)
})

test('what an address or an example holds is text in the page, never markup', async () => {
  const hostile = { name: 'hostile"&', heading: '<b>&"', query: '{ a } # </script><b>', variables: '' }
  const { fetch } = await startGateway({ schema: throwingSchema(), examples: [...examples, hostile] })
  const query = '{ a } # </script><img src=x>'
  const page = await (await fetch(`/graphql?${new URLSearchParams({ query })}`, browser)).text()
  expect(page).not.toContain('# </script>')
  expect(optionsOf(page).defaultTabs?.[0]).toEqual({ query })
  expect(page).toContain('<a href="/graphql?example=hostile%22%26">&lt;b>&amp;&quot;</a>')
})

test('headers start as comments, of which nothing is kept in the browser', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema(), examples })
  const { headers = '', shouldPersistHeaders } = optionsOf(await (await fetch('/graphql', browser)).text())
  expect(headers).toMatch(/\/\/ "Authorization": "Bearer <token>",\n(.*\n)* *\/\/ "X-Dry-Run": "true"\n/)
  expect(JSON.parse(headers.replaceAll(/^ *\/\/.*$/gm, ''))).toEqual({})
  expect(shouldPersistHeaders).toBe(false)
})

test('without examples GraphiQL opens as it does by itself', async () => {
  const { fetch } = await startGateway({ schema: throwingSchema() })
  const page = await (await fetch('/graphql', browser)).text()
  expect(optionsOf(page).defaultTabs).toBeUndefined()
  expect(page).not.toContain('<nav>')
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

function exampleOf(name: string, title: string): Example {
  return { name, heading: `About ${name}.`, query: `query ${title} { stands }`, variables: '{ "a": 1 }' }
}

function named(title: string | undefined) {
  return ({ query }: Example) => query.startsWith(`query ${title} `)
}

type Options = {
  readonly query?: string
  readonly headers?: string
  readonly shouldPersistHeaders?: boolean
  readonly defaultTabs?: readonly { readonly query: string; readonly variables?: string }[]
}

/** What GraphiQL is started with. */
function optionsOf(page: string): Options {
  const [, options = '{}'] = /^ *(\{"title":.*\}),$/m.exec(page) ?? []
  return JSON.parse(options)
}

function tabsOf(page: string): readonly string[] {
  return optionsOf(page).defaultTabs?.map(({ query }) => query.split(' ')[1] ?? '') ?? []
}
