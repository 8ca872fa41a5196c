import { expect, test } from 'vitest'
import { parseCommandLine } from '../../src/sandbox/command-line.ts'
import { welcome } from '../../src/sandbox/welcome.ts'
import { startRest } from './support/rest.ts'

test('without flags it listens on 4010', () => {
  expect(parseCommandLine([])).toMatchObject({ kind: 'start', options: { port: 4010 } })
})

test('the flags become options', () => {
  const flags =
    '--port 0 --host 0.0.0.0 --user-groups 10000 --members=0 --latency-ms 25 --quirks-off nullLists,retryAfter --quirks-on totalPages'
  expect(parseCommandLine(flags.split(' '))).toEqual({
    kind: 'start',
    options: {
      host: '0.0.0.0',
      port: 0,
      seed: { userGroups: 10_000, members: 0 },
      latencyMs: 25,
      quirks: { nullLists: false, retryAfter: false, totalPages: true },
    },
  })
})

test('help is help, whatever else is said', () => {
  expect(parseCommandLine(['--help', '--port', '1'])).toEqual({ kind: 'help' })
})

test('all mistakes in values are told at once', () => {
  const command = parseCommandLine([
    ...['--port', '70000', '--user-groups', 'many', '--members=-1', '--latency-ms', '1.5'],
    ...['--quirks-off', 'nullLists,nonsense'],
  ])
  expect(command.kind).toBe('mistakes')
  const mistakes = command.kind === 'mistakes' ? command.mistakes : []
  expect(mistakes).toHaveLength(5)
  for (const flag of ['--port', '--user-groups', '--members', '--latency-ms', '--quirks-off'])
    expect(mistakes.join('\n')).toContain(flag)
  expect(mistakes.join('\n')).toContain('"nonsense"')
  expect(mistakes.join('\n')).toContain('"many"')
})

test.each([['--ports', '1'], ['extra'], ['--port']])('a flag that is none is a mistake: %s', (...flags) => {
  const command = parseCommandLine(flags)
  expect(command.kind).toBe('mistakes')
  expect(command.kind === 'mistakes' && command.mistakes[0]).toContain(flags[0])
})

test('the welcome names the address, the accounts and the ways to steer it', async () => {
  const { sandbox } = await startRest()
  const text = welcome(sandbox)
  for (const part of [
    `curl ${sandbox.url}/accounts/${sandbox.accountTag}/iam/user_groups`,
    `baseURL: '${sandbox.url}'`,
    `${sandbox.controlUrl}/faults`,
    `${sandbox.controlUrl}/requests`,
    `${sandbox.controlUrl}/reset`,
    'invalid-token',
    'cfat_',
    sandbox.landmarks.otherAccount,
  ])
    expect(text).toContain(part)
})

test('the fault that the welcome shows is understood', async () => {
  const { sandbox, control } = await startRest()
  const [, body = ''] = /\/faults -d '(.*)'/.exec(welcome(sandbox)) ?? []
  expect((await control('POST', '/faults', body)).status).toBe(200)
})
