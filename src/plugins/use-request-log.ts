import { getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Context } from '../context.ts'
import type { CallBudget } from '../cost/call-budget.ts'
import { createRequestNote } from './request-note.ts'
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
  const requests = createRequestNote<Seen>('request log')
  return {
    onRequest({ request, url: { pathname } }) {
      requests.set(request, { startedMs: performance.now(), pathname })
    },
    onExecute({ args }) {
      const seen = requests.of(args.contextValue.request)
      if (seen === undefined) return
      seen.operationName = getOperationAST(args.document, args.operationName)?.name?.value
      seen.budget = args.contextValue.budget
    },
    onResultProcess({ request, result }) {
      const seen = requests.of(request)
      if (seen === undefined || isAsyncIterable(result) || Array.isArray(result)) return
      seen.errorCodes = [...new Set(result.errors?.map((error) => error.extensions.code))]
    },
    onResponse({ request, response }) {
      const seen = requests.of(request)
      if (seen === undefined) return
      requests.clear(request)
      logRequest(logger, {
        requestId: requestIdOf(request),
        method: request.method,
        path: seen.pathname,
        status: response.status,
        durationMs: performance.now() - seen.startedMs,
        operationName: seen.operationName,
        restCalls: seen.budget?.made(),
        errorCodes: seen.errorCodes,
        // Its errors are then those of calls that were given up, and nobody has read them. The reason tells: where another signal
        // follows the server's, `aborted` stays false.
        callerLeft: seen.budget !== undefined && request.signal.reason !== undefined,
      })
    },
  }
}

/** What is told of a request. */
export type RequestLine = {
  readonly requestId: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly durationMs: number
  readonly operationName: string | undefined
  /** Those made; undefined where nothing was executed. */
  readonly restCalls: number | undefined
  readonly errorCodes?: readonly unknown[] | undefined
  readonly callerLeft: boolean
}

/** Writes the line of one request. */
export function logRequest(logger: Logger, line: RequestLine): void {
  const { durationMs, errorCodes, callerLeft } = line
  const told = {
    ...line,
    durationMs: Math.round(durationMs),
    errorCodes: errorCodes?.length ? errorCodes : undefined,
    callerLeft: callerLeft || undefined,
  }
  if (probes.has(line.path)) logger.debug(told, 'probe')
  else logger.info(told, 'request')
}
