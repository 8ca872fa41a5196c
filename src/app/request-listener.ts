import { hash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { FlightTable } from '../plugins/flight-table.ts'
import { ResponseFlight, type SharedResponse } from '../plugins/response-flight.ts'
import { chooseRequestId } from '../plugins/use-request-id.ts'
import { logRequest } from '../plugins/use-request-log.ts'
import { leadFlight } from '../plugins/use-shared-execution.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export type RequestListenerOptions = {
  /** What answers, and has `useSharedExecution` among its plugins. */
  readonly app: RequestListener
  /** Path of the GraphQL endpoint. */
  readonly endpoint: string
  readonly logger: Logger
  readonly metrics: Metrics
  /** Whether a request is refused now, whatever it says. */
  readonly isBusy: () => boolean
}

/** A request whose body is known, and when it came. */
type Arrival = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly startedMs: number
}

/**
 * Serves an app over `node:http`. An operation that comes as JSON gets the response to an equal request that is being answered, where there
 * is one: equal in every header, credentials included, and in its body. All else is for the app alone.
 */
export function createRequestListener(options: RequestListenerOptions): RequestListener {
  const { app, endpoint, isBusy } = options
  const flights = new FlightTable<ResponseFlight>()

  function answer(arrival: Arrival, body: Buffer): void {
    const { request, response } = arrival
    const name = nameOf(request, body)
    const present = flights.get(name)
    if (present === undefined) {
      const flight = new ResponseFlight(() => flights.remove(name, flight))
      flights.set(name, flight)
      leadFlight(request, flight)
      // Whatever became of it.
      response.once('close', () => flight.fail())
      app(request, response)
    } else if (present.isJoinable()) {
      void present.join().then((shared) => {
        if (shared === undefined) app(request, response)
        else sendShared(arrival, shared, options)
      })
    } else app(request, response)
  }

  return (request, response) => {
    if (!isOperation(request, endpoint) || isBusy()) {
      app(request, response)
      return
    }
    const startedMs = performance.now()
    const look = () => {
      request.off('readable', look).off('close', look)
      const body: Buffer | null = request.read()
      // It is there for the app as if nobody had looked.
      if (body !== null) request.unshift(body)
      // One that comes in pieces is not worth waiting for here.
      if (body?.length === Number(request.headers['content-length']))
        answer({ request, response, startedMs }, body)
      else app(request, response)
    }
    request.on('readable', look).on('close', look)
  }
}

// What `node:http` takes in without being asked for it, so that nothing waits for somebody to read it. Longer ones come in pieces anyway.
const longestBody = 16 * 1024

function isOperation({ method, url, headers }: IncomingMessage, endpoint: string): boolean {
  const length = Number(headers['content-length'])
  return (
    method === 'POST' &&
    url === endpoint &&
    length > 0 &&
    length < longestBody &&
    headers['content-type']?.split(';')[0] === 'application/json'
  )
}

// They differ from one request to the next, and no answer depends on them.
const ids: ReadonlySet<string> = new Set(['x-request-id', 'traceparent', 'tracestate'])

/** A name for all that a response may depend on, which tells nothing of it. */
function nameOf({ rawHeaders }: IncomingMessage, body: Buffer): string {
  let headers = ''
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (!ids.has(name.toLowerCase())) headers += `${name}: ${rawHeaders[index + 1]}\n`
  }
  return hash('sha256', `${headers}\n${body.toString('latin1')}`, 'base64')
}

function sendShared(
  { request, response, startedMs }: Arrival,
  { headers, body, operationName, estimated }: SharedResponse,
  { logger, metrics, endpoint }: Pick<RequestListenerOptions, 'logger' | 'metrics' | 'endpoint'>,
): void {
  const requestId = chooseRequestId(request.headers['x-request-id'])
  const durationMs = performance.now() - startedMs
  const operation = { name: operationName, type: 'query', outcome: 'success', errorCodes: [] } as const
  metrics.operationShared()
  metrics.httpRequest({ route: endpoint, status: 200 })
  metrics.operation({ ...operation, durationMs, restCalls: { estimated, made: 0 } })
  logRequest(logger, {
    requestId,
    method: 'POST',
    path: endpoint,
    status: 200,
    durationMs,
    operationName,
    restCalls: 0,
    callerLeft: response.closed,
  })
  if (!response.closed) response.writeHead(200, { ...headers, 'x-request-id': requestId }).end(body)
}
