import { configDefaults, defineConfig } from 'vitest/config'
import { testHost } from './test/integration/host/alias.ts'

export default defineConfig({
  resolve: { conditions: ['dchat-source'], alias: { '#host': testHost('node') } },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // These need a page (vitest.browser.config.ts).
    exclude: [...configDefaults.exclude, 'test/browser/**'],
    setupFiles: ['../../test/lib/property-seed.ts'],
    // Two cores are what a small machine has; the suite's longest files run beside the others.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
