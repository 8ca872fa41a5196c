import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { onTestFinished } from 'vitest'

const program = process.env.REDIS_SERVER_PATH ?? '/usr/bin/redis-server'

export type RedisServer = {
  readonly url: string
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>
  /** Makes it stop answering without closing anything, until `thaw`. */
  freeze(): void
  thaw(): void
  /** Starts it anew at the same place, with nothing in it. */
  restart(): Promise<void>
}

/** A Redis of the running test's own, which keeps nothing on disk; ends with the test. Where there is none to start the test is skipped with a note; in CI it fails. */
export async function startRedisServer(skip: (note: string) => void): Promise<RedisServer> {
  if (process.env.CI !== 'true' && !existsSync(program))
    skip(`there is no ${program}: apt-get install redis-server`)
  const port = await freePort()
  let child = await start(port)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  onTestFinished(kill)
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    async restart() {
      await kill()
      child = await start(port)
    },
  }
}

async function start(port: number): Promise<ChildProcess> {
  const child = spawn(
    program,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exit = once(child, 'exit')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  while (!said.includes('Ready to accept connections')) {
    await Promise.race([
      once(child.stdout, 'data'),
      exit.then(([code]) => {
        throw new Error(`${program} ended with ${code}: ${said}`)
      }),
    ])
  }
  return child
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
