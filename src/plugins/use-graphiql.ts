import { type Plugin, shouldRenderGraphiQL } from 'graphql-yoga'
import { createGraphiQLPage, type GraphiQLPage, type GraphiQLTabs } from './graphiql-page.ts'
import type { Example } from './read-examples.ts'

// The page is one document with its scripts, styles and fonts inside, and calls this gateway alone.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'font-src data:',
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

// Of the examples, those that open as tabs: to read, to page, to join, to write, and to know the price.
const lessons = ['user-groups', 'paging', 'who-holds-a-permission', 'create-a-user-group', 'what-it-costs']

// GraphiQL takes comments here: nothing is sent until one becomes a line.
const headers = `{
  // Uncomment to send; forgotten when the page closes.
  // An API token, or the JWT that a gateway with its own
  // token wants. The sandbox needs neither.
  // "Authorization": "Bearer <token>",
  // The price alone: nothing is called, nothing is written.
  // "X-Dry-Run": "true"
}
`

/**
 * GraphiQL for a browser that opens `endpoint`, with the lessons among `examples` in tabs that have their operations' names. `?example=`
 * and a name opens that example first, be it a lesson or not; `?query=`, where GraphiQL keeps what is being edited, opens that.
 */
export function useGraphiQL({
  endpoint,
  examples,
}: {
  readonly endpoint: string
  readonly examples: readonly Example[]
}): Plugin {
  const tabs = lessons.flatMap((lesson) => examples.filter(({ name }) => name === lesson))
  let page: Promise<GraphiQLPage> | undefined
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (url.pathname !== endpoint || !shouldRenderGraphiQL(request)) return
      // Loaded when the first browser asks.
      page ??= createGraphiQLPage({ endpoint, examples, headers })
      const edited = url.searchParams.get('query')
      const named = examples.find(({ name }) => name === url.searchParams.get('example'))
      const body = (await page)(edited ? openEdited(edited, tabs) : open(named ?? tabs[0], tabs))
      const responseHeaders = {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': contentSecurityPolicy,
      }
      endResponse(new fetchAPI.Response(body, { headers: responseHeaders }))
    },
  }
}

// `query` and `variables` are what GraphiQL looks for among the tabs of an earlier visit, and opens one for where it finds none.
function open(first: Example | undefined, tabs: readonly Example[]): GraphiQLTabs {
  if (first === undefined) return {}
  const { query, variables } = first
  return { query, variables, defaultTabs: [first, ...tabs.filter((tab) => tab !== first)].map(tabOf) }
}

// GraphiQL reads this one from the address by itself, and its variables from where it kept them.
function openEdited(query: string, tabs: readonly Example[]): GraphiQLTabs {
  return { defaultTabs: [{ query }, ...tabs.map(tabOf)] }
}

function tabOf({ query, variables }: Example) {
  return { query, variables }
}
