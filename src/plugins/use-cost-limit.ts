import { GraphQLError } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import type { Price } from '../cost/bill.ts'
import { CostLimitExceeded } from '../cost/cost-limit-exceeded.ts'
import type { AnswerSize } from '../cost/estimate.ts'
import { createPriceCache } from './price-cache.ts'
import { queryTooComplex } from './query-too-complex.ts'

type ExecuteHooks = Exclude<Awaited<ReturnType<NonNullable<Plugin<Context>['onExecute']>>>, void>

// How many of the dearest fields a refusal names.
const namedFields = 5

/** Fields that an answer may have: 500 rows of 500 rows with two fields each. Making as many takes a process about a second. */
export const maxAnswerFields = 500_000

/**
 * Prices every operation before it runs: too dear is refused, `X-Dry-Run: true` gets the price alone, and every other answer says in
 * `extensions.restCalls` what it was estimated at and what it took. Nothing is sent upstream before this has decided.
 */
export function useCostLimit(): Plugin<Context> {
  const priceOf = createPriceCache()
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const { budget, request, rest, probe } = args.contextValue
      const { limit } = budget
      const price = probe.price(() =>
        priceOf({
          schema: args.schema,
          document: args.document,
          operationName: args.operationName,
          variables: args.variableValues,
          // Known by the credential, which is hashed to look: what lists nothing does not ask.
          pageCaps: { get: (kind) => rest.pageCaps.get(kind) },
        }),
      )
      if (request.headers.get('x-dry-run')?.toLowerCase() === 'true') {
        budget.close()
        setResultAndStopExecution({ data: null, extensions: { restCalls: dryRun(price, limit) } })
        return
      }
      const refuse = (error: unknown): undefined => {
        budget.close()
        if (!(error instanceof Error)) throw error
        const restCalls = { estimated: price.calls, made: 0, limit }
        const refusal =
          error instanceof GraphQLError ? error : new GraphQLError(error.message, { originalError: error })
        setResultAndStopExecution({ errors: [refusal], extensions: { restCalls } })
      }
      const hooks: ExecuteHooks = {
        onExecuteDone({ result, setResult }) {
          budget.close()
          if (isAsyncIterable(result)) return
          const restCalls = { estimated: budget.estimated(), made: budget.made(), limit }
          setResult({ ...result, extensions: { ...result.extensions, restCalls } })
        },
      }
      try {
        const granted = open(price, args.contextValue)
        return granted === undefined ? hooks : granted.then(() => hooks, refuse)
      } catch (error) {
        return refuse(error)
      }
    },
  }
}

/** The answer settles when a budget that is shared has granted the calls. */
function open(
  { calls, fields, answerFields }: Price & AnswerSize,
  { budget, rest }: Context,
): Promise<void> | undefined {
  const { limit } = budget
  if (answerFields > maxAnswerFields) {
    const message = `The answer may have ${answerFields} fields, and ${maxAnswerFields} are allowed: ask for fewer rows, or for fewer fields of each`
    throw queryTooComplex(message)
  }
  if (calls > limit)
    throw new CostLimitExceeded({ estimated: calls, limit, fields: fields.slice(0, namedFields) })
  const reservation = calls === 0 ? undefined : rest.reserve(calls)
  budget.open(calls, reservation)
  return reservation?.granted
}

function dryRun({ calls, atLeast, fields }: Price, limit: number) {
  return { estimated: calls, limit, fields, ...(atLeast ? { atLeast } : {}) }
}
