import { fileURLToPath } from 'node:url'

/** The file that `#host` stands for. */
export const testHost = (name: 'node' | 'browser'): string => fileURLToPath(new URL(`${name}.ts`, import.meta.url))
