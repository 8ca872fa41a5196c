import type { ObjectRef } from '@pothos/core'
import { builder } from './builder.ts'
import { encodeGlobalId, type GlobalId, type NodeType } from './global-id.ts'
import { definePayload, type Payload } from './mutation.ts'
import { createNode, type Identity, type NodeKind, type NodeOf, priceNode, resolveNode } from './node.ts'

type Types = typeof builder.$inferSchemaTypes

/**
 * An object after a write: as the upstream answered it, or where it answered nothing, its tag if that was
 * known before.
 */
export type Written<Row> = { readonly accountTag: string; readonly tag?: string; readonly record: Row | null }

/** The object that the payloads of one type show. */
type Shown<Type extends NodeType, Row extends { readonly id: string }> = {
  readonly field: string
  readonly type: ObjectRef<Types, NodeOf<Type, Row>>
  readonly kind: NodeKind<Type, Row>
}

/** Defines the payload of a create or an update, which shows the object without reading it back. */
export function defineObjectPayload<Type extends NodeType, Row extends { readonly id: string }>(
  name: string,
  { field, type, kind }: Shown<Type, Row>,
): ObjectRef<Types, Payload<Written<Row>>> {
  const payload = definePayload<Written<Row>>(name)
  builder.objectField(payload, field, (t) =>
    t.field({
      type,
      description:
        'As the upstream answered, read afresh only where it answered nothing; null where nothing was done.',
      resolve: ({ result }, _args, context, info) => {
        if (result === undefined) return null
        const { accountTag, tag, record } = result
        if (record !== null) return createNode(kind, accountTag, record)
        return tag === undefined
          ? null
          : resolveNode(kind, { accountTag, tag, isUnpriced: true }, context, info)
      },
    }),
  )
  return payload
}

/** Adds the object to a payload of a write that does not answer it: it is read after the write. */
export function showAfresh<Type extends NodeType, Row extends { readonly id: string }, Result>(
  payload: ObjectRef<Types, Payload<Result>>,
  { field, type, kind }: Shown<Type, Row>,
  identityOf: (result: Result) => Identity,
): void {
  builder.objectField(payload, field, (t) =>
    t.field({
      type,
      description:
        'Read afresh after the change, where more than its identity is selected; null where nothing was done.',
      extensions: {
        price: (asked) => {
          const { accountTag, tag } = asked.site
          return accountTag === undefined || tag === undefined
            ? []
            : priceNode(kind, { accountTag, tag }, asked)
        },
      },
      resolve: ({ result }, _args, context, info) =>
        result === undefined ? null : resolveNode(kind, identityOf(result), context, info),
    }),
  )
}

/** Defines the payload of a delete. */
export function defineDeletedPayload(name: string, field: string): ObjectRef<Types, Payload<GlobalId>> {
  const payload = definePayload<GlobalId>(name)
  builder.objectField(payload, field, (t) =>
    t.id({
      description: 'Global id of what was deleted; null where nothing was.',
      resolve: ({ result }) => result && encodeGlobalId(result.type, result.accountTag, result.tag),
    }),
  )
  return payload
}
