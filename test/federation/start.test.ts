import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type BuiltGateway, buildGateway } from '../support/build-gateway.ts'
import { asking } from './support/routers.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
let built: BuiltGateway

beforeAll(async () => {
  built = await buildGateway()
  const compiler = [`${root}node_modules/typescript/bin/tsc`, '-p', 'examples/federation', '--noCheck']
  const outDir = fileURLToPath(new URL('federation/', built.directory))
  await promisify(execFile)(process.execPath, [...compiler, '--outDir', outDir], { cwd: root })
}, 60_000)

afterAll(() => built.remove())

test('the supergraph starts with one command, says where it is, answers its own queries, and ends when told', async () => {
  const { child, output, said } = start({ PORT: '0' })
  await said('nodes { email status department')
  const [url = ''] = /http:\S+/.exec(output()) ?? []
  const [, document = ''] = /# Which user groups a department is in\n(.*?)\n\n/s.exec(output()) ?? []
  const { data, errors } = await asking(url).query(document, {}, {})
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    department: {
      head: { displayName: 'Grace Castellanos', email: 'grace.castellanos@quayline.example' },
    },
  })
  const page = await fetch(url, { headers: { accept: 'text/html' } })
  expect(await page.text()).not.toMatch(/<(script|link|img)[^>]*(src|href)="?https?:/)
  const subgraphs = [...output().matchAll(/(?:iam|directory) +(http:\S+)/g)].map(([, subgraph]) => subgraph)
  expect(subgraphs).toHaveLength(2)
  const ended = once(child, 'close')
  child.kill()
  expect(await ended).toEqual([0, null])
  for (const subgraph of subgraphs) await expect(fetch(String(subgraph))).rejects.toThrow('fetch failed')
}, 60_000)

test('a port that is taken is said to be, and nothing is left running', async () => {
  const other = createServer()
  await once(other.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(async () => {
    other.close()
  })
  const { port } = Object(other.address())
  const { child, output } = start({ PORT: String(port) })
  // Its output ends when the gateway, which has it too, has ended.
  expect(await once(child, 'close')).toEqual([1, null])
  expect(output()).toContain(
    `The supergraph stopped: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
  )
}, 60_000)

function start(env: Readonly<Record<string, string>>) {
  const program = fileURLToPath(new URL('federation/start.js', built.directory))
  const child = spawn(process.execPath, [program], { env: { ...process.env, ...env } })
  let text = ''
  let noticed = () => {}
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
      noticed()
    })
  child.once('close', () => noticed())
  const said = (words: string) =>
    new Promise<void>((resolve, reject) => {
      noticed = () => {
        if (text.includes(words)) resolve()
        else if (child.exitCode !== null) reject(new Error(text))
      }
      noticed()
    })
  onTestFinished(() => {
    child.kill()
  })
  return { child, output: () => text, said }
}
