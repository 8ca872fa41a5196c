import { readdir } from 'node:fs/promises'
import {
  type ConcreteRequest,
  commitMutation,
  createOperationDescriptor,
  type Environment,
  fetchQuery,
  getPaginationMetadata,
  getPaginationVariables,
  getRefetchMetadata,
  getSingularSelector,
  getValueAtPath,
  type ReaderFragment,
  type SelectorData,
  type SingularReaderSelector,
  type Variables,
} from 'relay-runtime'
import type { PageProject } from './page-project.ts'

/** What the hooks of `react-relay` do, without a component. An owner is the object that spreads a fragment. */
export type RelayClient = {
  /** As `useLazyLoadQuery`: asks, and answers what the store then holds. */
  readonly query: (name: string, variables: Variables) => Promise<SelectorData>
  /** What the store holds for a fragment now. */
  readonly readFragment: (name: string, owner: unknown) => SelectorData
  /** As `loadNext` and `loadPrevious` of `usePaginationFragment`. */
  readonly loadMore: (name: string, owner: unknown, direction: Direction, count: number) => Promise<void>
  /** As `refetch` of `useRefetchableFragment`: answers the fragment's new owner. */
  readonly refetch: (name: string, id: string, variables?: Variables) => Promise<unknown>
  /** As `useMutation`: answers the data, rejects where the operation failed. */
  readonly mutate: (name: string, variables: Variables) => Promise<unknown>
}

type Direction = Parameters<typeof getPaginationVariables>[0]
type Artifact = ConcreteRequest | ReaderFragment

/** A client of all that `relay-compiler` made of the project. Its reads throw where the store lacks a part of the answer. */
export async function createRelayClient(
  project: PageProject,
  environment: Environment,
): Promise<RelayClient> {
  const artifacts = await importArtifacts(project)
  const request = (name: string): ConcreteRequest => {
    const node = artifacts.get(name)
    if (node?.kind === 'Request') return node
    throw new Error(`relay-compiler made no operation ${name}`)
  }
  const fragment = (name: string): ReaderFragment => {
    const node = artifacts.get(name)
    if (node?.kind === 'Fragment') return node
    throw new Error(`relay-compiler made no fragment ${name}`)
  }

  const readSelector = (selector: SingularReaderSelector): SelectorData => {
    const { data, isMissingData } = environment.lookup(selector)
    if (data === null || data === undefined || isMissingData)
      throw new Error(`The store lacks data of ${selector.node.name}`)
    return data
  }
  const send = async (node: ConcreteRequest, variables: Variables): Promise<SelectorData> => {
    const operation = createOperationDescriptor(node, variables)
    environment.retain(operation)
    await fetchQuery(environment, node, variables).toPromise()
    return readSelector(operation.fragment)
  }
  return {
    query: (name, variables) => send(request(name), variables),
    readFragment: (name, owner) => readSelector(getSingularSelector(fragment(name), owner)),
    async loadMore(name, owner, direction, count) {
      const node = fragment(name)
      const { connectionPathInFragmentData, identifierField, paginationRequest, paginationMetadata } =
        getPaginationMetadata(node, 'loadMore')
      const selector = getSingularSelector(node, owner)
      const data = readSelector(selector)
      const { pageInfo } = getValueAtPath(data, connectionPathInFragmentData)
      const variables = getPaginationVariables(
        direction,
        count,
        direction === 'forward' ? pageInfo.endCursor : pageInfo.startCursor,
        { ...selector.owner.variables, ...selector.variables },
        {},
        paginationMetadata,
      )
      await send(paginationRequest, { ...variables, id: data[identifierField ?? 'id'] })
    },
    async refetch(name, id, variables = {}) {
      const { refetchableRequest, fragmentRefPathInResponse } = getRefetchMetadata(fragment(name), 'refetch')
      return getValueAtPath(await send(refetchableRequest, { ...variables, id }), fragmentRefPathInResponse)
    },
    mutate: (name, variables) =>
      new Promise((resolve, reject) => {
        commitMutation(environment, {
          mutation: request(name),
          variables,
          onCompleted: (data) => resolve(data),
          onError: reject,
        })
      }),
  }
}

async function importArtifacts(project: PageProject): Promise<ReadonlyMap<string, Artifact>> {
  const directory = project.path('src/__generated__')
  const artifacts = new Map<string, Artifact>()
  for (const file of await readdir(directory)) {
    const { default: artifact }: { readonly default: Artifact } = await import(`${directory}/${file}`)
    artifacts.set(file.replace('.graphql.ts', ''), artifact)
  }
  return artifacts
}
