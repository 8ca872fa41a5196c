import type { GraphQLSchema } from 'graphql'
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
import { answerEntities, tellKeys } from './entities.ts'
import { tellRouterPrices } from './router-prices.ts'
import { settleItems } from './settle-items.ts'

const federation = {
  url: 'https://specs.apollo.dev/federation/v2.9',
  import: ['@key', '@shareable', '@cost', '@listSize'],
}

/**
 * Builds the whole API; a second call gives a second schema. A supergraph is told of `node` and `nodes` where `subgraphNode` is true, and
 * has them from this subgraph then.
 */
export function buildSchema({
  subgraphNode = false,
}: {
  readonly subgraphNode?: boolean
} = {}): GraphQLSchema {
  const schema = builder.toSchema({ extensions: { directives: [{ name: 'link', args: federation }] } })
  tellKeys(schema)
  answerEntities(schema)
  settleItems(schema, ['nodes', '_entities'])
  tellRouterPrices(schema)
  answerService(schema, subgraphNode)
  return schema
}

/** Printing takes a library that is larger than the rest of a start: it is loaded, and done once, when a router asks. */
function answerService(schema: GraphQLSchema, subgraphNode: boolean): void {
  const field = schema.getQueryType()?.getFields()._service
  if (field === undefined) throw new Error('the schema has no _service field')
  let printed: Promise<string> | undefined
  const printOnce = async () => {
    const { printAPI, printSubgraph } = await import('./print-api.ts')
    return subgraphNode ? printAPI(schema) : printSubgraph(schema)
  }
  field.resolve = async () => {
    printed ??= printOnce()
    return { sdl: await printed }
  }
}
