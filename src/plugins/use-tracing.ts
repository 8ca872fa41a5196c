import type { Span } from '@opentelemetry/api'
import { getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { createRequestNote } from './request-note.ts'
import { requestIdOf } from './use-request-id.ts'

const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'])

/**
 * One trace for each request to the GraphQL endpoint, below the span that its `traceparent` names, with a span for each step. Documents and
 * variables stay out of it: they may hold data.
 */
export function useTracing(tracing: Tracing, { endpoint }: { readonly endpoint: string }): Plugin<Context> {
  const requests = createRequestNote<Span>('span of the request')
  const operations = createRequestNote<Span>('span of the operation')
  return {
    instrumentation: {
      request({ request }, wrapped) {
        const { pathname, protocol } = new URL(request.url)
        if (pathname !== endpoint) return wrapped()
        const method = methods.has(request.method) ? request.method : '_OTHER'
        const attributes = {
          'http.request.method': method,
          'http.route': endpoint,
          'url.path': pathname,
          'url.scheme': protocol.slice(0, -1),
        }
        const name = `${method === '_OTHER' ? 'HTTP' : method} ${endpoint}`
        return tracing.span({ name, attributes, parent: request.headers }, (span) => {
          requests.set(request, span)
          return wrapped()
        })
      },
      operation: ({ request }, wrapped) =>
        tracing.span({ name: 'GraphQL Operation' }, (span) => {
          operations.set(request, span)
          return wrapped()
        }),
      parse: (_payload, wrapped) => tracing.span({ name: 'parse' }, wrapped),
      validate: (_payload, wrapped) => tracing.span({ name: 'validate' }, wrapped),
      execute: (_payload, wrapped) => tracing.span({ name: 'execute' }, wrapped),
    },
    onExecute({ args }) {
      const span = operations.of(args.contextValue.request)
      const operation = getOperationAST(args.document, args.operationName)
      if (span === undefined || !operation) return
      span.updateName(operation.operation)
      span.setAttribute('graphql.operation.type', operation.operation)
      if (operation.name) span.setAttribute('graphql.operation.name', operation.name.value)
    },
    onResultProcess({ request, result }) {
      if (isAsyncIterable(result) || Array.isArray(result) || result.errors === undefined) return
      const codes = new Set(result.errors.map(({ extensions }) => String(extensions.code)))
      requests.of(request)?.setAttribute('iam_gateway.error_codes', [...codes])
    },
    onResponse({ request, response }) {
      const span = requests.of(request)
      if (span === undefined) return
      span.setAttribute('http.response.status_code', response.status)
      span.setAttribute('http.response.header.x-request-id', [requestIdOf(request)])
      if (response.status >= 500) tracing.fail(span, String(response.status))
    },
  }
}
