import { defineConfig } from 'vitest/config'
import { longestFirst } from './lib/longest-first.ts'

const common = { testTimeout: 300_000, hookTimeout: 300_000 }

export default defineConfig({
  resolve: { conditions: ['dchat-source'] },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: {
    // Without a number, a machine of two cores would run one file at a time.
    maxWorkers: 3,
    expect: { poll: { timeout: 90_000 } },
    sequence: {
      sequencer: longestFirst([
        '/bench.test',
        '/start.test',
        'package/surface',
        '/licences',
        'package/types',
        'package/examples',
        'package/reference',
        'package/unused',
        '/newcomer',
        '/docs.test',
        'package/',
      ]),
    },
    projects: [
      { extends: true, test: { ...common, name: 'workspace', include: ['*.test.ts'] } },
      {
        extends: true,
        test: { ...common, name: 'package', include: ['package/*.test.ts'], globalSetup: ['package/setup.ts'] },
      },
    ],
  },
})
