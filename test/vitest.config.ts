import { defineConfig } from 'vitest/config'

const common = { testTimeout: 120_000, hookTimeout: 120_000 }

export default defineConfig({
  resolve: { conditions: ['dchat-source'] },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: {
    projects: [
      { extends: true, test: { ...common, name: 'workspace', include: ['*.test.ts'] } },
      {
        extends: true,
        test: { ...common, name: 'package', include: ['package/*.test.ts'], globalSetup: ['package/setup.ts'] },
      },
    ],
  },
})
