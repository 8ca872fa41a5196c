import { parseCommandLine, usage } from './command-line.ts'
import { startSandbox } from './server.ts'
import { welcome } from './welcome.ts'

const command = parseCommandLine(process.argv.slice(2))

if (command.kind === 'help') process.stdout.write(usage)
else if (command.kind === 'mistakes') {
  process.stderr.write(`${command.mistakes.join('\n')}\n\n${usage}`)
  process.exitCode = 2
} else {
  try {
    const sandbox = await startSandbox(command.options)
    process.stdout.write(welcome(sandbox))
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close())
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(`The sandbox cannot start on port ${command.options.port}: ${reason}\n`)
    process.exitCode = 1
  }
}
