import type { Fault } from '../../src/sandbox/server.ts'
import type { Random } from './random.ts'

type Step = Fault['respond'][number]

const html = '<html><body>502</body></html>'
const refusal = { success: false, errors: [{ code: 1006, message: 'Not now' }], result: null }

/** What may go wrong, the common things several times. */
const steps: readonly Step[] = [
  ...[500, 502, 503, 504, 520, 522, 524, 408],
  ...([
    { reset: true },
    { reset: true },
    { applyThenReset: true },
    { applyThenReset: true },
    { applyThenReset: true },
  ] as const),
  ...([{ truncate: true }, { truncate: true }, { hang: 'before-headers' }, { hang: 'mid-body' }] as const),
  ...([
    { delayMs: 20, passThrough: true },
    { delayMs: 150, passThrough: true },
  ] as const),
  { status: 200, body: html },
  { status: 200, body: '{"success": tru' },
  { status: 200, body: refusal },
  { status: 400, body: refusal },
  { status: 307, headers: { location: 'https://example.com/' } },
  { status: 429, body: '', headers: { 'retry-after': '0' } },
  403,
]
const throttles: readonly Step[] = [429, 971]
const paths = [
  '*',
  '*/iam/user_groups*',
  '*/iam/resource_groups*',
  '*/members*',
  '*/sso_connectors*',
  '*/iam/user_groups/*',
]
const methods = ['GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** What is done in secret, and then refused when it is tried again. */
const deceits: readonly (readonly Step[])[] = [
  [{ applyThenReset: true }, { status: 400, body: refusal }],
  [{ applyThenReset: true }, { status: 200, body: refusal }],
  [{ applyThenReset: true }, 403],
]

/** Some faults for the next requests, each of which meets one to three of them. */
export function randomFaults(random: Random): readonly Fault[] {
  return Array.from({ length: 2 + random.below(4) }, () => {
    const method = random.pick(methods)
    const path = random.pick(paths)
    if (random.chance(0.2)) return { method, path, respond: [...random.pick(deceits)] }
    const step = () => random.pick(random.chance(0.02) ? throttles : steps)
    return { method, path, respond: Array.from({ length: 1 + random.below(3) }, step) }
  })
}
