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

/** What a mutation answers: its result where something was done, and what is wrong with the input. */
export type Payload<Result> = {
  readonly clientMutationId: string | null
  readonly result: Result | undefined
  readonly userErrors: readonly UserErrorShape[]
}

/** The input field that every mutation has. */
export function clientMutationId(t: InputFieldBuilder<Types, 'InputObject'>) {
  return t.string({ description: 'Given back in the payload as it is.' })
}

/**
 * Starts a payload type with the fields that every payload has; its own are added with
 * `builder.objectFields`.
 */
export function definePayload<Result>(name: string): ObjectRef<Types, Payload<Result>> {
  const payload = builder.objectRef<Payload<Result>>(name)
  const common: ObjectRef<Types, Payload<unknown>> = payload
  builder.objectType(common, {
    description: 'What was done, or what is wrong with the input.',
    fields: (t) => ({
      clientMutationId: t.string({
        description: 'As the input gave it.',
        resolve: (parent) => parent.clientMutationId,
      }),
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
 * Prices a mutation whose input names its object or account in `idField`: one call, or what `calls` says of
 * the input. An id that the mutation will refuse costs nothing.
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
    const { accountTag } = id
    const tag = type === 'Account' ? undefined : id.tag
    return [
      { ...site, type: returnType, key: path, accountTag, tag, accounts: { key: accountTag, atMost: 1 } },
    ]
  }
}

/** One run of a mutation. */
export type MutationRun<Plan, Result> = {
  readonly input: Readonly<Record<string, unknown>> & {
    readonly clientMutationId?: string | null | undefined
  }
  /**
   * Turns the input into what `run` needs. Whatever it finds wrong is answered together, and nothing is sent.
   */
  readonly check: (check: InputCheck) => Plan | undefined
  readonly run: (plan: Plan) => Promise<Outcome<Result>>
  /** Where in the input a refusal of the upstream belongs. */
  readonly refusal: (plan: Plan) => RefusalPlace
}

/** What became of a run: what was done, and what was not for a reason that the caller can mend. */
export type Outcome<Result> = { readonly result?: Result; readonly userErrors?: readonly UserErrorShape[] }

/**
 * Checks, runs and answers: what the caller can mend becomes `userErrors`, everything else stays an error.
 */
export async function runMutation<Plan, Result>({
  input,
  check,
  run,
  refusal,
}: MutationRun<Plan, Result>): Promise<Payload<Result>> {
  const answer = ({ result, userErrors = [] }: Outcome<Result>) => ({
    clientMutationId: input.clientMutationId ?? null,
    result,
    userErrors,
  })
  const found = createInputCheck()
  const plan = check(found)
  if (plan === undefined || found.errors.length > 0) return answer({ userErrors: found.errors })
  try {
    return answer(await run(plan))
  } catch (error) {
    const userErrors = userErrorsOf(error, refusal(plan))
    if (userErrors === undefined) throw error
    return answer({ userErrors: userErrors.map((one) => ({ ...one, field: givenField(one.field, input) })) })
  }
}

// A part of the object that the input does not name, and that was written back as it was, is not the input's
// fault.
function givenField(field: UserErrorShape['field'], input: Readonly<Record<string, unknown>>) {
  const given = input[field?.[0] ?? '']
  return given === undefined || given === null ? null : field
}
