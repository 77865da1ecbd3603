import { defineConfig } from 'vitest/config'
import { longestFirst } from '../../test/lib/longest-first.ts'

export default defineConfig({
  resolve: { conditions: ['dchat-source'] },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../test/lib/property-seed.ts'],
    // Without a number, a machine of two cores would run one file at a time.
    maxWorkers: 2,
    // To load the relay anew takes longer than most files do: they leave nothing behind.
    isolate: false,
    sequence: { sequencer: longestFirst(['link/hostile', '/process']) },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 90_000 } },
  },
})
