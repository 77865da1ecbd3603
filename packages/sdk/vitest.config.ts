import { configDefaults, defineConfig } from 'vitest/config'
import { longestFirst } from '../../test/lib/longest-first.ts'
import { testHost } from './test/integration/host/alias.ts'

/** These need a page (vitest.browser.config.ts). */
const IN_A_PAGE = 'test/browser/**'
/** These start processes, or leave hooks and folders behind by file. */
const ALONE = ['chromium', 'storage', 'transport', 'integration/node'].map((folder) => `test/${folder}/**/*.test.ts`)

export default defineConfig({
  resolve: { conditions: ['dchat-source'], alias: { '#host': testHost('node') } },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: {
    setupFiles: ['../../test/lib/property-seed.ts'],
    // Two cores are what a small machine has; the others work while tests wait for links and browsers.
    maxWorkers: 4,
    sequence: {
      sequencer: longestFirst([
        // Those that stand alone, together: a worker that is shared ends when another kind comes between.
        'chromium/tabs',
        'chromium/',
        'integration/node',
        'transport/',
        'storage/',
        // What computes beside what waits.
        'simulation/fifty',
        'integration/successor',
        'integration/listing-backup',
        'integration/history-owner',
        'integration/presence',
        'integration/personal',
        'simulation/mutations',
        'integration/groups-membership',
        'simulation/hostile',
        'integration/message-life',
        'integration/re',
        'simulation/',
        'integration/',
        'mls/',
        'sim-core/personal',
        'history/archive',
        'domain/offers/receipt-fields',
        'identity/log-fuzz',
      ]),
    },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 90_000 } },
    projects: [
      // To load the client anew takes longer than most files do.
      {
        extends: true,
        test: {
          name: 'shared',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, IN_A_PAGE, ...ALONE],
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
    ],
  },
})
