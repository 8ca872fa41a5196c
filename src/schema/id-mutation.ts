import type { RestClient } from '../cloudflare/client.ts'
import type { Context } from '../context.ts'
import { changeAccount } from '../loaders/request-cache.ts'
import { builder } from './builder.ts'
import type { NodeType } from './global-id.ts'
import { clientMutationId, priceWrite, runMutation } from './mutation.ts'

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

type IdInput = { readonly clientMutationId?: string | null | undefined; readonly id: string }

/** Price and resolver of a mutation that does one thing to the object of such an input, and gives its id. */
export function withObject(
  type: NodeType,
  change: (rest: RestClient, accountTag: string, tag: string) => Promise<void>,
) {
  return {
    extensions: { price: priceWrite({ type, idField: 'id' }) },
    resolve: (_root: object, { input }: { readonly input: IdInput }, context: Context) =>
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
