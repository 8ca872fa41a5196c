import type { MiddlewareHandler } from 'hono'
import { authorize } from './auth.ts'
import { apiPath } from './log-requests.ts'
import { type RateLimit, rateHeaders, rateLimitMessage } from './rate-limit.ts'
import { refuseRoute } from './refusal.ts'
import { type ScriptedAnswer, scriptAnswer, throttle } from './scripted-answer.ts'
import { createTag, isTag } from './tags.ts'
import type { SandboxEnv, World } from './world.ts'

/** Counts the call against its credential's window; past the limit the answer is 429 (code 971). */
export function limitRate(world: World, limit: RateLimit): MiddlewareHandler<SandboxEnv> {
  return async (context, next) => {
    const { credential, number } = context.get('entry')
    const reading = limit.take(credential)
    if (reading.allowed) await next()
    else {
      const message = rateLimitMessage(limit)
      const refusal = { message, retryAfterSeconds: reading.resetSeconds, headers: {} }
      context.res = toResponse(throttle(world.quirks, refusal))
    }
    for (const [name, value] of Object.entries(rateHeaders(limit, reading)))
      if (!context.res.headers.has(name)) context.res.headers.set(name, value)
    context.res.headers.set('CF-Ray', `${createTag('ray', number).slice(0, 16)}-AMS`)
  }
}

/** Gives the answer that a fault has written, in place of the API's. */
export function answerScripted(world: World, limit: RateLimit): MiddlewareHandler<SandboxEnv> {
  return async (context, next) => {
    const step = context.get('fault')
    const answer = step === undefined ? undefined : scriptAnswer(step, world.quirks, limit)
    return answer === undefined ? next() : toResponse(answer)
  }
}

/** Lets through whom the credential and the account id allow, and finds the account. */
export function checkAccess(world: World): MiddlewareHandler<SandboxEnv> {
  return async (context, next) => {
    const path = context.req.path.slice(apiPath.length)
    const [, otherAccountId] = world.store.accounts.keys()
    authorize(context.get('caller'), {
      method: context.req.raw.method,
      path,
      otherAccountId,
      requireCredential: world.quirks.has('requireCredential'),
    })
    const [, accountId] = path.split('/').filter((segment) => segment !== '')
    if (accountId !== undefined && isTag(accountId)) {
      const account = world.store.accounts.get(accountId)
      if (account === undefined) throw refuseRoute(path, world.quirks.has('unroutableIs400') ? 400 : 404)
      context.set('account', account)
    }
    return next()
  }
}

function toResponse({ status, body, headers }: ScriptedAnswer): Response {
  return new Response(body, { status, headers })
}
