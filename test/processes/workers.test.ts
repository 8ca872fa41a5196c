import { expect, onTestFinished, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { builtBeforeAll } from '../support/build-gateway.ts'
import { type Program, startProgram } from '../support/program.ts'
import { held, startRestServer, success } from '../support/rest-server.ts'
import { type Load, type Outcome, post, startLoad } from './load.ts'

const someTag = '0123456789abcdef0123456789abcdef'
const built = builtBeforeAll()

test('several workers serve one sandbox on one port, and end one after the other', async () => {
  const program = startProgram(built(), { PORT: '0', WORKERS: '2' })
  const url = await program.url()
  const [account = ''] = /[0-9a-f]{32}/.exec(program.stdout()) ?? []
  const names = await Promise.all(
    Array.from({ length: 12 }, () => post(url, `{ account(id: "${account}") { name } }`)),
  )
  expect(new Set(names.map(({ body }) => JSON.stringify(body.data))).size).toBe(1)
  await until(() => new Set(serving(program)).size === 2)
  expect(program.stdout().match(/GraphiQL/g)).toHaveLength(2)

  program.kill('SIGTERM')
  expect(await program.exit).toEqual([0, null])
  const messages = program.lines().map(({ msg }) => msg)
  expect(messages.filter((message) => message !== 'request')).toEqual([
    'a worker serves',
    'a worker serves',
    'leaving',
    'stopped',
    'draining',
    'stopped',
    'all stopped',
  ])
  expect(program.stderr()).toBe('')
}, 30_000)

test('what keeps a worker from starting is said once, and ends it all', async () => {
  const blocker = await startRestServer(success(null))
  const { port } = new URL(blocker.url)
  const inUse = startProgram(built(), { PORT: port, WORKERS: '3' })
  const noManifest = startProgram(built(), { PORT: '0', WORKERS: '3', PERSISTED_OPERATIONS: '/nowhere.json' })
  expect(await inUse.exit).toEqual([1, null])
  expect(inUse.stderr()).toMatch(/^The gateway did not start:\n {2}.*EADDRINUSE.*PORT=4001 npm start\n$/)
  expect(await noManifest.exit).toEqual([1, null])
  expect(noManifest.stderr()).toMatch(/^The gateway did not start:\n {2}PERSISTED_OPERATIONS is .*\n$/)
}, 30_000)

test('a rolling restart under load fails no request, and loses and doubles no write', async () => {
  const sandbox = await startCompany()
  const program = startProgram(built(), { PORT: '0', WORKERS: '2', CLOUDFLARE_BASE_URL: sandbox.url })
  const load = startMixedLoad(await program.url(), sandbox)
  await until(() => serving(program).length === 2)
  const before = serving(program)

  program.kill('SIGUSR2')
  await program.said('rolling restart done')
  await load.stop()

  expect(load.outcomes().filter((outcome) => !isServed(outcome))).toEqual([])
  expect(load.outcomes().length).toBeGreaterThan(100)
  expect(await resourceGroupsOf(sandbox)).toEqual(created(load))
  expect(program.stderr()).toBe('')
  expect(program.lines().filter(({ level }) => Number(level) > 30)).toEqual([])
  const after = serving(program).slice(before.length)
  expect(after).toHaveLength(2)
  expect(after.filter((pid) => before.includes(pid))).toEqual([])
}, 60_000)

test('a worker that is killed takes what it had in flight with it and nothing else, and is replaced', async () => {
  const sandbox = await startCompany()
  const program = startProgram(built(), { PORT: '0', WORKERS: '2', CLOUDFLARE_BASE_URL: sandbox.url })
  const load = startMixedLoad(await program.url(), sandbox)
  await until(() => serving(program).length === 2 && load.outcomes().length > 50)

  const [victim] = serving(program)
  const killedMs = Date.now()
  process.kill(Number(victim), 'SIGKILL')
  await until(() => serving(program).length === 3)
  const served = load.outcomes().length
  await until(() => load.outcomes().length > served + 50)
  await load.stop()

  const failed = load.outcomes().filter((outcome) => !isServed(outcome))
  expect(failed.filter(({ startedMs, status }) => status !== 0 || startedMs > killedMs + 500)).toEqual([])
  expect(failed.length).toBeGreaterThan(0)
  for (const loop of load.loops)
    expect(loop.filter((outcome) => !isServed(outcome)).length).toBeLessThanOrEqual(1)
  expect(program.lines()).toContainEqual(
    expect.objectContaining({
      msg: 'a worker is lost and will be replaced',
      worker: victim,
      signal: 'SIGKILL',
    }),
  )
  // Those that failed may have been done; none of the others is lost, and none is there twice.
  const names = await resourceGroupsOf(sandbox)
  expect(new Set(names).size).toBe(names.length)
  expect(created(load).filter((name) => !names.includes(name))).toEqual([])
}, 60_000)

test('SIGTERM under way lets every worker finish, and tells balancers first', async () => {
  const slow = held(success({ id: someTag, name: 'Late' }))
  const upstream = await startRestServer(slow.reply)
  const program = startProgram(built(), { PORT: '0', WORKERS: '2', CLOUDFLARE_BASE_URL: upstream.url })
  const url = await program.url()
  const answers = Array.from({ length: 4 }, (_, index) =>
    post(url, `{ account(id: "${index}${someTag.slice(1)}") { name } }`),
  )
  await slow.arrived
  program.kill('SIGTERM')
  const isReady = async () => (await fetch(new URL('/ready', url))).status === 200
  while (await isReady());
  slow.release()
  expect((await Promise.all(answers)).filter((outcome) => !isServed(outcome))).toEqual([])
  expect(await program.exit).toEqual([0, null])
}, 30_000)

/** A sandbox that does not limit the rate, and answers after a moment. */
async function startCompany(): Promise<Sandbox> {
  const sandbox = await startSandbox({ latencyMs: 3, rateLimit: { calls: 1_000_000, windowSeconds: 300 } })
  onTestFinished(() => sandbox.close())
  return sandbox
}

/** Queries and mutations by turns; every mutation makes a resource group with a name of its own. */
function startMixedLoad(url: string, { accountTag }: Sandbox): Load {
  const load = startLoad([url], {
    loops: 8,
    document: (loop, turn) =>
      turn % 2 === 0
        ? `{ account(id: "${accountTag}") { userGroups(first: 2) { nodes { name } } } }`
        : `mutation { createResourceGroup(input: { accountId: "${accountTag}", name: "load-${loop}-${turn}", scope: { key: "com.cloudflare.api.account.${accountTag}", objects: [{ key: "*" }] } }) { resourceGroup { name } userErrors { message } } }`,
  })
  onTestFinished(load.stop)
  return load
}

function created(load: Load): readonly string[] {
  return load
    .outcomes()
    .filter(isServed)
    .flatMap(({ body }) => /"load-\d+-\d+"/.exec(JSON.stringify(body.data))?.[0].slice(1, -1) ?? [])
    .sort()
}

async function resourceGroupsOf({ url, accountTag }: Sandbox): Promise<readonly string[]> {
  const headers = { authorization: 'Bearer one-for-all' }
  const response = await fetch(`${url}/accounts/${accountTag}/iam/resource_groups`, { headers })
  const { result }: { result: readonly { name?: string }[] } = await response.json()
  return result.flatMap(({ name }) => (name?.startsWith('load-') ? [name] : [])).sort()
}

function serving(program: Program): readonly unknown[] {
  return program
    .lines()
    .filter(({ msg }) => msg === 'a worker serves')
    .map(({ worker }) => worker)
}

function isServed({ status, body }: Outcome): boolean {
  return status === 200 && body.errors === undefined
}

/** The condition is about other processes, which nothing tells of. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10))
}
