import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['dchat-source'] },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../test/lib/property-seed.ts'],
    // Two cores are what a small machine has; the tests wait for processes more than they compute.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
