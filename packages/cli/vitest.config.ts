import { defineConfig } from 'vitest/config'
import { longestFirst } from '../../test/lib/longest-first.ts'

export default defineConfig({
  resolve: { conditions: ['dchat-source'] },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../test/lib/property-seed.ts'],
    // Two cores are what a small machine has; the tests wait for processes more than they compute.
    maxWorkers: 3,
    // To load the program anew takes longer than most files do: they leave nothing behind.
    isolate: false,
    sequence: {
      sequencer: longestFirst([
        // What waits for a relay to be given up, beside what computes.
        'process/hub-killed',
        'process/two-terminals',
        'process/home-relays',
        'process/kill-group',
        'process/kill-',
        'process/three-terminals',
        'process/endings',
        'process/backup',
        'process/',
        'methods',
      ]),
    },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 90_000 } },
  },
})
