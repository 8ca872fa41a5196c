import { setTimeout as wait } from 'node:timers/promises'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { createAsk, type Tally } from './ask.ts'
import { type Caller, tenCallers } from './callers.ts'
import type { Figures } from './figures.ts'
import { type Sample, startGatewayProcess } from './gateway-process.ts'
import { createRandom } from './random.ts'
import { randomFaults } from './random-faults.ts'
import { createTruth, type Kind, type State, type Truth } from './truth.ts'
import { createWorker, type Supplies, type Worker } from './worker.ts'
import type { WriteCounts } from './writes.ts'

// Part of every secret of the run, and of nothing else.
const mark = 'soakmark'
const workersPerCaller = 2
const faultsEveryMs = 60
// One walk in so many at most.
const gapsAreRare = 200
const kinds: readonly Kind[] = ['user_groups', 'resource_groups', 'sso_connectors']

/**
 * Lets ten credentials read and write at random through one gateway, `program`, while the upstream fails at random. A
 * model of what should be there is held against what is there, during the run and after it.
 */
export async function runSoak({
  program,
  durationMs,
  seed,
}: {
  readonly program: URL
  readonly durationMs: number
  readonly seed: number
}): Promise<Figures> {
  const random = createRandom(seed)
  const sandbox = await startSandbox({ rateLimit: { calls: 1_000_000_000, windowSeconds: 300 } })
  const gateway = await startGatewayProcess({
    program,
    mark,
    env: {
      CLOUDFLARE_BASE_URL: sandbox.url,
      REST_TIMEOUT_MS: '500',
      OPERATION_TIMEOUT_MS: '3000',
      INTROSPECTION: 'true',
    },
  })
  try {
    const tally: Tally = {
      latenciesMs: [],
      outcomes: new Map(),
      findings: [],
      walks: 0,
      gaps: [],
      notMade: new Map(),
    }
    const counts: WriteCounts = {
      done: 0,
      refused: 0,
      failed: 0,
      uncertainDone: 0,
      uncertainNotDone: 0,
      comparisons: 0,
    }
    const truth = createTruth(sandbox)
    const { account: first, otherAccount: second } = sandbox.landmarks
    const accounts = [first, second]
    const before = await everything(truth, accounts)
    const excluded = sandbox.landmarks.memberWithoutDsr
    const supplies = await Promise.all(accounts.map((accountTag) => suppliesOf(truth, accountTag, excluded)))

    const startedMs = performance.now()
    const isOver = () => performance.now() - startedMs >= durationMs || tally.findings.length >= 20
    const hire = (caller: Caller, place: number): Worker => {
      const [own, other] = caller.account === 'first' ? [0, 1] : [1, 0]
      const foreignAccount = accounts[other] ?? ''
      const name = `soak ${caller.name}${place}`
      const ask = createAsk({
        url: gateway.url,
        name: name.replaceAll(' ', '-'),
        caller,
        mark,
        foreignAccount,
        tally,
      })
      const supply = supplies[own]
      if (supply === undefined) throw new Error('There are two accounts')
      const ownRandom = createRandom(random.below(2 ** 31))
      return createWorker({
        name,
        caller,
        ask,
        isOver: gateway.isOver,
        truth,
        random: ownRandom,
        supplies: supply,
        foreignAccount,
        tally,
        counts,
      })
    }
    const workers = tenCallers(mark).flatMap((caller) =>
      Array.from({ length: workersPerCaller }, (_, place) => hire(caller, place)),
    )
    const samples: Sample[] = []
    const calls = createCallCount(sandbox)
    const spoil = async () => {
      while (!isOver()) {
        sandbox.setFaults(randomFaults(random))
        await wait(faultsEveryMs)
      }
      sandbox.setFaults([])
    }
    const watch = async () => {
      while (!isOver()) {
        const sample = await gateway.sample()
        if (sample !== undefined) samples.push(sample)
        calls.update()
        await wait(1_000)
      }
    }
    await Promise.all([spoil(), watch(), ...workers.map((worker) => worker.run(isOver))])
    const seconds = (performance.now() - startedMs) / 1_000
    await truth.settled(() => true)
    calls.update()
    const after = await everything(truth, accounts)
    const findings = [
      ...tally.findings,
      // A row may be missed where all that a cursor remembers is gone at once, which this many writers bring about now and then.
      ...(tally.gaps.length > tally.walks / gapsAreRare ? tally.gaps : []),
      ...compare({ before, after, workers, notMade: tally.notMade }),
      ...steadiness(samples, durationMs),
    ]
    await gateway.stop()
    return {
      seed,
      seconds,
      operations: tally.latenciesMs.length,
      ...calls.counts,
      latency: latencyOf(tally.latenciesMs),
      outcomes: Object.fromEntries(tally.outcomes),
      writes: counts,
      comparisons: counts.comparisons + after.size,
      walks: tally.walks,
      gaps: tally.gaps,
      samples,
      logLines: gateway.logLines(),
      findings: [...findings, ...gateway.complaints()],
    }
  } finally {
    await gateway.stop()
    await sandbox.close()
  }
}

