import { writeFileSync } from 'node:fs'
import { env } from 'node:process'
import { some } from '../long.ts'
import { run } from './check.ts'
import { MARKS } from './mutate.ts'
import { MUTATIONS } from './mutations.ts'

/** A program that mutations.test.ts builds with a rule switched off: it writes down what its schedules break. */
const { SIM_MUTATION, SIM_REPORT } = env
const mutation = MUTATIONS.find(({ name }) => name === SIM_MUTATION)
if (mutation === undefined || SIM_REPORT === undefined) throw new Error('this is run by mutations.test.ts')

const broken: string[][] = []
for (const schedule of some(mutation.schedules, 1)) {
  const { findings } = await run(schedule, { patience: 1 })
  broken.push([...new Set(findings.map(({ invariant }) => invariant))])
}
const loaded = (globalThis as { [MARKS]?: Set<string> })[MARKS] ?? new Set()
writeFileSync(SIM_REPORT, JSON.stringify({ broken, mutated: [...loaded].sort() }))
