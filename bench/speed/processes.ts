import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Load, LoadFigures } from './load.ts'
import { nodeFlags } from './node-flags.ts'
import type { UpstreamOrder } from './upstream-process.ts'

/** A server under test, in a process of its own. */
export type ServerProcess = { readonly url: string; readonly pid: number; stop(): Promise<void> }

/** The fixed upstream in a process of its own. */
export type UpstreamProcess = ServerProcess & {
  readonly accountTag: string
  /** REST calls since this was asked last. */
  takeCalls(): Promise<number>
  /** From now on every answer waits so long. */
  delay(delayMs: number): Promise<void>
}

/** What sends requests, in a process of its own. */
export type LoadProcess = { generate(load: Load): Promise<LoadFigures>; stop(): Promise<void> }

/** An upstream with so many user groups and members in its account. */
export async function startUpstreamProcess(
  size: { readonly userGroups?: number; readonly members?: number } = {},
): Promise<UpstreamProcess> {
  const { userGroups = 60, members = 300 } = size
  const child = forkBeside('./upstream-process.js', [String(userGroups), String(members)])
  const { url, accountTag } = await messageOf<{ url: string; accountTag: string }>(child)
  const order = async (message: UpstreamOrder): Promise<number> => {
    const told = messageOf<{ calls: number }>(child)
    child.send(message)
    return (await told).calls
  }
  return {
    ...served(child, url),
    accountTag,
    takeCalls: () => order({ takeCalls: true }),
    async delay(delayMs) {
      await order({ delayMs })
    },
  }
}

/** The hand-written endpoints over an upstream. */
export async function startBffProcess(upstreamUrl: string): Promise<ServerProcess> {
  const child = forkBeside('./bff-process.js', [upstreamUrl], nodeFlags)
  const { url } = await messageOf<{ url: string }>(child)
  return served(child, url)
}

/** The gateway as `npm run build` makes it and as it runs in production, over an upstream; `env` is added to its environment. */
export function startGatewayProcess(
  upstreamUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const program = fileURLToPath(new URL('../../../main.js', import.meta.url))
  return startProgram(process.execPath, [...nodeFlags, program], {
    env: { CLOUDFLARE_BASE_URL: upstreamUrl, ...env },
  })
}

/** What a program is started with. */
export type ProgramOptions = {
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Where it will listen; without it, it says so itself in a line of JSON, as the gateway does. */
  readonly url?: string
}

/** Starts a server. Rejects where it ends, or where `url` answers nothing for half a minute. */
export async function startProgram(
  command: string,
  flags: readonly string[],
  { env, cwd, url }: ProgramOptions,
): Promise<ServerProcess> {
  const child = endedWithThis(
    spawn(command, flags, {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: '0', ...env },
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
  try {
    await once(child, 'spawn')
    return served(child, await (url === undefined ? listeningUrl(child) : answeringUrl(child, url)))
  } catch (error) {
    await stop(child)
    throw error
  }
}

/** A generator of load. */
export async function startLoadProcess(): Promise<LoadProcess> {
  const child = forkBeside('./load-process.js', [])
  await messageOf(child)
  return {
    async generate(load) {
      const told = messageOf<{ figures: LoadFigures } | { problem: string }>(child)
      child.send(load)
      const answer = await told
      if ('problem' in answer) throw new Error(answer.problem)
      return answer.figures
    },
    stop: () => stop(child),
  }
}

function forkBeside(program: string, args: readonly string[], flags: readonly string[] = []): ChildProcess {
  return endedWithThis(
    fork(fileURLToPath(new URL(program, import.meta.url)), [...args], {
      execArgv: [...flags],
      env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    }),
  )
}

// A measurement that fails leaves no server behind.
function endedWithThis(child: ChildProcess): ChildProcess {
  const end = () => child.kill()
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  return child
}

async function messageOf<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController()
  const end = () => ended.abort(new Error(`${child.spawnargs.slice(0, 2).join(' ')} ended`))
  child.once('exit', end)
  const [message] = await once(child, 'message', { signal: ended.signal })
  child.off('exit', end)
  return message as Message
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let told = ''
    child.once('exit', (code) =>
      reject(new Error(`${child.spawnargs.join(' ')} did not start: ${code}\n${told}`)),
    )
    child.stdout?.on('data', function listen(chunk) {
      told += chunk
      const [, url] = /"url":"([^"]+)".*"msg":"listening/.exec(told) ?? []
      if (url === undefined) return
      // From here on its log is read as a container's would be, and not looked at.
      child.stdout?.off('data', listen).resume()
      resolve(new URL(url).origin)
    })
  })
}

async function answeringUrl(child: ChildProcess, url: string): Promise<string> {
  // Its log is read as a container's would be, and not looked at.
  child.stdout?.resume()
  for (let tries = 0; tries < 100 && child.exitCode === null; tries += 1) {
    const isThere = await fetch(url).then(
      (response) => response.body?.cancel().then(() => true),
      () => false,
    )
    if (isThere) return url
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  throw new Error(`${child.spawnargs[0]} does not answer`)
}

function served(child: ChildProcess, url: string): ServerProcess {
  return { url, pid: child.pid ?? 0, stop: () => stop(child) }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
