import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { longestFirst } from '../../test/lib/longest-first.ts'

export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ['dchat-source'] },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../test/lib/property-seed.ts'],
    maxWorkers: 2,
    sequence: {
      sequencer: longestFirst(['app/axe', 'app/hubs', 'app/troubles', 'app/bots', 'app/', 'host/', 'state/thread']),
    },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 90_000 } },
  },
})
