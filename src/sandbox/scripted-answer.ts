import type { FaultStep } from './faults.ts'
import type { Quirks } from './quirks.ts'
import { type RateLimitOptions, rateLimitCode, rateLimitMessage } from './rate-limit.ts'

/** An answer written without asking the API. */
export type ScriptedAnswer = {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Seconds that a scripted 429 asks to wait: short, so that the recovery after it can be seen. */
const scriptedRetryAfterSeconds = 1

/** What a fault step answers, where it says so itself; undefined where the API is to answer. */
export function scriptAnswer(
  step: FaultStep,
  quirks: Quirks,
  limit: RateLimitOptions,
): ScriptedAnswer | undefined {
  if (typeof step === 'number') return step === 200 ? undefined : answerOf(step, quirks, limit)
  if (step.status === undefined && step.body === undefined) return undefined
  const status = step.status ?? 200
  if (step.body === undefined) {
    const usual = status < 400 ? json(status, null) : answerOf(status, quirks, limit)
    return { ...usual, headers: { ...usual.headers, ...step.headers } }
  }
  const answer = typeof step.body === 'string' ? text(status, step.body) : json(status, step.body)
  return { ...answer, headers: { ...answer.headers, ...step.headers } }
}

/** What a status usually comes with. */
function answerOf(status: number, quirks: Quirks, limit: RateLimitOptions): ScriptedAnswer {
  if (status === 429 || status === rateLimitCode)
    return throttle(status === 429 ? quirks : new Set([...quirks, 'rateLimitAs200']), {
      message: rateLimitMessage(limit),
      retryAfterSeconds: scriptedRetryAfterSeconds,
      headers: { Ratelimit: `"default";r=0;t=${scriptedRetryAfterSeconds}` },
    })
  if (status === 401 || status === 403)
    return json(status, failure(10000, 'Authentication error', quirks.has('shortAuthEnvelopes')))
  if (status === 500) return json(status, failure(1000, 'Internal Server Error'))
  if (status === 405) return json(status, failure(10405, 'Method not allowed'))
  if (status > 500) return text(status, htmlPage(status))
  return json(status, failure(status, `Refused with ${status} by a fault`))
}

/** The refusal of the rate limit, in the face that the quirks choose (quirk 6). */
export function throttle(
  quirks: Quirks,
  refusal: {
    readonly message: string
    readonly retryAfterSeconds: number
    readonly headers: Readonly<Record<string, string>>
  },
): ScriptedAnswer {
  const answer = quirks.has('emptyRateLimitBody')
    ? text(429, '')
    : json(quirks.has('rateLimitAs200') ? 200 : 429, failure(rateLimitCode, refusal.message))
  const retryAfter = { 'Retry-After': String(refusal.retryAfterSeconds) }
  return {
    ...answer,
    headers: { ...answer.headers, ...refusal.headers, ...(quirks.has('retryAfter') ? retryAfter : {}) },
  }
}

function failure(code: number, message: string, isShort = false) {
  const errors = [{ code, message }]
  return isShort ? { success: false, errors } : { success: false, errors, messages: [], result: null }
}

function json(status: number, body: unknown): ScriptedAnswer {
  return { status, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
}

function text(status: number, body: string): ScriptedAnswer {
  const contentType = body.trimStart().startsWith('<') ? 'text/html; charset=UTF-8' : 'text/plain'
  return { status, body, headers: { 'Content-Type': contentType } }
}

function htmlPage(status: number): string {
  return `<!DOCTYPE html>
<html><head><title>${status}</title></head>
<body><h1>Error ${status}</h1><p>The web server is not available.</p></body></html>
`
}
