import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Contender } from './comparison.ts'
import { nodeFlags } from './node-flags.ts'
import { openApiDocuments, type PeerDocuments, tailcallDocuments } from './peer-documents.ts'
import { type ServerProcess, startProgram } from './processes.ts'
import { queryNamed } from './queries.ts'

// From the directory that npm runs scripts in.
const folder = resolve('bench/peers')
const packages = join(folder, 'node_modules')

/** What the peers are configured for. */
export const peerQueries: readonly string[] = ['typename', 'flat', 'nested', 'fan-out']

type Start = (upstreamUrl: string, directory: string) => Promise<ServerProcess>
type Peer = Pick<Contender, 'name'> & {
  readonly start: Start
  /** Where its schema is not ours. */
  readonly own?: PeerDocuments
}

const peers: readonly Peer[] = [
  { name: 'Apollo Server', start: startFramework('apollo-server.mjs') },
  { name: 'mercurius, jit', start: startFramework('mercurius.mjs') },
  { name: 'Tailcall', start: startTailcall, own: tailcallDocuments },
  { name: 'Grafbase', start: startGrafbase, own: openApiDocuments(camelCase) },
  { name: 'Hive Gateway, Mesh', start: startHive, own: openApiDocuments((name) => name) },
]

/**
 * Starts what `npm ci --prefix bench/peers` installed, each configured for the same queries over the same upstream. What
 * cannot start on this machine is named in `absent`, with the reason.
 */
export async function startPeers(upstreamUrl: string): Promise<{
  readonly contenders: readonly Contender[]
  readonly absent: readonly string[]
}> {
  const contenders: Contender[] = []
  const absent: string[] = []
  for (const { name, start, own } of peers) {
    const directory = await mkdtemp(join(tmpdir(), 'peer-'))
    try {
      const server = await start(upstreamUrl, directory)
      const path = '/graphql'
      contenders.push({
        ...server,
        name,
        hasOwnSchema: own !== undefined,
        async stop() {
          await server.stop()
          await rm(directory, { recursive: true })
        },
        requestFor: (query, tags) => {
          if (!peerQueries.includes(query.name)) return undefined
          const document = own === undefined ? query.document : own.documents[query.name]
          const variables = (own ?? queryNamed(query.name)).variables(tags)
          return document === undefined
            ? undefined
            : { path, body: JSON.stringify({ query: document, variables }) }
        },
      })
    } catch (error) {
      await rm(directory, { recursive: true })
      absent.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : error}`)
    }
  }
  return { contenders, absent }
}

function startFramework(program: string): Start {
  return (upstreamUrl) =>
    startProgram(process.execPath, [...nodeFlags, join(folder, program)], {
      env: { CLOUDFLARE_BASE_URL: upstreamUrl },
    })
}

/** `TAILCALL` names another program than the one from npm, which needs glibc 2.39. */
async function startTailcall(upstreamUrl: string, directory: string): Promise<ServerProcess> {
  const port = await freePort()
  const config = join(directory, 'tailcall.graphql')
  const template = await readFile(join(folder, 'tailcall.graphql'), 'utf8')
  await writeFile(config, template.replace('port: 0', `port: ${port}`))
  const program = process.env.TAILCALL ?? join(packages, '@tailcallhq/core-linux-x64-gnu/bin/tailcall')
  return startProgram(program, ['start', config], {
    env: { CLOUDFLARE_BASE_URL: upstreamUrl, TAILCALL_TRACKER: 'false' },
    url: `http://127.0.0.1:${port}`,
  })
}

async function startGrafbase(upstreamUrl: string, directory: string): Promise<ServerProcess> {
  const port = await freePort()
  await mkdir(join(directory, 'grafbase'))
  await writeFile(
    join(directory, 'grafbase', 'schema.graphql'),
    await readFile(join(folder, 'grafbase.graphql'), 'utf8'),
  )
  const program = join(packages, '@grafbase/cli-x86_64-unknown-linux-musl/grafbase')
  const flags = ['--home', join(directory, 'home'), 'start', '--listen-address', `127.0.0.1:${port}`]
  const openApi = await serveOpenApi()
  try {
    return await startProgram(program, flags, {
      env: { CLOUDFLARE_BASE_URL: upstreamUrl, OPENAPI_URL: openApi.url },
      cwd: directory,
      url: `http://127.0.0.1:${port}`,
    })
  } finally {
    openApi.close()
  }
}

async function startHive(upstreamUrl: string, directory: string): Promise<ServerProcess> {
  const port = await freePort()
  const supergraph = join(directory, 'supergraph.graphql')
  const compose = ['-c', 'mesh.config.mjs', '-o', supergraph]
  await promisify(execFile)(join(packages, '.bin', 'mesh-compose'), compose, {
    cwd: folder,
    env: { PATH: process.env.PATH, CLOUDFLARE_BASE_URL: upstreamUrl },
  })
  const flags = ['supergraph', supergraph, '--host', '127.0.0.1', '--port', String(port), '--fork', '1']
  return startProgram(
    process.execPath,
    [...nodeFlags, join(packages, '@graphql-hive/gateway/dist/bin.js'), ...flags],
    {
      env: {},
      cwd: directory,
      url: `http://127.0.0.1:${port}`,
    },
  )
}

/** Grafbase reads an OpenAPI file over HTTP, when it starts. */
async function serveOpenApi(): Promise<{ readonly url: string; close(): void }> {
  const text = await readFile(join(folder, 'openapi.json'), 'utf8')
  const server = createHttpServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/openapi.json`, close: () => server.close() }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase())
}
