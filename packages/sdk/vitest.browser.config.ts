import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumArgs, findChromium } from '../../scripts/lib/chromium.mjs'

const chromium = findChromium()

/** The tests that run in a page of a real Chromium. */
const inChromium = (executablePath: string) =>
  defineConfig({
    resolve: { conditions: ['dchat-source', 'browser', 'module', 'import', 'default'] },
    define: { 'process.env.PROPERTY_SEED': JSON.stringify(process.env.PROPERTY_SEED) ?? 'undefined' },
    test: {
      include: ['test/browser/**/*.test.ts'],
      setupFiles: ['../../test/lib/property-seed.ts'],
      maxWorkers: 2,
      testTimeout: 60_000,
      hookTimeout: 60_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath, args: chromiumArgs() } }),
        instances: [{ browser: 'chromium' }],
      },
    },
  })

/** Where there is none, one test stands for all of them and says why it is skipped. */
const without = () => defineConfig({ test: { include: ['test/browser/without-chromium.ts'] } })

export default chromium === undefined ? without() : inChromium(chromium)
