import { expect, onTestFinished, test } from 'vitest'
import { figuresText } from '../bench/soak/figures.ts'
import { runSoak } from '../bench/soak/run-soak.ts'
import { buildGateway } from './support/build-gateway.ts'

// Twenty seconds find what is lost or doubled, two minutes tell of memory too. `npm run soak -- --minutes 10` is the long one.
const durationMs = process.env.CI === 'true' ? 120_000 : 20_000

test(
  'under random operations and faults nothing is lost, doubled, leaked or left open',
  async () => {
    const { directory, remove } = await buildGateway()
    onTestFinished(remove)
    const seed = Math.floor(Math.random() * 2 ** 31)
    const figures = await runSoak({ program: new URL('main.js', directory), durationMs, seed })
    expect(figures.findings, figuresText(figures)).toEqual([])
    // It was no idle time.
    expect(figures.writes.done).toBeGreaterThan(100)
    expect(figures.writes.uncertainDone).toBeGreaterThan(3)
    expect(figures.comparisons).toBeGreaterThan(100)
    expect(figures.faultyCalls).toBeGreaterThan(100)
  },
  2 * durationMs + 60_000,
)
