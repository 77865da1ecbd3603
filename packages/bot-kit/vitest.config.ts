import { defineConfig } from 'vitest/config'
import { longestFirst } from '../../test/lib/longest-first.ts'

export default defineConfig({
  resolve: { conditions: ['dchat-source'] },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../test/lib/property-seed.ts'],
    sequence: { sequencer: longestFirst(['gateway/killed-bot', 'bot/', 'gateway/']) },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 90_000 } },
  },
})
