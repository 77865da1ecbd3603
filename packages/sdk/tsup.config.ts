import { defineConfig } from 'tsup'

const entries = ['src/index.ts', 'src/node.ts', 'src/wire.ts', 'src/errors.ts', 'src/testing.ts']

export default defineConfig({
  // The internal entry lets the tests run vectors and random histories through the very chunks that are shipped.
  entry: {
    ...Object.fromEntries(entries.map((path) => [path.slice('src/'.length, -'.ts'.length), path])),
    'internal/mls': 'test/mls/built-entry.ts',
  },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  dts: { entry: entries },
  clean: true,
  splitting: true,
  sourcemap: true,
  removeNodeProtocol: false,
  // A consumer never receives our repairs of ts-mls, so the repaired source travels inside the build.
  noExternal: [/^ts-mls(\/|$)/],
  external: [/^node:/, 'ws', 'libsql', 'vitest'],
})
