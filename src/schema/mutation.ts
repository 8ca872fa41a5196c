import type { InputFieldBuilder, ObjectRef } from '@pothos/core'
import type { FieldPricing } from '../cost/estimate.ts'
import { builder } from './builder.ts'
import { type NodeType, readId } from './global-id.ts'
import {
  createInputCheck,
  type InputCheck,
  type RefusalPlace,
  UserError,
  type UserErrorShape,
  userErrorsOf,
} from './user-errors.ts'

type Types = typeof builder.$inferSchemaTypes

/** What a mutation answers: its result where it was done, else what is wrong with the input. */
export type Payload<Result> = {
  readonly clientMutationId: string | null
  readonly result: Result | undefined
  readonly userErrors: readonly UserErrorShape[]
}

/** The input field that every mutation has. */
export function clientMutationId(t: InputFieldBuilder<Types, 'InputObject'>) {
  return t.string({ description: 'Given back in the payload as it is.' })
}

/** Starts a payload type with the fields that every payload has; its own are added with `builder.objectFields`. */
export function definePayload<Result>(name: string): ObjectRef<Types, Payload<Result>> {
  const payload = builder.objectRef<Payload<Result>>(name)
  const common: ObjectRef<Types, Payload<unknown>> = payload
  builder.objectType(common, {
    description: 'What was done, or what is wrong with the input.',
    fields: (t) => ({
      clientMutationId: t.string({ resolve: (parent) => parent.clientMutationId }),
      userErrors: t.field({
        type: [UserError],
        nullable: { list: false, items: false },
        description: 'What the caller can mend; empty where it was done.',
        resolve: (parent) => parent.userErrors,
      }),
    }),
  })
  return payload
}

/**
 * Prices a mutation whose input names its object or account in `idField`: one call, or what `calls` says of the input. An id that the
 * mutation will refuse costs nothing.
 */
export function priceWrite(
  { type, idField }: { readonly type: NodeType; readonly idField: string },
  calls: (input: Readonly<Record<string, unknown>>) => number = () => 1,
): FieldPricing {
  return ({ args, bill, site, path, returnType }) => {
    const { input } = args
    if (typeof input !== 'object' || input === null) return []
    const fields: Readonly<Record<string, unknown>> = { ...input }
    const id = readId(String(fields[idField]), { type })
    if (typeof id === 'string') return []
    bill.addCalls(`${site.scope}write`, path, calls(fields))
    const { accountTag, tag } = id
    return [{ ...site, type: returnType, key: path, accountTag, tag: type === 'Account' ? undefined : tag }]
  }
}

/** One run of a mutation. */
export type MutationRun<Plan, Result> = {
  readonly input: { readonly clientMutationId?: string | null | undefined }
  /** Where in the input a refusal of the upstream belongs that names no place itself. */
  readonly refusal: RefusalPlace
  /** Turns the input into what `run` needs. Whatever it finds wrong is answered together, and nothing is sent. */
  readonly check: (check: InputCheck) => Plan | undefined
  readonly run: (plan: Plan) => Promise<Result | Refused>
}

/** A refusal that this gateway found out on the way, before anything was changed. */
export type Refused = { readonly refused: readonly UserErrorShape[] }

/** Checks, runs and answers: what the caller can mend becomes `userErrors`, everything else stays an error. */
export async function runMutation<Plan, Result extends object>({
  input,
  refusal,
  check,
  run,
}: MutationRun<Plan, Result>): Promise<Payload<Result>> {
  const refused = (userErrors: readonly UserErrorShape[]) => ({
    clientMutationId: input.clientMutationId ?? null,
    result: undefined,
    userErrors,
  })
  const found = createInputCheck()
  const plan = check(found)
  if (plan === undefined || found.errors.length > 0) return refused(found.errors)
  try {
    const result = await run(plan)
    return 'refused' in result ? refused(result.refused) : { ...refused([]), result }
  } catch (error) {
    const userErrors = userErrorsOf(error, refusal)
    if (userErrors === undefined) throw error
    return refused(userErrors)
  }
}
