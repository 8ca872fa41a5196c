import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { builtBeforeAll } from '../support/build-gateway.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { type Program, startProgram } from '../support/program.ts'
import { readMetrics, type Sample, sumOf } from '../support/read-metrics.ts'

const built = builtBeforeAll()

/** Says of every file that the program loads that it does. */
const tellFiles = `--import data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module'
  register('data:text/javascript,' + encodeURIComponent(\`
    import { writeSync } from 'node:fs'
    export function load(url, context, next) {
      writeSync(1, 'loaded ' + url + '\\\\n')
      return next(url, context)
    }
  \`))
`)}`

// Of the program's files those with the SDK of OpenTelemetry in them, which a bundle gives names of its own.
async function sdkFiles(): Promise<string[]> {
  const names = (await readdir(built(), { recursive: true })).filter((name) =>
    /^(main|bundle.*)\.js$/.test(name),
  )
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, built()), 'utf8')))
  return names.filter((_, at) => texts[at]?.includes('BatchSpanProcessor'))
}

function loadedFiles(program: Program): string[] {
  const lines = program.stdout().matchAll(/^loaded (\S+)$/gm)
  return [...lines]
    .map(([, url = '']) => url)
    .filter((url) => url.startsWith(built().href))
    .map((url) => url.slice(built().href.length))
}

test.each([
  ['without an endpoint', {}],
  ['where it is turned off', { OTEL_SDK_DISABLED: 'true' }],
  ['where no exporter is wanted', { OTEL_TRACES_EXPORTER: 'none' }],
])('%s nothing of the SDK of OpenTelemetry is loaded', async (name, env) => {
  const endpoint = name === 'without an endpoint' ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }
  const program = startProgram(built(), { PORT: '0', NODE_OPTIONS: tellFiles, ...endpoint, ...env })
  await ask(await program.url())
  program.kill('SIGTERM')
  expect(await program.exit).toEqual([0, null])
  const loaded = loadedFiles(program)
  expect(loaded).toContain('main.js')
  const sdk = await sdkFiles()
  expect(sdk).not.toEqual([])
  expect(loaded.filter((name) => sdk.includes(name))).toEqual([])
})

test('what was traced until the end is sent before it', async () => {
  const receiver = await startOtlpReceiver()
  const program = startProgram(built(), {
    PORT: '0',
    NODE_OPTIONS: tellFiles,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  })
  await ask(await program.url())
  expect(receiver.requests).toEqual([])
  program.kill('SIGTERM')
  expect(await program.exit).toEqual([0, null])
  expect(loadedFiles(program)).toEqual(expect.arrayContaining(await sdkFiles()))
  expect(receiver.spans().filter(({ kind }) => kind === 'SERVER')).toHaveLength(1)
  expect(receiver.resource()).toMatchObject({ 'service.name': 'cloudflare-iam-graphql' })
})

test('a collector that never answers does not keep the process from ending', async () => {
  const receiver = await startOtlpReceiver('never')
  const program = startProgram(built(), {
    PORT: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '6000',
  })
  await ask(await program.url())
  const stoppedMs = performance.now()
  program.kill('SIGTERM')
  await program.said('"stopped"')
  expect(performance.now() - stoppedMs).toBeLessThan(9_000)
  expect(await program.exit).toEqual([0, null])
}, 30_000)

test('the figures of several workers are one sum, which does not fall when one is lost or replaced', async () => {
  const program = startProgram(built(), { PORT: '0', WORKERS: '2' })
  const url = await program.url()
  await Promise.all(Array.from({ length: 20 }, () => ask(url)))
  const before = await figures(url)
  expect(countOf(before)).toBe(20)
  expect(new Set(before.map((sample) => JSON.stringify([sample.name, sample.labels]))).size).toBe(
    before.length,
  )

  const [first] = workersOf(program)
  process.kill(Number(first), 'SIGKILL')
  await program.said('is lost')
  await Promise.all(Array.from({ length: 5 }, () => ask(url)))
  expect(countOf(await figures(url))).toBe(25)

  while (workersOf(program).length < 3) await delay(20)
  await Promise.all(Array.from({ length: 5 }, () => ask(url)))
  program.kill('SIGUSR2')
  await program.said('rolling restart done')
  const after = await figures(url)
  expect(countOf(after)).toBe(30)
  // Of those that are there now.
  expect(sumOf(after, 'process_resident_memory_bytes')).toBeLessThan(
    3 * sumOf(before, 'process_resident_memory_bytes'),
  )
  expect(sumOf(after, 'iam_gateway_http_requests_in_flight')).toBe(1)
}, 60_000)

function workersOf(program: Program): readonly unknown[] {
  return program.lines().flatMap(({ msg, worker }) => (msg === 'a worker serves' ? [worker] : []))
}

/** On a connection of its own, so that any worker may get it. */
async function ask(url: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: '{"query": "query Asked { accounts { totalCount } }"}',
  })
  expect(await response.json()).toMatchObject({ data: { accounts: { totalCount: 2 } } })
}

async function figures(url: string): Promise<readonly Sample[]> {
  const response = await fetch(new URL('/metrics', url), { headers: { connection: 'close' } })
  expect(response.status).toBe(200)
  return readMetrics(await response.text())
}

function countOf(samples: readonly Sample[]): number {
  return sumOf(samples, 'iam_gateway_operation_duration_seconds_count', {
    operation: 'Asked',
    outcome: 'success',
  })
}
