import type { ApolloClient, TypedDocumentNode } from '@apollo/client'
import { filter, firstValueFrom } from 'rxjs'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

export type Variables = Readonly<Record<string, unknown>>

/** A list on somebody's screen: what the cache holds of it, and what is shown when it has settled. */
export async function watchUserGroups(client: ApolloClient, query: TypedDocumentNode, variables: Variables) {
  const list = client.watchQuery({ query, variables })
  const settled = list.pipe(filter(({ loading }) => !loading))
  const subscription = list.subscribe(() => {})
  onTestFinished(() => subscription.unsubscribe())
  await firstValueFrom(settled)
  const cached = () => userGroupsIn(client.readQuery({ query, variables }))
  return {
    names: () => cached().edges.map(({ node }) => node.name),
    rows: () => cached().edges.map(({ node }) => node),
    pageInfo: () => cached().pageInfo,
    fetchMore: (more: Variables) => list.fetchMore({ variables: more }),
    async shown() {
      const { data } = await firstValueFrom(settled)
      return userGroupsIn(data).edges.map(({ node }) => node.name)
    },
  }
}

/** The list in the answer to the page's query `UserGroups`; throws a `ZodError` where a part of it is missing. */
export function userGroupsIn(data: unknown) {
  return listShape.parse(data).account.userGroups
}

const listShape = z.object({
  account: z.object({
    userGroups: z.object({
      edges: z.array(
        z.object({ node: z.object({ id: z.string(), name: z.string(), policies: z.array(z.unknown()) }) }),
      ),
      pageInfo: z.object({
        hasNextPage: z.boolean(),
        hasPreviousPage: z.boolean(),
        startCursor: z.string(),
        endCursor: z.string(),
      }),
    }),
  }),
})
