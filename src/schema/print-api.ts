import { printSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, Kind, parse, print, visit } from 'graphql'

/**
 * The API as SDL with its federation directives: what `schema.graphql` holds. The schema is defined and not extended, because Relay's
 * compiler knows no `extend schema`; to a composition both say the same.
 */
export function printAPI(schema: GraphQLSchema): string {
  const roots = 'schema\n$1\n{\n  query: Query\n  mutation: Mutation\n}'
  return `${printSubgraphSchema(schema).replace(/^extend schema\n( +@link\(.*\))$/m, roots)}\n`
}

/**
 * What a supergraph composes from: the API without `node` and `nodes`, which only one subgraph of a
 * supergraph can own.
 */
export function printSubgraph(schema: GraphQLSchema): string {
  const withoutNode = visit(parse(printSubgraphSchema(schema)), {
    [Kind.OBJECT_TYPE_DEFINITION]: (type) =>
      type.name.value !== 'Query'
        ? undefined
        : {
            ...type,
            fields: (type.fields ?? []).filter(({ name }) => name.value !== 'node' && name.value !== 'nodes'),
          },
  })
  return print(withoutNode)
}
