import type { GraphQLResolveInfo } from 'graphql'

/** The response path of a field without list indexes: `account.userGroups.nodes.members`. */
export function pathOf(info: GraphQLResolveInfo): string {
  const keys: string[] = []
  for (let path: GraphQLResolveInfo['path'] | undefined = info.path; path !== undefined; path = path.prev) {
    if (typeof path.key === 'string') keys.unshift(path.key)
  }
  return keys.join('.')
}
