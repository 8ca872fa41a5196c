import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { variableNames } from '../src/config.ts'
import { buildGateway } from './support/build-gateway.ts'

/** Lowest first: a file imports from its own room and from rooms before it. */
const rooms = [
  'credentials',
  'caller',
  'config',
  'cloudflare',
  'shared-budget',
  'paging',
  'cost',
  'telemetry',
  'context',
  'loaders',
  'schema',
  'plugins',
  'app',
  'listen',
  'start-gateway',
  'processes',
  'main',
  'scripts',
]

/** The same inside `schema/`: a type hangs its fields on those before it, which never learn of it. */
const types = [
  'account',
  'permission-group',
  'resource-group',
  'policy',
  'user-group',
  'member',
  'sso-connector',
  'schema',
]

/** Where a package may be imported; the others may be imported anywhere. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  undici: ['cloudflare'],
  dataloader: ['loaders'],
  hono: ['sandbox'],
  '@hono/node-server': ['sandbox'],
  'graphql-yoga': ['plugins', 'app'],
  '@pothos/core': ['schema'],
  ioredis: ['shared-budget'],
  pino: ['telemetry', 'context', 'plugins', 'app', 'start-gateway', 'processes', 'main'],
  jose: ['caller'],
  'prom-client': ['telemetry'],
  '@opentelemetry/api': ['telemetry', 'plugins'],
  '@opentelemetry/sdk-trace-base': ['telemetry'],
  graphql: ['cost', 'loaders', 'schema', 'plugins', 'app'],
}

const sourceDirectory = fileURLToPath(new URL('../src/', import.meta.url))
const files = readdirSync(sourceDirectory, { encoding: 'utf8', recursive: true })
  .filter((file) => file.endsWith('.ts'))
  .sort()
/** They run when they are loaded, and nothing imports them; `main.ts` is one only where it is started. */
const programs = files.filter((file) => file === 'sandbox/main.ts' || file.startsWith('scripts/'))
const sources = new Map(files.map((file) => [file, readFileSync(`${sourceDirectory}${file}`, 'utf8')]))
const imports = [...sources].flatMap(([file, source]) =>
  [
    ...source.matchAll(
      /^(?:import|export) (type )?(?:[\w*{][^'=;()]*? from )?'([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map(([, typeOnly, written = '', awaited = '']) => {
    const name = written || awaited
    const isFile = name.startsWith('.')
    const to = isFile ? posix.join(posix.dirname(file), name) : name
    return { from: file, to, isFile, typeOnly: typeOnly !== undefined }
  }),
)
const arrows = imports.filter(({ isFile }) => isFile)

test('every imported file is there, and named with its ending', () => {
  expect(arrows.length).toBeGreaterThan(files.length)
  expect(arrows.filter(({ to }) => !sources.has(to))).toEqual([])
})

test('arrows between rooms point down', () => {
  const house = arrows.filter(({ from, to }) => ![roomOf(from), roomOf(to)].includes('sandbox'))
  expect([...new Set(house.map(({ from }) => roomOf(from)))].filter((room) => !rooms.includes(room))).toEqual(
    [],
  )
  expect(house.filter(({ from, to }) => rooms.indexOf(roomOf(to)) > rooms.indexOf(roomOf(from)))).toEqual([])
})

test('arrows between the types of the schema point down', () => {
  const rank = (file: string) =>
    types.indexOf(file.replace(/^schema\/(.+?)(\/.+)?\.ts$/, '$1').replace('.ts', ''))
  const inside = arrows.filter(({ from, to }) => [from, to].every((file) => roomOf(file) === 'schema'))
  const upwards = inside.filter(({ from, to }) => rank(from) >= 0 && rank(to) > rank(from))
  expect(upwards).toEqual([])
})

test('no file needs itself by way of others when it is loaded', () => {
  const done = new Set<string>()
  const cycles: string[][] = []
  const visit = (file: string, trail: readonly string[]) => {
    if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file])
    if (done.has(file) || trail.includes(file)) return
    for (const { to } of arrows.filter(({ from, typeOnly }) => from === file && !typeOnly))
      visit(to, [...trail, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  expect(cycles).toEqual([])
})

test('the sandbox is an island, and only the program starts it', () => {
  expect(arrows.filter(({ from, to }) => roomOf(from) === 'sandbox' && roomOf(to) !== 'sandbox')).toEqual([])
  expect(arrows.filter(({ from, to }) => roomOf(to) === 'sandbox' && roomOf(from) !== 'sandbox')).toEqual([
    { from: 'main.ts', to: 'sandbox/server.ts', isFile: true, typeOnly: false },
  ])
  expect(sources.get('main.ts')).toContain("await import('./sandbox/server.ts')")
})

test('packages stay in their rooms', () => {
  const strays = imports.filter(({ from, to }) => {
    const allowed = packageRooms[to]
    return allowed !== undefined && roomOf(from) !== 'sandbox' && !allowed.includes(roomOf(from))
  })
  expect(strays).toEqual([])
})

test('only programs touch the process, and only config knows variables', () => {
  const touching = filesWith(/\bprocess\.\w|'node:process'/)
  expect(touching.filter((file) => file !== 'main.ts' && !programs.includes(file))).toEqual([])
  const names = variableNames.filter((name) => name.includes('_'))
  const knowing = filesWith(new RegExp(`\\b(${names.join('|')})\\b`))
  expect(knowing.filter((file) => roomOf(file) !== 'config')).toEqual([])
  expect(knowing).toContain('config.ts')
})

test('only the REST room and the sandbox know how the upstream pages', () => {
  const rest = filesWith(/\bper_page\??:|\.result_info\b/).filter(
    (file) => !/^(cloudflare|sandbox)\//.test(file),
  )
  expect(rest).toEqual([])
})

test('importing any module opens nothing, prints nothing, and lets the process end', async () => {
  const built = await buildGateway()
  onTestFinished(built.remove)
  const modules = files.filter((file) => !programs.includes(file)).map((file) => file.replace(/\.ts$/, '.js'))
  const script = `
    for (const name of ${JSON.stringify(modules)}) await import(new URL(name, ${JSON.stringify(built.directory.href)}))
    await new Promise(setImmediate)
    const open = process.getActiveResourcesInfo().filter((name) => !['PipeWrap', 'TTYWrap', 'Immediate'].includes(name))
    if (open.length > 0) console.log('still open', open)
    for (const signal of ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection'])
      if (process.listenerCount(signal) > 0) console.log('listens to', signal)
  `
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { timeout: 60_000 },
  )
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
}, 90_000)

function roomOf(file: string): string {
  return file.split('/')[0]?.replace(/\.ts$/, '') ?? ''
}

function filesWith(pattern: RegExp): readonly string[] {
  return files.filter((file) => pattern.test(sources.get(file) ?? ''))
}
