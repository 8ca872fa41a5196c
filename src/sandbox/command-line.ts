import { parseArgs } from 'node:util'
import { isQuirkName, type QuirkName, quirkNames } from './quirks.ts'
import type { SandboxOptions } from './server.ts'

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'start'; readonly options: SandboxOptions }
  | { readonly kind: 'help' }
  /** Every mistake at once, one line each. */
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] }

/** Where `npm run sandbox` listens unless told otherwise. */
const defaultPort = 4010

export const usage = `npm run sandbox -- [options]

  --port N            where to listen; 0 takes any free port        (${defaultPort})
  --host NAME         the address of it; 0.0.0.0 is every one       (127.0.0.1)
  --user-groups N     how many user groups the company has          (40)
  --members N         how many members it has                       (300)
  --latency-ms N      wait before every answer, in milliseconds     (0)
  --quirks-off A,B    switch quirks off; GET /__sandbox lists them
  --quirks-on A,B     switch on those that are off
  --help              this text
`

/** Reads the flags of `npm run sandbox`. */
export function parseCommandLine(flags: readonly string[]): Command {
  const mistakes: string[] = []
  const values = readFlags(flags, mistakes)
  if (values.help === true) return { kind: 'help' }

  const count = (name: string, text: string | undefined, max: number) => {
    if (text === undefined) return undefined
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value <= max) return value
    mistakes.push(`--${name} must be a whole number from 0 to ${max}, not "${text}"`)
    return undefined
  }
  const options: SandboxOptions = {
    ...(values.host !== undefined && { host: values.host }),
    port: count('port', values.port, 65_535) ?? defaultPort,
    seed: {
      userGroups: count('user-groups', values['user-groups'], 1_000_000),
      members: count('members', values.members, 1_000_000),
    },
    latencyMs: count('latency-ms', values['latency-ms'], 600_000),
    quirks: {
      ...Object.fromEntries(
        readQuirks('quirks-off', values['quirks-off'], mistakes).map((name) => [name, false]),
      ),
      ...Object.fromEntries(
        readQuirks('quirks-on', values['quirks-on'], mistakes).map((name) => [name, true]),
      ),
    },
  }
  return mistakes.length > 0 ? { kind: 'mistakes', mistakes } : { kind: 'start', options }
}

const flagTable = {
  host: { type: 'string' },
  port: { type: 'string' },
  'user-groups': { type: 'string' },
  members: { type: 'string' },
  'latency-ms': { type: 'string' },
  'quirks-off': { type: 'string' },
  'quirks-on': { type: 'string' },
  help: { type: 'boolean' },
} as const

function readFlags(flags: readonly string[], mistakes: string[]) {
  try {
    return parseArgs({ args: [...flags], options: flagTable, strict: true }).values
  } catch (error) {
    mistakes.push(error instanceof Error ? error.message : String(error))
    return {}
  }
}

function readQuirks(flag: string, text: string | undefined, mistakes: string[]): readonly QuirkName[] {
  const names = (text ?? '').split(',').flatMap((name) => name.trim() || [])
  for (const name of names)
    if (!isQuirkName(name))
      mistakes.push(`--${flag}: there is no quirk "${name}"; there are ${quirkNames.join(', ')}`)
  return names.filter(isQuirkName)
}
