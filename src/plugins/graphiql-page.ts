import type { Example } from './read-examples.ts'

/** What GraphiQL opens with; texts of a query and of a JSON object. */
export type GraphiQLTabs = {
  readonly query?: string
  readonly variables?: string
  /** For a browser that was not here before. */
  readonly defaultTabs?: readonly { readonly query: string; readonly variables?: string }[]
}

/** Makes the page that opens with these tabs. */
export type GraphiQLPage = (tabs: GraphiQLTabs) => string

/**
 * GraphiQL in one document that asks no other host, with a line below it: the price of the last answer, which a long answer tells only
 * at its end, and a menu of `examples`. The document is nine megabytes of text, of which the tabs are all that differs. `headers` is the
 * text of the headers tab.
 */
export async function createGraphiQLPage({
  endpoint,
  examples,
  headers,
}: {
  readonly endpoint: string
  readonly examples: readonly Example[]
  readonly headers: string
}): Promise<GraphiQLPage> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const options = {
    title: 'Cloudflare IAM',
    endpoint,
    headers,
    // There may be a token in them, which has no place in the browser's storage.
    shouldPersistHeaders: false,
  }
  const root = '<div id="root"></div>'
  const page = renderGraphiQL(options).replace(root, () => `${style}${root}${lineBelow(endpoint, examples)}`)
  const [before = '', after = ''] = page.split(JSON.stringify(options))
  return (tabs) => `${before}${textForScript({ ...options, ...tabs })}${after}`
}

/** What JSON leaves as it is would end the script. */
function textForScript(options: object): string {
  return JSON.stringify(options).replaceAll('<', '\\u003c')
}

// GraphiQL moves a tab that gets the focus to a place where it is not, so that no click on one but the last ends where it began.
const style = `<style>
body { display: flex; flex-direction: column; height: 100vh; height: 100dvh; --line: #fff; --ink: #3b4b68; --edge: #d8dee9 }
body.graphiql-dark { --line: #212a3b; --ink: #b7c2d7; --edge: #3a465c }
@media (prefers-color-scheme: dark) { body:not(.graphiql-light) { --line: #212a3b; --ink: #b7c2d7; --edge: #3a465c } }
#root { flex: 1; min-height: 0 }
body .graphiql-container { height: 100%; width: 100% }
body .graphiql-tab { transform: none !important }
#line { display: flex; gap: 1.5em; padding: .45em 1em; font: 13px/1.5 system-ui, sans-serif; position: relative;
  background: var(--line); color: var(--ink); border-top: 1px solid var(--edge) }
#line output { margin-left: auto; text-align: right }
#line summary { cursor: pointer }
#line nav { position: absolute; z-index: 9; bottom: 100%; left: .5em; max-width: calc(100vw - 1em); max-height: 70vh; overflow: auto; box-sizing: border-box;
  background: var(--line); border: 1px solid var(--edge); border-radius: 8px; box-shadow: 0 4px 20px #0003; padding: .5em }
#line nav a { display: block; padding: .35em .6em; border-radius: 5px; color: inherit; text-decoration: none }
#line nav a:is(:hover, :focus-visible) { background: var(--edge) }
@media (max-width: 720px) {
  body .graphiql-container .graphiql-logo, body .graphiql-container .graphiql-horizontal-drag-bar { display: none }
  body #graphiql-session { flex-direction: column; min-height: 0 }
}
</style>
`

// The answer is read once more on its way to GraphiQL, which has no place of its own for the price. The query in the address is of the tab
// that was edited last; GraphiQL knows that one again by its variables too, and would else open it twice.
const script = `<script>
{
  const output = document.querySelector('#line output')
  const menu = document.querySelector('#line details')
  const counted = (calls) => calls + (calls === 1 ? ' REST call' : ' REST calls')
  const show = ({ data, extensions }) => {
    if (data?.__schema) return
    const { made, estimated, limit, atLeast } = extensions?.restCalls ?? {}
    if (estimated === undefined) output.value = 'Not run: no REST call made'
    else output.value = made === undefined
      ? 'Dry run: ' + (atLeast ? 'at least ' : '') + counted(estimated) + ', limit ' + limit
      : counted(made) + ' made, ' + estimated + ' estimated, limit ' + limit
  }
  const send = globalThis.fetch
  globalThis.fetch = async (...request) => {
    const response = await send(...request)
    response.clone().json().then(show, () => {})
    return response
  }
  addEventListener('click', ({ target }) => { if (menu && !menu.contains(target)) menu.open = false })
  addEventListener('keydown', ({ key }) => { if (menu && key === 'Escape') menu.open = false })
  const query = new URLSearchParams(location.search).get('query')
  const { tabs = [] } = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{}')
  const edited = query && tabs.find((tab) => tab.query === query)
  if (query) localStorage.setItem('graphiql:variables', edited?.variables ?? '')
}
</script>
`

function lineBelow(endpoint: string, examples: readonly Example[]): string {
  const links = examples.map(
    ({ name, heading }) => `<a href="${escapeHtml(exampleLink(endpoint, name))}">${escapeHtml(heading)}</a>`,
  )
  const menu =
    links.length === 0 ? '' : `<details><summary>Examples</summary><nav>${links.join('')}</nav></details>`
  return `<footer id="line">${menu}<output>Run a query: its price shows here</output></footer>\n${script}`
}

function exampleLink(endpoint: string, name: string): string {
  return `${endpoint}?${new URLSearchParams({ example: name })}`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
