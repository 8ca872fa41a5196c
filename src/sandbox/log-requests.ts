import type { MiddlewareHandler } from 'hono'
import { identifyCaller } from './auth.ts'
import { maxBodyBytes } from './body.ts'
import { Refusal } from './refusal.ts'
import { loggableHeaders, type RequestLog } from './request-log.ts'
import type { SandboxEnv } from './world.ts'

/** Below which path the API lives. */
export const apiPath = '/client/v4'

/** Opens an entry when a request arrives and completes it when its answer is ready. */
export function logRequests(log: RequestLog): MiddlewareHandler<SandboxEnv> {
  return async (context, next) => {
    const { incoming, outgoing } = context.env
    const caller = identifyCaller((name) => context.req.header(name))
    const entry = log.open({
      method: context.req.raw.method,
      // What was sent, before any normalizing of dots and escapes.
      path: (incoming.url ?? '').slice(apiPath.length),
      credential: caller.credential,
      headers: loggableHeaders(incoming.headers),
    })
    context.set('entry', entry)
    context.set('caller', caller)
    const startedMs = performance.now()
    outgoing.once('close', () => {
      entry.clientGone = !outgoing.writableFinished && context.get('broken') !== true
    })

    await next()
    // A fault that writes to the wire itself has noted what it sent.
    if (!context.res.headers.has('x-hono-already-sent')) entry.status = context.res.status
    entry.durationMs = performance.now() - startedMs
  }
}

/** Reads the request body whole, so that a fault never meets half a request, and keeps it in the log. */
export function recordBody(): MiddlewareHandler<SandboxEnv> {
  return async (context, next) => {
    if (Number(context.req.header('content-length') ?? 0) > maxBodyBytes)
      throw new Refusal(413, [{ code: 413, message: 'Request body too large' }])
    const text = await context.req.text()
    if (text !== '') context.get('entry').body = parseLoosely(text)
    return next()
  }
}

function parseLoosely(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
