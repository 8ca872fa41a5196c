import { parseArgs } from 'node:util'
import { figuresText } from './soak/figures.ts'
import { runSoak } from './soak/run-soak.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
if (!(minutes > 0) || !Number.isInteger(seed)) throw new Error('npm run soak -- --minutes 10 --seed 7')

process.stdout.write(`Ten credentials, random operations, random faults, for ${minutes} minutes.\n\n`)
const program = new URL('../../main.js', import.meta.url)
const figures = await runSoak({ program, durationMs: minutes * 60_000, seed })
process.stdout.write(figuresText(figures))
if (figures.findings.length > 0) process.exitCode = 1
