import { writeFileSync } from 'node:fs'
import { env } from 'node:process'
import { expect, test } from 'vitest'
import { run } from './check.ts'
import { MARKS } from './mutate.ts'
import { MUTATIONS } from './mutations.ts'

const { SIM_MUTATION } = env
const mutation = MUTATIONS.find(({ name }) => name === SIM_MUTATION)

/** Runs the schedules in the mutated program, and writes down which promises are broken in each. */
test('mutated', async () => {
  if (mutation === undefined || env.SIM_REPORT === undefined) throw new Error('this is run by mutations.test.ts')
  const broken: string[][] = []
  for (const schedule of mutation.schedules) {
    const { findings } = await run(schedule, { patience: 1 })
    broken.push([...new Set(findings.map(({ invariant }) => invariant))])
  }
  const loaded = (globalThis as { [MARKS]?: Set<string> })[MARKS] ?? new Set()
  expect([...loaded].sort()).toEqual([...new Set(mutation.edits.map(({ file }) => file))].sort())
  writeFileSync(env.SIM_REPORT, JSON.stringify(broken))
})
