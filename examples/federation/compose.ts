import { composeServices, compositionHasErrors } from '@theguild/federation-composition'
import { parse } from 'graphql'

export type Subgraph = {
  readonly name: string
  /** Of its GraphQL endpoint. */
  readonly url: string
}

/**
 * Asks every subgraph for its SDL and composes the supergraph's.
 * @throws an error with every reason where they do not fit together, or one does not answer.
 */
export async function composeSupergraph(subgraphs: readonly Subgraph[]): Promise<string> {
  const services = await Promise.all(
    subgraphs.map(async ({ name, url }) => ({ name, url, typeDefs: parse(await readSDL(url)) })),
  )
  const result = composeServices(services)
  if (compositionHasErrors(result)) throw new Error(result.errors.map(({ message }) => message).join('\n'))
  return result.supergraphSdl
}

/** A subgraph tells its SDL without credentials, and also where introspection is off. */
export async function readSDL(url: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  })
  const { data } = await response.json()
  if (typeof data?._service?.sdl !== 'string') throw new Error(`${url} is no subgraph: ${response.status}`)
  return data._service.sdl
}
