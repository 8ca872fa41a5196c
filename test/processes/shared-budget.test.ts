import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { builtBeforeAll } from '../support/build-gateway.ts'
import { type Program, startProgram } from '../support/program.ts'
import { startRedisServer } from '../support/redis-server.ts'
import { type Outcome, post, startLoad } from './load.ts'

const built = builtBeforeAll()

const limit = { calls: 60, windowSeconds: 4 }
const windowMs = limit.windowSeconds * 1000

test('workers and processes with one Redis keep to one budget, without it to a part each, and share again when it is back', async ({
  skip,
}) => {
  const redis = await startRedisServer(skip)
  const sandbox = await startSandbox({ rateLimit: limit })
  onTestFinished(() => sandbox.close())
  const start = (WORKERS: string) =>
    startProgram(built(), {
      PORT: '0',
      WORKERS,
      REDIS_URL: redis.url,
      CLOUDFLARE_BASE_URL: sandbox.url,
      NODE_ENV: 'production',
    })
  const programs = [start('2'), start('1'), start('1')]
  const urls = await Promise.all(programs.map((program) => program.url()))
  // What the first answer says of the budget is known to all.
  expect((await post(urls[0] ?? '', oneCall(sandbox))).status).toBe(200)

  const load = startLoad([...urls, urls[0] ?? ''], {
    loops: 12,
    document: (_, turn) => (turn % 4 === 0 ? fourCalls(sandbox) : oneCall(sandbox)),
  })
  onTestFinished(load.stop)
  await expectWithin(sandbox, 1.5 * windowMs)
  for (const program of programs) expect(messages(program, 'budgets')).toBe(0)

  await redis.kill()
  await Promise.all(programs.map((program) => program.said('REST budgets are not shared')))
  await expectWithin(sandbox, 1.5 * windowMs)

  await redis.restart()
  await Promise.all(programs.map((program) => program.said('REST budgets are shared again')))
  await expectWithin(sandbox, 1.5 * windowMs)

  await load.stop()
  expect(load.outcomes().filter((outcome) => !isServed(outcome) && !isRefused(outcome))).toEqual([])
  expect(load.outcomes().filter(isServed).length).toBeGreaterThan(50)
  for (const program of programs) {
    expect(messages(program, 'REST budgets are not shared')).toBe(program === programs[0] ? 2 : 1)
    expect(program.stdout()).not.toContain('one-for-all')
  }
}, 90_000)

/** Nothing is refused by the upstream for so long, and most of what it allows is used. */
async function expectWithin(sandbox: Sandbox, durationMs: number): Promise<void> {
  sandbox.clearRequests()
  await new Promise((resolve) => setTimeout(resolve, durationMs))
  const statuses = sandbox.requests().map(({ status }) => status)
  expect(statuses.filter((status) => status === 429)).toEqual([])
  const windows = durationMs / windowMs
  expect(statuses.length).toBeGreaterThan(0.5 * windows * limit.calls)
  expect(statuses.length).toBeLessThanOrEqual((windows + 1) * limit.calls)
}

function oneCall({ accountTag }: Sandbox): string {
  return `{ account(id: "${accountTag}") { userGroup(id: "${randomBytes(16).toString('hex')}") { name } } }`
}

function fourCalls({ accountTag }: Sandbox): string {
  return `{ account(id: "${accountTag}") { userGroups(first: 3) { nodes { members(first: 1) { nodes { id } } } } } }`
}

function isServed({ status, body }: Outcome): boolean {
  return status === 200 && body.errors === undefined
}

/** As a whole, before any of it ran. */
function isRefused({ body }: Outcome): boolean {
  const [error, ...others] = body.errors ?? []
  const { code, retryAfterMs } = error?.extensions ?? {}
  return code === 'RATE_LIMITED' && Number(retryAfterMs) > 0 && others.length === 0 && !body.data
}

function messages(program: Program, text: string): number {
  return program.lines().filter(({ msg }) => String(msg).includes(text)).length
}
