// Builds the page, starts the gateway with its sandbox, and serves the page before it. Plain JavaScript, so that it needs no TypeScript runner.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'

const port = process.env.PORT ?? '4000'
const gatewayUrl = `http://127.0.0.1:${port}`
const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const configFile = fileURLToPath(new URL('vite.config.ts', import.meta.url))

// Vite sets NODE_ENV for the whole process, and a gateway in production wants to be told what to serve.
const environment = { ...process.env }
await build({ configFile, logLevel: 'warn' })

// In a process group of its own, so that Ctrl+C reaches it once, from here: a second signal would end it in the middle of its work.
const gateway = spawn(process.execPath, [program], {
  detached: true,
  env: { ...environment, HOST: '127.0.0.1', PORT: port },
  stdio: 'inherit',
})
const ended = once(gateway, 'exit')
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => gateway.kill('SIGTERM'))
process.once('exit', () => gateway.kill('SIGTERM'))

if (await isReady()) {
  const page = await preview({
    configFile,
    preview: { host: '127.0.0.1', proxy: { '/graphql': gatewayUrl } },
  })
  process.stdout.write(`  Console   ${page.resolvedUrls?.local[0]}\n\n`)
  await ended
  await page.close()
}
process.exitCode = gateway.exitCode ?? 1

/** False where the gateway has ended, which says itself why. */
async function isReady() {
  while (gateway.exitCode === null && gateway.signalCode === null) {
    const answer = await fetch(`${gatewayUrl}/ready`).catch(() => undefined)
    if (answer?.ok) return true
    await delay(50)
  }
  return false
}
