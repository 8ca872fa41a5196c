import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { type FaultyCall, type Place, reads, writes } from './calls.ts'
import { type Company, companySizes, readCompany, readState, type State } from './company.ts'
import { type Fault, faultTable } from './faults.ts'

const restTimeoutMs = 150
// What a loaded machine may take beyond the timeouts.
const slackMs = 3_000

const followed: string[] = []
const elsewhere = createServer((request, response) => {
  followed.push(`${request.method} ${request.url}`)
  response.end('{"success": true, "errors": [], "result": []}')
})
await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
const { port } = elsewhere.address() as AddressInfo
afterAll(() => elsewhere.close())

beforeEach(() => {
  // Retries come without waiting.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const faults = faultTable(`http://localhost:${port}`)
const matrix = [...reads, ...writes].flatMap((call) =>
  faults.map((fault): [string, string, FaultyCall, Fault] => [call.call, fault.fault, call, fault]),
)

test.each(matrix)('%s meets: %s', async (_call, _fault, call, fault) => {
  const whole = await undisturbed(call)
  const { company } = whole
  const lines: Record<string, unknown>[] = []
  const { sandbox, query, requests } = await startGateway({
    sandbox: { seed: companySizes },
    config: { restRetries: 1, ...(fault.hangs ? { restTimeoutMs } : {}) },
    log: (line) => lines.push(line),
  })
  const { method, path } = call.meets(company)
  const target = `/accounts/${company.account}${path}`
  sandbox.setFaults([{ method, path: target, respond: [fault.respond], repeat: fault.times === 'always' }])

  const startedMs = performance.now()
  const answer = await query(call.document, call.variables(company))
  const elapsedMs = performance.now() - startedMs
  const isMet = (line: string) => line.split('?')[0] === `${method} ${target}`
  const attempts = fault.attempts[call.repeats]
  const made = whole.calls.filter((line) => !isMet(line)).length + attempts
  // A fan-out that has failed as a whole is answered before its last calls have arrived.
  await vi.waitFor(() => expect(requests()).toHaveLength(made))
  const calls = requests()
  sandbox.setFaults([])

  const isWrite = call.repeats !== 'read'
  const isSaved = fault.times === 'once' && attempts > 1
  const isRefused = isWrite && fault.isRefusal === true
  const isError = !isSaved && !isRefused

  // What the caller sees: the fault where it hit, everything else as ever, in bounded time.
  expect(answer.status).toBe(200)
  if (isSaved) expect(answer.data).toEqual(whole.data)
  else if (isRefused) expect(answer.data).toEqual(refusedPayload(whole.data))
  else expect(answer.data).toEqual(isWrite ? null : withHoles(whole.data, call.lost(company)))
  const extensions = {
    code: fault.code,
    ...(isWrite && fault.uncertain ? { mayHaveHappened: true } : {}),
    ...(fault.asksToWait ? { retryAfterMs: expect.any(Number) } : {}),
    upstream: expect.objectContaining({ method, path: expect.stringContaining(target) }),
  }
  expect(answer.errors?.map((error) => ({ path: error.path, extensions: error.extensions }))).toEqual(
    isError ? call.lost(company).map((place) => ({ path: place, extensions })) : undefined,
  )
  expect(elapsedMs).toBeLessThan(slackMs + (fault.hangs ? attempts * restTimeoutMs : 0))

  // What the upstream sees: no call but the usual ones, and nothing done twice or left half done.
  expect(calls.filter(isMet)).toHaveLength(attempts)
  expect(calls.filter((line) => !isMet(line)).toSorted()).toEqual(
    whole.calls.filter((line) => !isMet(line)).toSorted(),
  )
  expect(followed).toEqual([])
  const isDone = isWrite && (isSaved || fault.done)
  if (isWrite) expect(await readState(sandbox, company.account)).toEqual(isDone ? whole.after : whole.before)

  // What the operator sees: each attempt once, and the request once.
  expect(answer.extensions).toMatchObject({ restCalls: { made } })
  await vi.waitFor(() => expect(lines.filter(({ msg }) => msg === 'rest call')).toHaveLength(made))
  const failures = lines.flatMap((line) => (line.failure === undefined ? [] : [line.failure]))
  expect(failures.filter((kind) => kind !== 'not-found')).toHaveLength(isSaved ? 1 : attempts)
  const others = lines.filter(({ msg }) => msg !== 'rest call')
  expect(others).toEqual([expect.objectContaining({ msg: 'request', restCalls: made })])
  expect(others[0]?.errorCodes).toEqual(isError ? [fault.code] : undefined)
})

type Undisturbed = {
  readonly company: Company
  readonly data: unknown
  readonly calls: readonly string[]
  readonly before: State
  readonly after: State
}

const known = new Map<FaultyCall, Promise<Undisturbed>>()

/** What an operation comes to without any fault. */
function undisturbed(call: FaultyCall): Promise<Undisturbed> {
  const run = known.get(call) ?? runUndisturbed(call)
  known.set(call, run)
  return run
}

async function runUndisturbed({ document, variables }: FaultyCall): Promise<Undisturbed> {
  const { sandbox, query, requests } = await startGateway({ sandbox: { seed: companySizes } })
  const company = await readCompany(sandbox)
  const before = await readState(sandbox, company.account)
  sandbox.clearRequests()
  const { data, errors } = await query(document, variables(company))
  expect(errors).toBeUndefined()
  const calls = requests()
  return { company, data, calls, before, after: await readState(sandbox, company.account) }
}

/** The payload of a mutation that the upstream refused. */
function refusedPayload(data: unknown): unknown {
  const userErrors = [{ code: 'INVALID', upstreamCode: 1006 }]
  return mapValues(data, (payload) => ({ ...mapValues(payload, () => null), userErrors }))
}

/** The data with null in these places. */
function withHoles(data: unknown, holes: readonly Place[]): unknown {
  if (holes.some((path) => path.length === 0)) return null
  if (typeof data !== 'object' || data === null) return data
  const below = (key: string | number) =>
    holes.filter(([first]) => first === key).map((path) => path.slice(1))
  if (Array.isArray(data)) return data.map((item, index) => withHoles(item, below(index)))
  return mapValues(data, (value, key) => withHoles(value, below(key)))
}

function mapValues(value: unknown, change: (value: unknown, key: string) => unknown) {
  return Object.fromEntries(Object.entries(Object(value)).map(([key, one]) => [key, change(one, key)]))
}
