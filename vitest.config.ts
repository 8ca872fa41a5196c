import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { createTotalsReporter } from './test/support/totals-reporter.ts'

export default defineConfig({
  // The file that Node itself takes: the bundler's choice would be a second copy beside the one of the libraries.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    // Most tests take milliseconds; what starts a browser or a compiler says so itself.
    testTimeout: 20_000,
    // Much of the time a test waits for another process: even two cores take two files at once.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Loading the gateway and its libraries anew took each file a second, more than most of their tests. What a file
    // leaves in a module for the next to stumble over would be a fault of the gateway, which lives long, as well.
    isolate: false,
    setupFiles: ['test/support/seed-properties.ts'],
    reporters: ['default', createTotalsReporter()],
  },
})
