import type { Options } from 'tsup'
import { defineConfig } from 'tsup'
import { pureCalls } from './pure-calls.ts'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/**
 * mlkem looks for Node's `crypto` where there is no `globalThis.crypto`. All that we run on have it, and bundlers would
 * warn of the import in every page.
 */
const globalCrypto: Plugin = {
  name: 'global-crypto',
  setup: (build) => {
    build.onResolve({ filter: /^crypto$/ }, ({ path }) => ({ path, namespace: 'global-crypto' }))
    build.onLoad({ filter: /^/, namespace: 'global-crypto' }, () => ({
      contents: 'export const webcrypto = globalThis.crypto',
    }))
  },
}

const entries = ['index', 'node', 'sqlite', 'dexie', 'browser', 'wire', 'errors', 'testing']
const source = (name: string) => [name, `src/${name}.ts`]

export default defineConfig({
  // The internal entry lets the tests run vectors and random histories through the very chunks that are shipped.
  entry: {
    ...Object.fromEntries(entries.map(source)),
    // `#platform` in package.json leads to one of these.
    'platform-node': 'src/platform/node.ts',
    'platform-browser': 'src/platform/browser.ts',
    // A file of its own beside the chunks: `new URL('./argon2-worker.js', import.meta.url)` names it.
    'argon2-worker': 'src/adapters/crypto/argon2-worker.ts',
    'internal/mls': 'test/mls/built-entry.ts',
    'internal/search': 'test/search/built-entry.ts',
  },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  dts: {
    entry: Object.fromEntries(entries.map(source)),
    // Our types speak of `AsyncDisposable`; a consumer's settings need not.
    banner: '/// <reference lib="esnext.disposable" />',
  },
  clean: true,
  splitting: true,
  sourcemap: true,
  removeNodeProtocol: false,
  // A consumer never receives our repairs of ts-mls, so the repaired source travels inside the build.
  noExternal: [/^(ts-mls|mlkem)(\/|$)/],
  esbuildPlugins: [globalCrypto, pureCalls],
  external: [/^node:/, '#platform', 'ws', 'libsql', 'dexie', 'vitest'],
})
