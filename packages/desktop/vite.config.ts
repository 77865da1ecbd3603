import { defineConfig } from 'vite'
import { renderer } from './renderer.config.ts'

/** The page alone, with hot reload, in any browser. */
export default defineConfig(renderer)
