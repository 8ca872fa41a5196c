import { type DocumentNode, type ExecutionArgs, type ExecutionResult, getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { ExecutionFlight, type SharedAnswer, shareAnswer } from './execution-flight.ts'
import { FlightTable } from './flight-table.ts'
import { createRequestNote } from './request-note.ts'
import type { ResponseFlight } from './response-flight.ts'
import { variablesText } from './variables-text.ts'

export type SharedExecutionOptions = {
  readonly metrics: Pick<Metrics, 'operationShared'>
  /** A clock in milliseconds that only goes forward. */
  readonly now?: () => number
}

/** The request as `node:http` has it, where it came that way. */
type ServerContext = { readonly req?: object }

const responseFlights = createRequestNote<ResponseFlight>('response flight')

/** What comes of a request of `node:http` is for those who have joined the flight, too, where its query may be shared. */
export function leadFlight(request: object, flight: ResponseFlight): void {
  responseFlights.set(request, flight)
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
}: SharedExecutionOptions): Plugin<Context & ServerContext, ServerContext> {
  const flights = new FlightTable<ExecutionFlight>()
  // Those that took REST calls: of the others an answer is there sooner than it is looked for here.
  const numbers = new WeakMap<DocumentNode, number>()
  let lastNumber = 0
  const leaders = createRequestNote<ExecutionFlight>('execution flight')

  return {
    onExecute({ args, setResultAndStopExecution }) {
      const { document, contextValue: context } = args
      if (!mayShare(args)) return
      const number = numbers.get(document)
      if (number === undefined) {
        return {
          onExecuteDone() {
            if (context.budget.made() === 0) return
            lastNumber += 1
            numbers.set(document, lastNumber)
          },
        }
      }
      const name = nameOf(args, number)
      if (name === undefined) return
      const present = flights.get(name)
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
        flights.remove(name, flight)
        leaders.clear(context.request)
      })
      flights.set(name, flight)
      leaders.set(context.request, flight)
      const responseFlight = flightOf(context)
      const epoch = context.rest.epoch()
      responseFlight?.open(() => context.rest.epoch() === epoch && now() - flight.startedMs < joinableMs)
      return {
        onExecuteDone({ result }) {
          const data = wholeData(result, context)
          if (data === undefined) {
            flight.fail()
            responseFlight?.close(undefined)
            return
          }
          let shared: SharedAnswer | undefined
          const answer = () => {
            shared ??= shareAnswer(data, context.budget)
            return shared
          }
          flight.land(answer)
          responseFlight?.close(() => ({ answer: answer(), operationName: nameOfOperation(args) }))
        },
      }
    },
    onResponse({ request, response, serverContext }) {
      // Where something else ended it before it was executed.
      leaders.of(request)?.fail()
      flightOf(serverContext)?.land(response.headers)
    },
  }
}

type Args = Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'> & {
  readonly contextValue: Context & { readonly request: Request }
}

function flightOf({ req }: ServerContext): ResponseFlight | undefined {
  return req && responseFlights.of(req)
}

// Who may use a part of the accounts only is not told from who may use another part.
function mayShare({ document, operationName, contextValue: { permits, request } }: Args): boolean {
  if (permits !== undefined || request.headers.get('x-dry-run') !== null) return false
  return getOperationAST(document, operationName)?.operation === 'query'
}

function nameOf(
  { operationName, variableValues, contextValue: { rest } }: Args,
  document: number,
): string | undefined {
  const text = variablesText(variableValues)
  if (text === undefined) return undefined
  return `${rest.credentialKey} ${rest.epoch()} ${document} ${operationName ?? ''} ${text}`
}

function nameOfOperation({ document, operationName }: Args): string | undefined {
  return getOperationAST(document, operationName)?.name?.value
}

function wholeData(
  result: ExecutionResult | AsyncIterable<unknown>,
  { incomplete }: Context,
): NonNullable<ExecutionResult['data']> | undefined {
  if (isAsyncIterable(result) || result.errors !== undefined || incomplete.length > 0) return undefined
  return result.data ?? undefined
}
