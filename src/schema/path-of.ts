import { type GraphQLResolveInfo, responsePathAsArray } from 'graphql'

/** The response path of a field without list indexes: `account.userGroups.nodes.members`. */
export function pathOf(info: GraphQLResolveInfo): string {
  return responsePathAsArray(info.path)
    .filter((key) => typeof key === 'string')
    .join('.')
}
