import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeNode,
} from 'graphql'
import { defaultWindowSize } from '../paging/window.ts'
import { parseDirectives } from './parse-directives.ts'

// What follows no rule. A join costs a call for each user group of the account, once for however many rows ask: a weight can say
// neither, so this is a guess between the two.
const weights: Readonly<Record<string, number>> = {
  'Member.grants': 10,
  'Member.userGroups': 10,
  'UserGroupMemberEdge.addedOn': 1,
}

/**
 * Writes `@cost` and `@listSize` into the definitions of a schema, by which a router tells the price in REST calls before it asks: a list
 * counts one call for each row that it hangs under, an object by its id one, and what comes along nothing. That is coarser than the
 * price of this gateway, which knows pages, batches and what was asked before.
 */
export function tellRouterPrices(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && type.astNode && type !== schema.getMutationType())
      type.astNode = withPrices(type.astNode, type === schema.getQueryType())
  }
}

function withPrices(type: ObjectTypeDefinitionNode, isRoot: boolean): ObjectTypeDefinitionNode {
  const { name, fields = [], directives = [] } = type
  return {
    ...type,
    // A router counts one for every object that comes, unless told otherwise.
    directives: isRoot ? directives : [...directives, ...parseDirectives('@cost(weight: 0)')],
    fields: fields.map((field) => ({
      ...field,
      directives: [...(field.directives ?? []), ...directivesOf(name.value, field)],
    })),
  }
}

function directivesOf(owner: string, field: FieldDefinitionNode): readonly ConstDirectiveNode[] {
  const weight = weights[`${owner}.${field.name.value}`]
  if (nameOf(field.type).endsWith('Connection')) {
    const size = `assumedSize: ${defaultWindowSize}, slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"]`
    return parseDirectives(
      `@cost(weight: ${weight ?? 1}) @listSize(${size}, requireOneSlicingArgument: false)`,
    )
  }
  const isById = owner === 'Account' && field.arguments?.some(({ name }) => name.value === 'id')
  return weight === undefined && !isById ? [] : parseDirectives(`@cost(weight: ${weight ?? 1})`)
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type)
}
