import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { tap } from 'rxjs'
import { logPrice } from './price-log.ts'

/** A client of the gateway that serves this page, which keeps what it read by the objects' global ids. */
export function createClient(): ApolloClient {
  return new ApolloClient({
    link: ApolloLink.from([priceLink, new HttpLink({ uri: '/graphql' })]),
    cache: new InMemoryCache({
      dataIdFromObject: ({ id }) => (typeof id === 'string' ? id : undefined),
      typePolicies: {
        Query: {
          fields: {
            // A list brought it already, perhaps: then `node` costs no call.
            node: {
              read: (known, { args, toReference }) =>
                known === undefined && typeof args?.id === 'string' ? toReference({ id: args.id }) : known,
            },
          },
        },
      },
    }),
  })
}

const priceLink = new ApolloLink((operation, forward) =>
  forward(operation).pipe(
    tap(({ extensions }) => logPrice(operation.operationName ?? 'an operation', extensions?.restCalls)),
  ),
)
