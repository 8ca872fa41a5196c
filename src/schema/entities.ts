import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import type { Context } from '../context.ts'
import type { FieldPricing } from '../cost/estimate.ts'
import { InvalidArgument } from '../paging/invalid-argument.ts'
import { Account } from './account.ts'
import { builder } from './builder.ts'
import { priceIdentity, readRepresentation, resolveIdentity } from './identity.ts'
import { Member } from './member.ts'
import { PermissionGroup } from './permission-group.ts'
import { ResourceGroup } from './resource-group.ts'
import { SSOConnector } from './sso-connector.ts'
import { UserGroup } from './user-group.ts'

const byId = builder.selection<{ id: string }>('id')

// As many objects as a router may collect from several windows; more are better asked for in several
// operations.
const maxRepresentations = 2_000

// References are answered by `resolveEntities`, not one by one.
const unused = () => null

builder.asEntity(Account, {
  key: [byId, builder.selection<{ tag: string }>('tag')],
  resolveReference: unused,
})
for (const type of [PermissionGroup, ResourceGroup, UserGroup, Member, SSOConnector]) {
  builder.asEntity(type, {
    key: [byId, builder.selection<{ account: { tag: string }; tag: string }>('account { tag } tag')],
    resolveReference: unused,
  })
}

/**
 * Gives `_entities` a resolver of ours: the one of the subgraph library throws at once for a type that it
 * does not know, and all other references of the request are lost with it. Here one bad reference is one null
 * with its error.
 */
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
