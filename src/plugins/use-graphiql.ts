import { type Plugin, shouldRenderGraphiQL } from 'graphql-yoga'

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

/** GraphiQL for a browser that opens `endpoint`. Each of `examples` is a query in a tab that has its operation's name. */
export function useGraphiQL({
  endpoint,
  examples,
}: {
  readonly endpoint: string
  readonly examples: readonly string[]
}): Plugin {
  let page: Promise<string> | undefined
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (url.pathname !== endpoint || !shouldRenderGraphiQL(request)) return
      page ??= render(endpoint, examples)
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': contentSecurityPolicy,
      }
      endResponse(new fetchAPI.Response(await page, { headers }))
    },
  }
}

/** The page is nine megabytes of text: loaded when the first browser asks, and made once. */
async function render(endpoint: string, examples: readonly string[]): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  // No variables: GraphiQL drops those of the first tab. `query` is what it looks for among the tabs of an earlier
  // visit; without one it adds an empty tab each time.
  const tabs = { query: examples[0], defaultTabs: examples.map((query) => ({ query })) }
  return renderGraphiQL({ title: 'Cloudflare IAM', endpoint, ...(examples.length > 0 ? tabs : {}) })
}
