import { defineConfig } from 'vitest/config'

/** Many random schedules in one process, for `npm run soak`. */
export default defineConfig({
  resolve: { conditions: ['dchat-source'] },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: { include: ['test/simulation/soak.ts'], testTimeout: 24 * 3_600_000 },
})
