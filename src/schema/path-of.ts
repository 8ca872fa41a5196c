import type { GraphQLResolveInfo } from 'graphql'

/** The response path of a field without list indexes: `account.userGroups.nodes.members`. */
export function pathOf(info: GraphQLResolveInfo): string {
  let text = ''
  for (let path: typeof info.path | undefined = info.path; path !== undefined; path = path.prev) {
    if (typeof path.key === 'string') text = text === '' ? path.key : `${path.key}.${text}`
  }
  return text
}
