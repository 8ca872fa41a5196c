import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'

/** When and on what a measurement ran, in one sentence each; versions of what matters most. */
export function machineText(): string {
  const cores = cpus()
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const versions = ['graphql', 'graphql-yoga', 'undici'].map((name) => `${name} ${versionOf(name)}`)
  return [
    `${new Date().toISOString().slice(0, 10)}, Node.js ${process.versions.node}, ${versions.join(', ')}.`,
    `${cores.length} cores (${cores[0]?.model.trim()}), ${gibibytes} GiB, shared by the server, the upstream and the load;`,
    `load average at the end ${loadavg()[0]?.toFixed(1)}.`,
  ].join(' ')
}

// From the directory that npm runs scripts in.
function versionOf(name: string): string {
  return JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version
}
