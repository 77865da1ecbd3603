import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['dchat-source'] },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: { include: ['*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
})
