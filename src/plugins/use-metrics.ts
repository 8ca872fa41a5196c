import { createHash, timingSafeEqual } from 'node:crypto'
import { getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import type { CallBudget } from '../cost/call-budget.ts'
import type { Metrics, OperationFigures } from '../telemetry/metrics.ts'
import { createRequestNote } from './request-note.ts'

/** Who may read the figures: whoever shows a token, everybody, or nobody. */
export type MetricsAccess = { readonly token: string } | 'everybody' | 'nobody'

/** How the figures are kept and given. */
export type MetricsPluginOptions = {
  readonly metrics: Metrics
  /** The figures as Prometheus reads them, of all processes of a cluster. */
  readonly read: () => Promise<string>
  readonly access: MetricsAccess
  /** Path of the GraphQL endpoint. */
  readonly endpoint: string
}

type Seen = {
  readonly startedMs: number
  readonly pathname: string
  operation?: { readonly name: string | undefined; readonly type: string; readonly budget: CallBudget }
  result?: { readonly outcome: OperationFigures['outcome']; readonly errorCodes: readonly string[] }
}

const metricsPath = '/metrics'
/** The errors that no change of an operation would mend. */
const faults: ReadonlySet<string> = new Set([
  'INTERNAL_SERVER_ERROR',
  'RATE_LIMITED',
  'SERVICE_UNAVAILABLE',
  'UPSTREAM_REFUSED',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNAVAILABLE',
])

/** Counts every request and every operation once, when it is answered, and gives the figures at `/metrics`. */
export function useMetrics({ metrics, read, access, endpoint }: MetricsPluginOptions): Plugin<Context> {
  const requests = createRequestNote<Seen>('metrics')
  const routes: ReadonlySet<string> = new Set([endpoint, metricsPath, '/health', '/ready'])
  return {
    onRequest({ request, url: { pathname }, fetchAPI: { Response }, endResponse }) {
      requests.set(request, { startedMs: performance.now(), pathname })
      // Where nobody may, it is a path like any other that is none.
      if (pathname !== metricsPath || access === 'nobody') return
      const refuse = (status: number, headers = {}) => endResponse(new Response(null, { status, headers }))
      if (request.method !== 'GET') return refuse(405, { allow: 'GET' })
      if (access !== 'everybody' && !showsToken(request, access.token))
        return refuse(401, { 'www-authenticate': 'Bearer' })
      const headers = { 'content-type': metrics.registry.contentType }
      const answer = (text: string) => endResponse(new Response(text, { headers }))
      return read().then(answer, () => refuse(503, { 'retry-after': '1' }))
    },
    onExecute({ args }) {
      const { request, budget } = args.contextValue
      const seen = requests.of(request)
      const operation = getOperationAST(args.document, args.operationName)
      if (seen === undefined || !operation) return
      seen.operation = { name: operation.name?.value, type: operation.operation, budget }
    },
    onResultProcess({ request, result }) {
      const seen = requests.of(request)
      if (seen === undefined || isAsyncIterable(result) || Array.isArray(result)) return
      const errorCodes = (result.errors ?? []).map(({ extensions }) => String(extensions.code))
      // Not the data itself, which would then stay in V8's old generation with the request that leads to it.
      seen.result = { outcome: outcomeOf(result.data, errorCodes), errorCodes }
    },
    onResponse({ request, response }) {
      const seen = requests.of(request)
      if (seen === undefined) return
      requests.clear(request)
      const { pathname } = seen
      metrics.httpRequest({ route: routes.has(pathname) ? pathname : 'other', status: response.status })
      if (seen.result !== undefined) countOperation(metrics, seen, seen.result)
    },
  }
}

function countOperation(
  metrics: Metrics,
  { startedMs, operation }: Seen,
  { outcome, errorCodes }: NonNullable<Seen['result']>,
): void {
  metrics.operation({
    name: operation?.name,
    type: operation?.type,
    outcome,
    durationMs: performance.now() - startedMs,
    errorCodes,
    restCalls: operation && { estimated: operation.budget.estimated(), made: operation.budget.made() },
  })
}

function outcomeOf(data: unknown, errorCodes: readonly string[]): OperationFigures['outcome'] {
  if (errorCodes.length === 0) return 'success'
  if (!errorCodes.some((code) => faults.has(code))) return 'refused'
  return data === undefined || data === null ? 'failed' : 'partial'
}

function showsToken(request: Request, token: string): boolean {
  const shown = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(shown), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
