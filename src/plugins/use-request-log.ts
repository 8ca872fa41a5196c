import { getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Context } from '../context.ts'
import type { CallBudget } from '../cost/call-budget.ts'
import { requestIdOf } from './use-request-id.ts'

const probes: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics'])

type Seen = {
  readonly startedMs: number
  readonly pathname: string
  operationName?: string | undefined
  budget?: CallBudget
  errorCodes?: readonly unknown[]
}

/**
 * One line a request: the id that finds it again, what was asked, how long it took, what it cost and how it went.
 * Headers, variables and the query string are never in it. Probes are logged at `debug`.
 */
export function useRequestLog(logger: Logger): Plugin<Context> {
  const requests = new WeakMap<Request, Seen>()
  return {
    onRequest({ request, url: { pathname } }) {
      requests.set(request, { startedMs: performance.now(), pathname })
    },
    onExecute({ args }) {
      const seen = requests.get(args.contextValue.request)
      if (seen === undefined) return
      seen.operationName = getOperationAST(args.document, args.operationName)?.name?.value
      seen.budget = args.contextValue.budget
    },
    onResultProcess({ request, result }) {
      const seen = requests.get(request)
      if (seen === undefined || isAsyncIterable(result) || Array.isArray(result)) return
      seen.errorCodes = [...new Set(result.errors?.map((error) => error.extensions.code))]
    },
    onResponse({ request, response }) {
      const seen = requests.get(request)
      if (seen === undefined) return
      requests.delete(request)
      const { pathname } = seen
      const line = {
        requestId: requestIdOf(request),
        method: request.method,
        path: pathname,
        status: response.status,
        durationMs: Math.round(performance.now() - seen.startedMs),
        operationName: seen.operationName,
        restCalls: seen.budget?.made(),
        errorCodes: seen.errorCodes?.length ? seen.errorCodes : undefined,
        // Its errors are then those of calls that were given up, and nobody has read them. The reason tells: where another signal
        // follows the server's, `aborted` stays false.
        callerLeft: seen.budget !== undefined && request.signal.reason !== undefined ? true : undefined,
      }
      if (probes.has(pathname)) logger.debug(line, 'probe')
      else logger.info(line, 'request')
    },
  }
}
