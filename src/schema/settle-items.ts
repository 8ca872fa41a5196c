import type { GraphQLSchema } from 'graphql'

/**
 * Gives root fields whose items are loaded one by one an Error in place of each item that fails: the same answer by the rules of
 * GraphQL, and the only one that compiled execution gets right, since it puts what is rejected in another item's place.
 */
export function settleItems(schema: GraphQLSchema, names: readonly string[]): void {
  for (const name of names) {
    const field = schema.getQueryType()?.getFields()[name]
    const resolve = field?.resolve
    if (field === undefined || resolve === undefined) throw new Error(`${name} has no resolver`)
    field.resolve = (...asked) => {
      const items: unknown = resolve(...asked)
      return Array.isArray(items) ? items.map(settled) : items
    }
  }
}

function settled(item: unknown): unknown {
  if (!(item instanceof Promise)) return item
  return item.catch((error: unknown) => {
    if (error instanceof Error) return error
    throw error
  })
}
