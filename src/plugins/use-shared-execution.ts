import { type DocumentNode, type ExecutionArgs, type ExecutionResult, getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { ExecutionFlight } from './execution-flight.ts'
import { variablesText } from './variables-text.ts'

export type SharedExecutionOptions = {
  readonly metrics: Pick<Metrics, 'operationShared'>
  /** A clock in milliseconds that only goes forward. */
  readonly now?: () => number
}

/** After this long nobody joins: an answer is no older than what its caller would bear. */
export const joinableMs = 1_000

/**
 * Equal queries of one credential that come while the first is being executed get its answer: the same document, operation and variables,
 * and no write of that credential since it began. Nothing is shared but whole successes: whoever would have got an error, or an answer with
 * gaps, or has a leader whose caller left, executes alone, as if there had been no other.
 */
export function useSharedExecution({
  metrics,
  now = () => performance.now(),
}: SharedExecutionOptions): Plugin<Context> {
  const flights = new WeakMap<DocumentNode, Map<string, ExecutionFlight>>()
  // Of the others an answer is there sooner than it is looked for here.
  const thoseWithCalls = new WeakSet<DocumentNode>()
  const leaders = new WeakMap<Request, ExecutionFlight>()

  function flightsOf(document: DocumentNode): Map<string, ExecutionFlight> {
    const known = flights.get(document) ?? new Map<string, ExecutionFlight>()
    flights.set(document, known)
    return known
  }

  return {
    onExecute({ args, setResultAndStopExecution }) {
      const { document, contextValue: context } = args
      if (!mayShare(args)) return
      if (!thoseWithCalls.has(document)) {
        return {
          onExecuteDone() {
            if (context.budget.made() > 0) thoseWithCalls.add(document)
          },
        }
      }
      const key = nameOf(args)
      if (key === undefined) return
      const sameDocument = flightsOf(document)
      const present = sameDocument.get(key)
      if (present !== undefined && now() - present.startedMs < joinableMs) {
        return present.join().then((shared) => {
          if (shared === undefined) return
          context.budget.open(shared.estimated, undefined)
          context.budget.close()
          metrics.operationShared()
          setResultAndStopExecution(shared.result)
        })
      }
      const flight = new ExecutionFlight(now(), () => {
        if (sameDocument.get(key) === flight) sameDocument.delete(key)
        // Or else the map would hold it until V8's next full collection.
        leaders.delete(context.request)
      })
      sameDocument.set(key, flight)
      leaders.set(context.request, flight)
      return {
        onExecuteDone({ result }) {
          const data = wholeData(result, context)
          if (data === undefined) flight.fail()
          else flight.land(data, { estimated: context.budget.estimated(), limit: context.budget.limit })
        },
      }
    },
    onResponse({ request }) {
      // Where something else ended it before it was executed.
      leaders.get(request)?.fail()
    },
  }
}

type Args = Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'> & {
  readonly contextValue: Context & { readonly request: Request }
}

// Who may use a part of the accounts only is not told from who may use another part.
function mayShare({ document, operationName, contextValue: { permits, request } }: Args): boolean {
  if (permits !== undefined || request.headers.get('x-dry-run') !== null) return false
  return getOperationAST(document, operationName)?.operation === 'query'
}

function nameOf({ operationName, variableValues, contextValue: { rest } }: Args): string | undefined {
  const text = variablesText(variableValues)
  if (text === undefined) return undefined
  return `${rest.credentialKey} ${rest.epoch()} ${operationName ?? ''} ${text}`
}

function wholeData(
  result: ExecutionResult | AsyncIterable<unknown>,
  { incomplete }: Context,
): NonNullable<ExecutionResult['data']> | undefined {
  if (isAsyncIterable(result) || result.errors !== undefined || incomplete.length > 0) return undefined
  return result.data ?? undefined
}
