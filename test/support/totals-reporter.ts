import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with one line for machines: `12 passed, 0 failed`, with `, 1 skipped` where some were. */
export function createTotalsReporter(): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const states = modules.flatMap(statesOf)
      const count = (state: string) => states.filter((one) => one === state).length
      const skipped = count('skipped')
      const totals = [`${count('passed')} passed`, `${count('failed') + unhandledErrors.length} failed`]
      process.stdout.write(`${[...totals, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ')}\n`)
    },
  }
}

/** A state for each test; a file that could not be loaded has no tests, and counts as one that failed. */
function statesOf(module: TestModule): readonly string[] {
  const states = [...module.children.allTests()].map((test) => test.result().state)
  return module.errors().length > 0 ? [...states, 'failed'] : states
}
