import { printSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, Kind, parse, print, visit } from 'graphql'
import { builder } from './builder.ts'
import './account.ts'
import './permission-group.ts'
import './resource-group.ts'
import './policy.ts'
import './user-group.ts'
import './member.ts'
import './user-group-member.ts'
import './grant.ts'
import './sso-connector.ts'
import './resource-group-mutations.ts'
import './user-group-mutations.ts'
import './user-group-member-mutations.ts'
import './sso-connector-mutations.ts'
import './node-query.ts'
import './rate-limit.ts'
import { answerEntities } from './entities.ts'
import { tellRouterPrices } from './router-prices.ts'
import { settleItems } from './settle-items.ts'

/**
 * Builds the whole API; a second call gives a second schema. A supergraph is told of `node` and `nodes` where `subgraphNode` is true, and
 * has them from this subgraph then.
 */
export function buildSchema({
  subgraphNode = false,
}: {
  readonly subgraphNode?: boolean
} = {}): GraphQLSchema {
  const schema = builder.toSubGraphSchema({
    linkUrl: 'https://specs.apollo.dev/federation/v2.9',
    federationDirectives: ['@key', '@shareable', '@cost', '@listSize'],
  })
  answerEntities(schema)
  settleItems(schema, ['nodes', '_entities'])
  tellRouterPrices(schema)
  const service = schema.getQueryType()?.getFields()._service
  if (service === undefined) throw new Error('the schema has no _service field')
  let sdl: string | undefined
  // Supergraphs ask for it now and then, and printing takes a twentieth of the time to the first answer.
  service.resolve = () => {
    sdl ??= subgraphNode ? printAPI(schema) : printSubgraph(schema)
    return { sdl }
  }
  return schema
}

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
