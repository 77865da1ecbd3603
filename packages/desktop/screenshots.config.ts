import { defineConfig } from 'vitest/config'
import tests from './vitest.config.ts'

/** `npm run screenshots`: pictures of every view into dist/screenshots, and a chosen few into docs/screenshots. */
export default defineConfig({
  ...tests,
  // Instead of the tests, not beside them.
  test: { ...tests.test, include: ['test/screenshots/*.shots.ts'], maxWorkers: 1 },
})
