import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context, MiddlewareHandler } from 'hono'
import type { FaultStep, Faults } from './faults.ts'
import type { SandboxEnv } from './world.ts'

/**
 * Takes the next fault step for each request, delays it, lets the layers inside answer, and spoils the answer on the
 * wire. What `closing` aborts ends every wait.
 */
export function injectFaults(faults: Faults, closing: AbortSignal): MiddlewareHandler<SandboxEnv> {
  return async (context, next) => {
    const entry = context.get('entry')
    const step = faults.take(entry.method, entry.path)
    context.set('fault', step)
    if (step === undefined) return next()
    entry.faulted = step !== 200
    if (typeof step === 'number') return next()
    if (step.delayMs !== undefined) await pause(step.delayMs, closing)

    if (step.reset === true) return breakConnection(context)
    if (step.hang === 'before-headers') return hang(context, closing)
    await next()
    if (step.applyThenReset === true) return breakConnection(context)
    for (const [name, value] of Object.entries(step.headers ?? {})) context.res.headers.set(name, value)
    if (step.truncate === true || step.hang === 'mid-body') return sendHalf(context, step, closing)
    return undefined
  }
}

/** Waits, or until `closing` aborts; a client that hangs up does not stop what it set going. */
export async function pause(delayMs: number, closing: AbortSignal): Promise<void> {
  await wait(delayMs, undefined, { signal: closing }).catch(() => undefined)
}

/** A TCP reset: the client sees the connection break, not close. */
function breakConnection(context: Context<SandboxEnv>): Response {
  context.set('broken', true)
  context.env.incoming.socket.resetAndDestroy()
  return leaveAsSent(context, null)
}

async function hang(context: Context<SandboxEnv>, closing: AbortSignal): Promise<Response> {
  await untilGone(context, closing)
  return leaveAsSent(context, null)
}

async function sendHalf(
  context: Context<SandboxEnv>,
  step: Exclude<FaultStep, number>,
  closing: AbortSignal,
): Promise<Response> {
  const { outgoing } = context.env
  const body = Buffer.from(await context.res.arrayBuffer())
  const status = context.res.status
  outgoing.writeHead(status, {
    ...Object.fromEntries(context.res.headers),
    'content-length': String(Math.max(body.length, 1)),
  })
  context.get('entry').status = status
  const half = body.subarray(0, Math.floor(body.length / 2))
  await new Promise<void>((resolve) => outgoing.write(half, () => resolve()))
  if (step.truncate === true) {
    context.set('broken', true)
    context.env.incoming.socket.destroySoon()
  } else await untilGone(context, closing)
  return leaveAsSent(context, status)
}

async function untilGone({ env }: Context<SandboxEnv>, closing: AbortSignal): Promise<void> {
  if (env.outgoing.destroyed) return
  await once(env.outgoing, 'close', { signal: closing }).catch(() => undefined)
}

function leaveAsSent(context: Context<SandboxEnv>, status: number | null): Response {
  context.get('entry').status = status
  context.res = RESPONSE_ALREADY_SENT
  return context.res
}
