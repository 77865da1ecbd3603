import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/main.ts'],
  format: 'esm',
  target: 'node20',
  platform: 'node',
  clean: true,
  splitting: true,
  sourcemap: true,
  // One file instead of dozens: reading yargs' own files one by one would cost more than everything else at the start.
  noExternal: ['yargs'],
  external: ['@dchat/sdk', '@dchat/relay'],
  esbuildOptions: (options) => {
    options.banner = {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    }
  },
})
