import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The compiled program while it runs. */
export type Program = {
  /** Its code and signal, once it has ended and every process that it started, too. */
  readonly exit: Promise<readonly unknown[]>
  stdout(): string
  stderr(): string
  kill(signal: NodeJS.Signals): void
  /** Waits until its output matches. */
  said(text: string | RegExp): Promise<RegExpMatchArray>
  /** Of GraphQL, once it listens. */
  url(): Promise<string>
  /** Log lines so far, parsed; text between them is left out. */
  lines(): readonly Readonly<Record<string, unknown>>[]
}

/** Runs what `buildGateway` compiled with these variables alone, and flags of Node.js, until the test ends. */
export function startProgram(
  directory: URL,
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Program {
  const child = spawn(process.execPath, [...flags, fileURLToPath(new URL('main.js', directory))], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exit
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const ended = exit.then(() => {
    throw new Error(`The program ended: ${stdout}${stderr}`)
  })
  ended.catch(() => {})
  const said = async (text: string | RegExp) => {
    for (;;) {
      const match = stdout.match(text)
      if (match !== null) return match
      await Promise.race([once(child.stdout, 'data'), ended])
    }
  }
  return {
    exit,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
    said,
    url: async () => (await said(/http:\/\/127\.0\.0\.1:\d+\/graphql/))[0],
    lines: () =>
      stdout
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
  }
}
