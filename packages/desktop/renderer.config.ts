import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { UserConfig } from 'vite'
import { offline } from './vite/offline.ts'
import { policy } from './vite/policy.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The page of the app, the gallery of its design system, and what keeps them in a browser without a network. */
export const renderer: UserConfig = {
  root: at('src/renderer'),
  base: './',
  publicDir: at('src/renderer/public'),
  plugins: [svelte({ configFile: at('svelte.config.js') }), policy(), offline()],
  build: {
    outDir: at('dist/renderer'),
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: true,
    // Said here, because electron-vite leaves it out unless it is told.
    minify: true,
    // What others wrote, with their licences, travels with the app.
    license: { fileName: 'third-party.txt' },
    rollupOptions: {
      input: {
        index: at('src/renderer/index.html'),
        gallery: at('src/renderer/gallery.html'),
        'service-worker': at('src/service-worker/index.ts'),
      },
      output: {
        // A service worker stands beside the page, under a name that stays.
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  worker: { format: 'es' },
}
