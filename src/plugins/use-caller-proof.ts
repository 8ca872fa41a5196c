import { getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Logger } from 'pino'
import { type Caller, type CallerReader, KeySetUnavailable, requireScope } from '../caller.ts'
import type { Context } from '../context.ts'
import { UnusableCredentials } from '../credentials.ts'
import { refusalResponse } from './refusal-response.ts'
import { createRequestNote } from './request-note.ts'
import { requestIdOf } from './use-request-id.ts'

const callers = createRequestNote<Caller>('caller')

/**
 * Lets in those who prove who they are, before anything of a request is read; what they may do is held against each operation before it
 * is priced.
 */
export function useCallerProof(readCaller: CallerReader, logger: Logger): Plugin<Context> {
  return {
    async onRequest({ request, fetchAPI, endResponse }) {
      try {
        callers.set(request, await readCaller(request.headers))
      } catch (error) {
        if (error instanceof KeySetUnavailable)
          logger.error({ requestId: requestIdOf(request), err: error }, 'callers cannot be checked')
        endResponse(refusalResponse(error, fetchAPI))
      }
    },
    onExecute({ args }) {
      const operation = getOperationAST(args.document, args.operationName)?.operation
      requireScope(provenCaller(args.contextValue.request), operation === 'query' ? 'iam:read' : 'iam:write')
    },
  }
}

/** Who sent a request. @throws UnusableCredentials where nobody has proven it. */
export function provenCaller(request: Request): Caller {
  const caller = callers.of(request)
  if (caller === undefined) throw new UnusableCredentials('Nobody has proven to have sent this request')
  return caller
}
