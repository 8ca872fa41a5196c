import type { ObjectRef } from '@pothos/core'
import type { RestClient } from '../cloudflare/client.ts'
import type { Context } from '../context.ts'
import { changeAccount } from '../loaders/request-cache.ts'
import { builder } from './builder.ts'
import { encodeGlobalId, type GlobalId, type NodeType } from './global-id.ts'
import { clientMutationId, definePayload, type Payload, priceWrite, runMutation } from './mutation.ts'
import { createNode, type NodeKind, type NodeOf, resolveNode } from './node.ts'

type Types = typeof builder.$inferSchemaTypes

/** An object after a write: as the upstream answered it, or where it answered nothing, its tag if that was known before. */
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

/** An input that names one object and nothing else. */
export function defineIdInput(name: string, description: string) {
  return builder.inputType(name, {
    description,
    fields: (t) => ({
      clientMutationId: clientMutationId(t),
      id: t.id({ required: true, description: 'Global id.' }),
    }),
  })
}

/** Price and resolver of a mutation that does one thing to the object of such an input, and gives its id. */
export function withObject(
  type: NodeType,
  change: (rest: RestClient, accountTag: string, tag: string) => Promise<void>,
) {
  return {
    extensions: { price: priceWrite({ type, idField: 'id' }) },
    resolve: (
      _root: object,
      {
        input,
      }: { readonly input: { readonly clientMutationId?: string | null | undefined; readonly id: string } },
      context: Context,
    ) =>
      runMutation({
        input,
        check: (check) => check.id(input.id, ['id'], { type }),
        run: async (id) => {
          await changeAccount(context, id.accountTag, () => change(context.rest, id.accountTag, id.tag))
          return { result: id }
        },
        refusal: () => ({ fieldOf: () => ['id'] }),
      }),
  }
}
