import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumArgs, findChromium, NO_CHROMIUM } from '../../scripts/lib/chromium.mjs'
import { testHost } from './test/integration/host/alias.ts'
import { relayCommands } from './test/integration/host/commands.ts'
import { LONG } from './test/long.ts'

const chromium = findChromium()

/**
 * Bundled before the first test. Vite would find them by itself, but reload the page, and with it the test that runs,
 * when one turns up late.
 */
const BUNDLED = [
  '@noble/ciphers/aes.js',
  '@noble/curves/ed25519.js',
  '@noble/hashes/argon2.js',
  '@noble/hashes/hkdf.js',
  '@noble/hashes/hmac.js',
  '@noble/hashes/sha2.js',
  '@scure/base',
  '@scure/bip39',
  '@scure/bip39/wordlists/english.js',
  'cborg',
  'dexie',
  'fast-check',
  'hash-wasm',
  'mlkem',
  'ts-mls/**/*.js',
  'tweetnacl',
]

/**
 * What people, devices and bots decide among each other, far above storage, crypto and links: these run in Node, and in a
 * page in the soak. What a browser does in another way, the files beside them show.
 */
const ABOVE_THE_BROWSER = [
  'bots',
  'elsewhere',
  'groups-membership',
  'history-owner',
  'listing-backup',
  'listing-devices',
  'listings',
  'message-life',
  'payments',
  'people',
  'people-devices',
  'personal',
  'presence',
  'rejoin',
  'requests',
  'revoked',
  'revoked-restored',
  'successor',
].map((name) => `test/integration/${name}.test.ts`)

/** The tests that run in a page of a real Chromium. */
const inChromium = (executablePath: string) =>
  defineConfig({
    resolve: {
      conditions: ['dchat-source', 'browser', 'module', 'import', 'default'],
      alias: { '#host': testHost('browser') },
    },
    ssr: { resolve: { conditions: ['dchat-source'] } },
    optimizeDeps: { noDiscovery: true, include: BUNDLED },
    define: { 'process.env.PROPERTY_SEED': JSON.stringify(process.env.PROPERTY_SEED) ?? 'undefined' },
    test: {
      include: ['test/browser/**/*.test.ts', 'test/integration/*.test.ts'],
      exclude: LONG ? [] : ABOVE_THE_BROWSER,
      setupFiles: ['../../test/lib/property-seed.ts'],
      // One page runs many files: to load the client anew takes longer than most of them.
      isolate: false,
      maxWorkers: 4,
      testTimeout: 240_000,
      hookTimeout: 240_000,
      expect: { poll: { timeout: 90_000 } },
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        commands: relayCommands(),
        provider: playwright({ launchOptions: { executablePath, args: chromiumArgs() } }),
        instances: [{ browser: 'chromium' }],
      },
    },
  })

/** Where there is none, one test stands for all of them and says why it is skipped. */
const without = () => {
  process.stderr.write(`Skipped: the tests in Chromium: ${NO_CHROMIUM}.\n`)
  return defineConfig({ test: { include: ['test/browser/without-chromium.ts'] } })
}

export default chromium === undefined ? without() : inChromium(chromium)
