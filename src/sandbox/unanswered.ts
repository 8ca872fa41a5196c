import type { ErrorHandler, NotFoundHandler } from 'hono'
import { failEnvelope } from './envelope.ts'
import { apiPath } from './log-requests.ts'
import { Refusal, refuseRoute } from './refusal.ts'
import type { SandboxEnv, World } from './world.ts'

/** A route of the API: its method, and its path in hono's notation below `/client/v4`. */
export type Operation = { readonly method: string; readonly path: string }

/** Writes a thrown `Refusal` as an envelope; anything else is a fault of the sandbox and says so. */
export function answerFailure(world: World): ErrorHandler<SandboxEnv> {
  return (error) => {
    if (error instanceof Refusal) return writeRefusal(world, error)
    const message = `Internal Server Error: the sandbox itself failed (${error.message})`
    return writeRefusal(world, new Refusal(500, [{ code: 1000, message }]))
  }
}

/** What has no route: 405 (code 10405) where another method has one, else 7003 with 7000. */
export function answerUnrouted(world: World, operations: readonly Operation[]): NotFoundHandler<SandboxEnv> {
  const patterns = operations.map(({ method, path }) => ({ method, pattern: compilePattern(path) }))
  return (context) => {
    const path = context.req.path.slice(apiPath.length)
    const allowed = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
    if (allowed.length === 0)
      return writeRefusal(world, refuseRoute(path, world.quirks.has('unroutableIs400') ? 400 : 404))
    const headers = { Allow: allowed.join(', ') }
    const error = { code: 10405, message: 'Method not allowed' }
    return writeRefusal(world, new Refusal(405, [error], { headers }))
  }
}

function writeRefusal(world: World, refusal: Refusal): Response {
  return Response.json(failEnvelope(world.quirks, refusal), {
    status: refusal.status,
    headers: refusal.options.headers ?? {},
  })
}

/** `:name{pattern}` becomes the pattern. */
function compilePattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+\{(.*?\})\}/g, '(?:$1)')}$`)
}
