import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql'
import type { Context } from '../context.ts'
import type { FieldPricing } from '../cost/estimate.ts'
import { InvalidArgument } from '../paging/invalid-argument.ts'
import { Account } from './account.ts'
import { builder } from './builder.ts'
import { nodeTypes } from './global-id.ts'
import { priceIdentity, readRepresentation, resolveIdentity } from './identity.ts'
import { Member } from './member.ts'
import { parseDirectives } from './parse-directives.ts'
import { PermissionGroup } from './permission-group.ts'
import { ResourceGroup } from './resource-group.ts'
import { SSOConnector } from './sso-connector.ts'
import { UserGroup } from './user-group.ts'

// As many objects as a router may collect from several windows; more are better asked for in several
// operations.
const maxRepresentations = 2_000

const Any = builder.scalarType('_Any', { serialize: (value) => value })
const Entity = builder.unionType('_Entity', {
  types: [Account, PermissionGroup, ResourceGroup, UserGroup, Member, SSOConnector],
  resolveType: ({ __typename }) => __typename,
})
const Service = builder.objectRef<{ readonly sdl: string }>('_Service').implement({
  fields: (t) => ({
    sdl: t.exposeString('sdl', {
      description:
        'The sdl representing the federated service capabilities. Includes federation directives, removes federation types, and includes rest of full schema after schema directives have been applied',
    }),
  }),
})

// `answerEntities` and `buildSchema` give these two their resolvers.
const unanswered = () => {
  throw new Error('a field of the subgraph has no resolver')
}

builder.queryFields((t) => ({
  _entities: t.field({
    type: [Entity],
    nullable: { list: false, items: true },
    args: { representations: t.arg({ type: [Any], required: true }) },
    resolve: unanswered,
  }),
  _service: t.field({ type: Service, nullable: false, resolve: unanswered }),
}))

/** Writes into the definitions by which fields a router may refer to an object. */
export function tellKeys(schema: GraphQLSchema): void {
  for (const name of nodeTypes) {
    const type = schema.getType(name)
    if (!isObjectType(type) || !type.astNode) throw new Error(`${name} has no definition`)
    const second = name === 'Account' ? 'tag' : 'account { tag } tag'
    const keys = parseDirectives(`@key(fields: "id") @key(fields: "${second}")`)
    type.astNode = { ...type.astNode, directives: [...keys, ...(type.astNode.directives ?? [])] }
  }
}

/** Gives `_entities` its resolver and its price. One bad reference is one null with its error, and costs the others nothing. */
export function answerEntities(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()._entities
  if (field === undefined) throw new Error('the schema has no _entities field')
  field.resolve = resolveEntities
  field.extensions = { ...field.extensions, price: priceEntities }
}

const resolveEntities: GraphQLFieldResolver<
  unknown,
  Context,
  { readonly representations: readonly unknown[] }
> = (_root, { representations }, context, info) => {
  const { length } = representations
  if (length > maxRepresentations) {
    const message = `representations must name at most ${maxRepresentations} objects, not ${length}`
    throw new InvalidArgument('representations', message)
  }
  return representations.map(async (representation, index) => {
    const id = readRepresentation(representation)
    if (typeof id === 'string') throw new InvalidArgument(`representations.${index}`, id)
    return resolveIdentity(id, context, info)
  })
}

const priceEntities: FieldPricing = (field) => {
  const representations = Array.isArray(field.args.representations) ? field.args.representations : []
  if (representations.length > maxRepresentations) return []
  return representations.flatMap((representation) => {
    const id = readRepresentation(representation)
    return typeof id === 'string' ? [] : priceIdentity(id, field)
  })
}
