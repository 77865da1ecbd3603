import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/main.ts', 'src/testing.ts'],
  format: 'esm',
  target: 'es2022',
  platform: 'node',
  dts: true,
  clean: true,
  splitting: true,
  sourcemap: true,
  external: [/^@dchat\//, 'libsql', 'vitest'],
})
