import { env } from 'node:process'
import { defineConfig } from 'vitest/config'
import { mutationPlugin } from './mutate.ts'
import { MUTATIONS } from './mutations.ts'

const { SIM_MUTATION } = env
const mutation = MUTATIONS.find(({ name }) => name === SIM_MUTATION)
if (mutation === undefined) throw new Error(`SIM_MUTATION is one of: ${MUTATIONS.map(({ name }) => name).join('; ')}`)

/** The program with one rule switched off, for the children of mutations.test.ts. */
export default defineConfig({
  plugins: [mutationPlugin(mutation)],
  resolve: { conditions: ['dchat-source'] },
  ssr: { resolve: { conditions: ['dchat-source'] } },
  test: {
    include: ['test/simulation/mutated.ts'],
    testTimeout: 120_000,
    // What lies in node_modules is loaded past the plugin otherwise.
    server: { deps: { inline: mutation.edits.some(({ file }) => file.startsWith('ts-mls/')) ? [/ts-mls/] : [] } },
  },
})
