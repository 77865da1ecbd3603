import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/testing.ts'],
  format: 'esm',
  target: 'es2022',
  platform: 'node',
  // The SDK's types speak of `AsyncDisposable`; a consumer's settings need not.
  dts: {
    banner: '/// <reference lib="esnext.disposable" />',
    // From the SDK's built types: to read all of its sources again would take twice as long.
    compilerOptions: { customConditions: [] },
  },
  clean: true,
  splitting: true,
  sourcemap: true,
  external: [/^@dchat\//],
})
