import { InvalidArgument } from '../paging/invalid-argument.ts'
import { builder } from './builder.ts'
import { decodeGlobalId, type GlobalId } from './global-id.ts'
import { priceIdentity, resolveIdentity } from './identity.ts'
import { Node } from './node.ts'

// As many as a window may have rows; more are better asked for in several operations.
const maxIds = 500

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    description:
      'Fetches any object of this API by its global id; null where it does not exist or is not visible. Costs 1 REST call where more than its identity is selected.',
    args: { id: t.arg.id({ required: true, description: 'Global id.' }) },
    extensions: { price: (field) => priceIdentity(globalId(String(field.args.id), 'id'), field) },
    resolve: (_root, { id }, context, info) => resolveIdentity(globalId(id, 'id'), context, info),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description:
      'Fetches many at once, in the order asked; costs no more REST calls than the cheapest plan needs: many of one kind are read as list pages.',
    args: { ids: t.arg.idList({ required: true, description: `Global ids, ${maxIds} at most.` }) },
    extensions: {
      price: (field) => {
        const ids = Array.isArray(field.args.ids) && field.args.ids.length <= maxIds ? field.args.ids : []
        return ids.flatMap((text) => {
          const id = decodeGlobalId(String(text))
          return id === undefined ? [] : priceIdentity(id, field)
        })
      },
    },
    resolve: (_root, { ids }, context, info) => {
      if (ids.length > maxIds)
        throw new InvalidArgument('ids', `ids must name at most ${maxIds} objects, not ${ids.length}`)
      // One bad id costs its own place, not the others.
      return ids.map(async (id, index) => resolveIdentity(globalId(id, `ids.${index}`), context, info))
    },
  }),
}))

function globalId(id: string, argument: string): GlobalId {
  const decoded = decodeGlobalId(id)
  if (decoded === undefined) throw new InvalidArgument(argument, `${argument} is not a global id of this API`)
  return decoded
}
