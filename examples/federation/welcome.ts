import type { Subgraph } from './compose.ts'
import type { queries } from './queries.ts'

/** The first lines on the terminal. */
export function welcome({
  url,
  subgraphs,
  queries: shown,
}: {
  readonly url: string
  readonly subgraphs: readonly Subgraph[]
  readonly queries: typeof queries
}): string {
  return `
A supergraph of Cloudflare IAM and a company directory

  GraphiQL  ${url}
${subgraphs.map(({ name, url: subgraph }) => `  ${name.padEnd(10)}${subgraph}`).join('\n')}
  Stop      Ctrl+C

Queries that neither could answer alone:
${shown.map(({ title, document }) => `\n# ${title}\n${document}\n`).join('')}
`
}
