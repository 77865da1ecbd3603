import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'
import { renderer } from './renderer.config.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The three programs of the desktop app. The page is the same one that browsers get. */
export default defineConfig({
  main: {
    build: {
      outDir: 'dist/main',
      sourcemap: true,
      // `pages` is for whoever serves the page to a browser: the same answers, with the same headers.
      lib: { entry: { index: at('src/main/index.ts'), pages: at('src/core/pages.ts') }, formats: ['es'] },
    },
  },
  preload: {
    build: {
      outDir: 'dist/preload',
      // A sandboxed preload script is CommonJS, and has nothing to load but itself.
      lib: { entry: 'src/preload/index.ts', formats: ['cjs'], fileName: () => 'index.cjs' },
    },
  },
  renderer,
})
