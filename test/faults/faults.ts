import type { Fault as SandboxFault } from '../../src/sandbox/server.ts'

type Step = SandboxFault['respond'][number]

/** One thing that goes wrong with a REST call, and what has to come of it. */
export type Fault = {
  readonly fault: string
  /** What the upstream does in place of a proper answer. */
  readonly respond: Step
  /** Whether every attempt meets it, or only the first. */
  readonly times: 'always' | 'once'
  /** `extensions.code` of the error; a call that is saved by an attempt without the fault has none. */
  readonly code: string
  /** How often the call is sent: a read; a PUT, PATCH or DELETE, which set a state; a POST, which adds to one. */
  readonly attempts: { readonly read: number; readonly put: number; readonly post: number }
  /** Whether the failure of a write leaves open if it was done: `extensions.mayHaveHappened`. */
  readonly uncertain: boolean
  /** Whether the upstream did it. */
  readonly done: boolean
  /** A refusal with a reason: a write reports it in `userErrors`, not as an error. */
  readonly isRefusal?: true
  /** Whether the error says how long to wait: `extensions.retryAfterMs`. */
  readonly asksToWait?: true
  /** Nothing comes until the gateway gives up. */
  readonly hangs?: true
}

type Rule = Omit<Fault, 'fault' | 'respond' | 'times'>

const once = { read: 1, put: 1, post: 1 }
const twice = { read: 2, put: 2, post: 1 }
const notDone = { uncertain: false, done: false }
const unanswered = { uncertain: true, done: false }
const doneUnanswered = { uncertain: true, done: true }

// What comes of a call with one retry.
const lost: Rule = { code: 'UPSTREAM_UNAVAILABLE', attempts: twice, ...unanswered }
const useless: Rule = { ...lost, attempts: once }
const maintained: Rule = { ...useless, asksToWait: true }
const misled: Rule = { ...useless, ...notDone }
const halfAnswered: Rule = { ...useless, ...doneUnanswered }
const slow: Rule = { code: 'UPSTREAM_TIMEOUT', attempts: twice, ...unanswered, hangs: true }
const refused: Rule = { code: 'UPSTREAM_REFUSED', attempts: once, ...notDone, isRefusal: true }
const forbidden: Rule = { code: 'FORBIDDEN', attempts: once, ...notDone }
const unknownCaller: Rule = { code: 'UNAUTHENTICATED', attempts: once, ...notDone }
const throttled: Rule = { code: 'RATE_LIMITED', attempts: once, ...notDone, asksToWait: true }
const throttledBriefly: Rule = { ...throttled, attempts: { ...once, read: 2 } }

const html = '<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>'
const tenMebibytes = 10 * 1024 * 1024
const malformed = {
  code: 6003,
  message: 'Invalid request headers',
  error_chain: [{ code: 6111, message: 'x' }],
}
const minute = { 'retry-after': '60' }
const noWait = { 'retry-after': '0' }

/** Every fault that a sandbox can be told to have. Its redirects lead to `elsewhere`. */
export function faultTable(elsewhere: string): readonly Fault[] {
  const location = { location: `${elsewhere}/somewhere` }
  const lasting: readonly (readonly [string, Step, Rule])[] = [
    ['the connection is reset', { reset: true }, lost],
    ['it is done, and the connection reset', { applyThenReset: true }, { ...lost, ...doneUnanswered }],
    ['no answer comes', { hang: 'before-headers' }, slow],
    ['the answer stops midway', { hang: 'mid-body' }, { ...slow, ...doneUnanswered, attempts: once }],
    ['the answer breaks off', { truncate: true }, halfAnswered],
    ['JSON that ends too early', { body: '{"success": true, "result": [{"id": "' }, useless],
    ['HTML with status 200', { body: html }, useless],
    ['an empty body with status 200', { body: '' }, useless],
    ['JSON that is no envelope', { body: [1, 2] }, useless],
    ['ten mebibytes of HTML', { body: html.padEnd(tenMebibytes) }, useless],
    ['ten mebibytes of reasons', { status: 502, body: failed({ message: 'x'.repeat(tenMebibytes) }) }, lost],
    ['success: false with status 200', { body: failed({ code: 1006, message: 'No' }) }, refused],
    ['a refusal with status 400', { status: 400, body: failed({ code: 1006, message: 'No' }) }, refused],
    ['the credential is refused', 403, forbidden],
    ['malformed credentials', { status: 400, body: failed(malformed) }, unknownCaller],
    ['429 with nothing', { status: 429, body: '' }, throttled],
    ['429 that asks for a minute', { status: 429, body: '', headers: minute }, throttled],
    ['429 that asks for no wait', { status: 429, body: '', headers: noWait }, throttledBriefly],
    ['code 971 with status 200', 971, throttled],
    ['a maintenance page', { status: 503, body: html, headers: minute }, maintained],
    ...statuses([408, 500, 502, 503, 504, 520, 521, 522, 523, 524], lost),
    ...statuses([501, 505, 511], useless),
    ...[301, 302, 303, 307, 308].map(
      (status) => [`redirect ${status} to another host`, { status, headers: location }, misled] as const,
    ),
  ]
  const passing: readonly (readonly [string, Step, Rule])[] = [
    ['the connection is reset, once', { reset: true }, lost],
    ['it is done, and the connection reset, once', { applyThenReset: true }, { ...lost, ...doneUnanswered }],
    ['no answer comes, once', { hang: 'before-headers' }, slow],
    ['status 503, once', 503, lost],
    ['429 that asks for no wait, once', { status: 429, body: '', headers: noWait }, throttledBriefly],
  ]
  return [
    ...lasting.map(([fault, respond, rule]) => ({ fault, respond, times: 'always' as const, ...rule })),
    ...passing.map(([fault, respond, rule]) => ({ fault, respond, times: 'once' as const, ...rule })),
  ]
}

function statuses(codes: readonly number[], rule: Rule) {
  return codes.map((code) => [`status ${code}`, code, rule] as const)
}

function failed(error: { readonly code?: number; readonly message: string }) {
  return { success: false, errors: [error], result: null }
}
