import { defineConfig } from 'tsup'

const entries = ['index', 'node', 'sqlite', 'dexie', 'browser', 'wire', 'errors', 'testing']
const source = (name: string) => [name, `src/${name}.ts`]

export default defineConfig({
  // The internal entry lets the tests run vectors and random histories through the very chunks that are shipped.
  entry: {
    ...Object.fromEntries(entries.map(source)),
    // `#platform` in package.json leads to one of these.
    'platform-node': 'src/platform/node.ts',
    'platform-browser': 'src/platform/browser.ts',
    'internal/mls': 'test/mls/built-entry.ts',
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
  noExternal: [/^ts-mls(\/|$)/],
  external: [/^node:/, '#platform', 'ws', 'libsql', 'dexie', 'vitest'],
})
