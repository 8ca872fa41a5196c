import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** A gateway that runs as a process of its own. */
export type GatewayProcess = {
  readonly url: string
  /** Complaints so far: of level error, on standard error, a secret in a line, an end that nobody asked for. */
  complaints(): readonly string[]
  /** Resolves once the request with this id is over, or, where it never arrived, after three seconds. */
  isOver(requestId: string): Promise<void>
  /** Lines logged so far. */
  logLines(): number
  /** What it holds at the moment; undefined where the system does not tell. */
  sample(): Promise<Sample | undefined>
  /** Ends it as an operator does; rejects where it does not end within five seconds. */
  stop(): Promise<void>
}

export type Sample = { readonly rssMebibytes: number; readonly fileDescriptors: number }

/** Starts `main.js` of a compiled gateway; `mark` is part of every secret and of nothing else. */
export async function startGatewayProcess(options: {
  readonly program: URL
  readonly env: Readonly<Record<string, string>>
  readonly mark: string
}): Promise<GatewayProcess> {
  const { program, env, mark } = options
  // With a small heap a leak ends the process, and garbage does not pass for one.
  const child = spawn(process.execPath, ['--max-old-space-size=192', fileURLToPath(program)], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const complaints: string[] = []
  let lines = 0
  let stopping = false
  let told = ''
  const over = new Set<string>()
  const overNow = new EventEmitter().setMaxListeners(0)
  child.stderr.on('data', (chunk) => complaints.push(`standard error: ${chunk}`))
  child.on('exit', (code, signal) => {
    if (!stopping || code !== 0) complaints.push(`it ended with ${code ?? signal}`)
  })
  const url = new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`The gateway did not start: ${complaints.join('\n')}`)))
    child.stdout.on('data', (chunk) => {
      const parts = (told + chunk).split('\n')
      told = parts.pop() ?? ''
      for (const line of parts) {
        lines += 1
        if (line.includes(mark)) complaints.push(`a secret in the log: ${line}`)
        const { level, msg, url: listening, requestId } = JSON.parse(line)
        if (level >= 50) complaints.push(`logged as an error: ${line}`)
        if (msg === 'listening') resolve(listening)
        if (msg !== 'request') continue
        over.add(requestId)
        overNow.emit(requestId)
      }
    })
  })
  return {
    url: await url,
    complaints: () => complaints,
    async isOver(requestId) {
      if (over.has(requestId)) return
      await once(overNow, requestId, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
    },
    logLines: () => lines,
    sample: () => sampleOf(child),
    async stop() {
      stopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(late)
    },
  }
}

/** From `/proc`, which Linux has. */
async function sampleOf({ pid }: ChildProcess): Promise<Sample | undefined> {
  try {
    const [status, descriptors] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readdir(`/proc/${pid}/fd`),
    ])
    const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])
    return { rssMebibytes: Math.round(kibibytes / 1024), fileDescriptors: descriptors.length }
  } catch {
    return undefined
  }
}
