import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeFlags } from '../../bench/speed/node-flags.ts'
import { variableNames } from '../../src/config.ts'
import { type BuiltImage, buildImage } from '../support/build-image.ts'
import { readDockerfile } from '../support/dockerfile.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { type Program, startProgram } from '../support/program.ts'

const mostPackageBytes = 60e6
const diskBlockBytes = 4096

const description = readDockerfile()
const packageJson = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
let image: BuiltImage

beforeAll(async () => {
  image = await buildImage()
}, 120_000)
afterAll(() => image.remove())

test('a build is given what it copies, and nothing that might be secret or large', async () => {
  expect((await readdir(image.context)).toSorted()).toEqual(
    ['LICENSE', 'examples', 'package-lock.json', 'package.json', 'scripts', 'src'].concat(
      'tsconfig.build.json',
      'tsconfig.json',
    ),
  )
  expect(await readdir(join(image.context, 'scripts'))).toEqual(['bundle.mjs', 'prune-production.mjs'])
})

test('the image has what the process needs, and no more', async () => {
  expect((await readdir(image.directory)).toSorted()).toEqual(
    ['LICENSE', 'dist', 'examples', 'node_modules', 'package.json'].toSorted(),
  )
  const packages = await readdir(join(image.directory, 'node_modules'))
  for (const name of ['vitest', 'typescript', 'kubernetes-models', 'react'])
    expect(packages).not.toContain(name)
})

test('its packages take less than 60 MB on a disk, and keep their licences', async () => {
  const files = await filesBelow(join(image.directory, 'node_modules'))
  const bytes = files.reduce(
    (total, { size }) => total + Math.ceil(size / diskBlockBytes) * diskBlockBytes,
    0,
  )
  expect(bytes).toBeGreaterThan(10e6)
  expect(bytes).toBeLessThan(mostPackageBytes)
  const licences = files.filter(({ path }) => /\/licen[cs]e[^/]*$/i.test(path))
  expect(licences.length).toBeGreaterThan(50)
})

test('every stage is on one slim image of a Node.js that the project runs on', () => {
  const images = new Set(description.stages.map((stage) => stage.image))
  expect(images.size).toBe(1)
  const [, major] = /^node:(\d+)-\w+-slim$/.exec([...images][0] ?? '') ?? []
  expect(Number(major)).toBeGreaterThanOrEqual(20)
})

test('it runs as somebody who is not root, named by a number', () => {
  expect(description.user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
})

test('what is set in it are settings, and its port is the one that is exposed', () => {
  expect(variableNames).toEqual(expect.arrayContaining(Object.keys(description.env)))
  expect(description.port).toBe(description.env.PORT)
  expect(description.env.HOST).toBe('0.0.0.0')
})

test('no shell or npm is between the container and node, so that signals reach it', () => {
  expect(description.command).toEqual(['node', ...nodeFlags, 'dist/main.js'])
  expect(packageJson.scripts.start).toBe(description.command.join(' '))
  expect(description.healthCheck.slice(0, 2)).toEqual(['node', '-e'])
  expect(description.instructions).not.toContain('ENTRYPOINT')
  expect(description.instructions).not.toContain('ADD')
})

test('it is labelled with what package.json says', () => {
  const { name, version, license } = packageJson
  expect(description.labels).toMatchObject({
    'org.opencontainers.image.title': name,
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.licenses': license,
  })
})

test('it starts without a setting, answers from the sandbox, is healthy, writes no file, and ends on SIGTERM', async () => {
  const before = await filesBelow(image.directory)
  const program = start({})
  const url = await program.url()
  expect(program.lines()[0]).toMatchObject({ msg: 'listening: the sandbox is served, all data is invented' })
  const answer = await ask(url, program)
  expect(answer).toMatchObject({
    data: { account: { userGroups: { nodes: [{ name: expect.any(String) }] } } },
  })
  expect(await isHealthy(url)).toBe(true)
  program.kill('SIGTERM')
  expect(await program.exit).toEqual([0, null])
  expect(program.stderr()).toBe('')
  expect(await isHealthy(url)).toBe(false)
  expect(await filesBelow(image.directory)).toEqual(before)
})

test('everything that is loaded only when it is asked for is there, too', async () => {
  const collector = await startOtlpReceiver()
  const program = start({
    GRAPHIQL: 'true',
    INTROSPECTION: 'true',
    // Nobody listens there: it goes on with a share of its own, and says so.
    REDIS_URL: 'redis://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  })
  const url = await program.url()
  // A query that comes again is compiled.
  const first = await ask(url, program)
  expect(first).not.toHaveProperty('errors')
  expect(await ask(url, program)).toEqual(first)
  expect(await send(url, '{ _service { sdl } }')).toMatchObject({
    data: { _service: { sdl: expect.stringContaining('@link') } },
  })
  const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text()
  expect(page).toContain('GraphiQL')
  const figures = await (await fetch(new URL('/metrics', url))).text()
  expect(figures).toMatch(/^iam_gateway_rest_calls_total\{.*\} 2$/m)
  expect(figures).toMatch(/^iam_gateway_budget_shared 0$/m)
  program.kill('SIGTERM')
  expect(await program.exit).toEqual([0, null])
  expect(collector.spans().map(({ name }) => name)).toContain('GET /accounts/{account_id}/iam/user_groups')
})

test('callers can prove themselves to it', async () => {
  const program = start({ CLOUDFLARE_API_TOKEN: 'token', JWT_SECRET: 'a secret of thirty-two bytes or more' })
  const url = await program.url()
  const { status, headers } = await fetch(url, { headers: { authorization: 'Bearer none' } })
  expect(status).toBe(401)
  expect(headers.get('www-authenticate')).toContain('invalid_token')
})

/** With the image's own settings and these, on a free port of this machine alone. */
function start(env: Readonly<Record<string, string>>): Program {
  const dist = pathToFileURL(`${join(image.directory, 'dist')}/`)
  return startProgram(dist, { ...description.env, HOST: '127.0.0.1', PORT: '0', ...env })
}

async function ask(url: string, program: Program): Promise<unknown> {
  const [account] = program.stdout().match(/[0-9a-f]{32}/) ?? []
  const query = `{ account(id: "${account}") { userGroups(first: 1) { nodes { name } } } }`
  return send(url, query)
}

async function send(url: string, query: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return response.json()
}

async function isHealthy(url: string): Promise<boolean> {
  const [, ...args] = description.healthCheck
  const env = { ...description.env, PORT: new URL(url).port }
  return promisify(execFile)(process.execPath, args, { env }).then(
    () => true,
    () => false,
  )
}

async function filesBelow(path: string) {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(
    files.map(async (file) => {
      const { size, mtimeMs } = await stat(file)
      return { path: file, size, mtimeMs }
    }),
  )
}
