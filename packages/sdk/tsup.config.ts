import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/errors.ts', 'src/node.ts', 'src/wire.ts', 'src/testing.ts'],
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  dts: true,
  clean: true,
  splitting: true,
  sourcemap: true,
  // A consumer never receives our repairs of ts-mls, so the repaired source travels inside the build.
  noExternal: ['ts-mls'],
  external: [/^node:/, 'ws', 'libsql', 'vitest'],
})
