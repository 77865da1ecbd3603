import type { Options } from 'tsup'
import { defineConfig } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/**
 * Stands in for `string-width`, by which yargs lays out its help. In our help texts every character has one column (a
 * test holds them to it), and that package's tables of emoji would take a fifth of the time of every command.
 */
const oneColumn: Plugin = {
  name: 'one-column',
  setup: (build) => {
    build.onResolve({ filter: /^string-width$/ }, ({ path }) => ({ path, namespace: 'one-column' }))
    build.onLoad({ filter: /^/, namespace: 'one-column' }, () => ({ contents: 'export default (text) => text.length' }))
  },
}

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
  external: ['@dchat/sdk', '@dchat/relay', '@dchat/bot-kit'],
  esbuildPlugins: [oneColumn],
})
