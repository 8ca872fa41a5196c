import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** A gateway in a process of its own, as it runs beside a router. */
export type GatewayProcess = {
  /** Of its GraphQL endpoint. */
  readonly url: string
  /** Settles when the process has ended, whoever ended it. */
  readonly ended: Promise<unknown>
  /** Ends it, after what is in flight. */
  stop(): void
}

/**
 * Starts a built gateway on a free port, with the settings of this process otherwise: they decide whether it serves the sandbox.
 * @throws Error where it ends instead of listening; it has said why on stderr.
 */
export async function startGatewayProcess(program: URL): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [fileURLToPath(program)], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const url = await Promise.race([urlIn(child.stdout), ended.then(() => undefined)])
  if (url === undefined) throw new Error('the gateway ended before it listened')
  return { url, ended, stop: () => child.kill() }
}

/** The first GraphQL endpoint in a text; all of it is read, so that whoever writes it can go on. */
function urlIn(output: Readable): Promise<string> {
  return new Promise((resolve) => {
    createInterface(output).on('line', (line) => {
      const [url] = /http:\/\/[^\s"]+\/graphql/.exec(line) ?? []
      if (url !== undefined) resolve(url)
    })
  })
}