/** Counts the calls of the gateway while the sandbox still knows them: it keeps only the latest. */
function createCallCount(sandbox: Sandbox) {
  const counts = { restCalls: 0, faultyCalls: 0, cancelledCalls: 0 }
  let counted = 0
  return {
    counts,
    update() {
      for (const { number, durationMs, headers, faulted, clientGone } of sandbox.requests()) {
        if (number <= counted) continue
        if (durationMs === null) return
        counted = number
        if (headers['user-agent'] !== 'cloudflare-iam-graphql') continue
        counts.restCalls += 1
        if (faulted) counts.faultyCalls += 1
        if (clientGone) counts.cancelledCalls += 1
      }
    },
  }
}

type Everything = ReadonlyMap<string, { readonly name: string; readonly state: State }>

async function everything(truth: Truth, accounts: readonly string[]): Promise<Everything> {
  const found = new Map<string, { readonly name: string; readonly state: State }>()
  for (const accountTag of accounts) {
    for (const kind of kinds) {
      for (const [tag, object] of await truth.all(kind, accountTag))
        found.set(`${kind}/${accountTag}/${tag}`, object)
    }
  }
  return found
}

async function suppliesOf(truth: Truth, accountTag: string, excluded: string | undefined): Promise<Supplies> {
  const path = `/accounts/${accountTag}`
  const [permissionGroups, resourceGroups, members] = await Promise.all([
    truth.rows(`${path}/iam/permission_groups?per_page=50`),
    truth.rows(`${path}/iam/resource_groups`),
    truth.rows(`${path}/members?per_page=50`),
  ])
  return {
    accountTag,
    permissionGroups: permissionGroups.map(({ id }) => id),
    resourceGroups: resourceGroups.map(({ id }) => id),
    members: members.map(({ id }) => id).filter((id) => id !== excluded),
  }
}

/** Whether everything is as it was before, but for what the workers have changed. */
function compare(run: {
  readonly before: Everything
  readonly after: Everything
  readonly workers: readonly Worker[]
  readonly notMade: ReadonlyMap<string, string>
}): readonly string[] {
  const { before, after, workers, notMade } = run
  const owned = new Map(
    workers.flatMap((worker) => worker.objects()).map(({ kind, tag, state }) => [`${kind}/${tag}`, state]),
  )
  const findings: string[] = []
  for (const [key, { name, state }] of after) {
    const [kind, , tag] = key.split('/')
    const expected = before.get(key)?.state ?? owned.get(`${kind}/${tag}`)
    owned.delete(`${kind}/${tag}`)
    if (expected === undefined) findings.push(`at the end: nobody made ${name}, ${key}: ${notMade.get(name)}`)
    else if (expected !== state) findings.push(`at the end: ${name} should be ${expected}, and is ${state}`)
  }
  for (const [key, state] of owned) findings.push(`at the end: ${key} is lost, it should be ${state}`)
  for (const [key, { name }] of before)
    if (!after.has(key)) findings.push(`at the end: ${name} is gone, ${key}`)
  return findings
}

// Before that the heap is still warming up.
const memorySettlesMs = 60_000

/** Whether memory and file descriptors stay: the last quarter against the second, past what warming up takes. */
function steadiness(samples: readonly Sample[], durationMs: number): readonly string[] {
  const quarter = Math.floor(samples.length / 4)
  const early = samples.slice(quarter, 2 * quarter)
  const late = samples.slice(-quarter)
  if (quarter < 2) return []
  const memory = [early, late].map((part) => median(part.map(({ rssMebibytes }) => rssMebibytes)))
  const files = [early, late].map((part) => median(part.map(({ fileDescriptors }) => fileDescriptors)))
  const grows = ([from = 0, to = 0]: readonly number[], slack: number) => to > from * 1.3 + slack
  return [
    ...(durationMs >= memorySettlesMs && grows(memory, 80)
      ? [`memory grew from ${memory[0]} to ${memory[1]} MiB`]
      : []),
    ...(grows(files, 40) ? [`file descriptors grew from ${files[0]} to ${files[1]}`] : []),
  ]
}

function latencyOf(latenciesMs: readonly number[]): Figures['latency'] {
  const sorted = latenciesMs.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0)
  return { median: at(0.5), p99: at(0.99), longest: at(1) }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
