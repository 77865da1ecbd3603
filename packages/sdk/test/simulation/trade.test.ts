import { expect, test } from 'vitest'
import { converged } from '../../src/testing/invariants/converged.ts'
import { nothingLost } from '../../src/testing/invariants/nothing-lost.ts'
import { sameOffers } from '../../src/testing/invariants/same-offers.ts'
import { generate } from '../../src/testing/schedule/generate.ts'
import { failureText } from '../../src/testing/schedule/report.ts'
import { some } from '../long.ts'
import { run } from './check.ts'

/** `DCHAT_TRADE_SEEDS=41,42` tries others. */
const seeds = process.env.DCHAT_TRADE_SEEDS?.split(',') ?? some(['1', '4', '6'], 1)

test.each(seeds)(
  'people trade while links, machines and the relay fail, and every offer stands the same everywhere (%s)',
  async (seed) => {
    const schedule = generate(seed, { offers: true })
    const outcome = await run(schedule, { invariants: () => [sameOffers(), nothingLost(), converged()] })
    const replay = `DCHAT_TRADE_SEEDS=${seed} npx vitest run test/simulation/trade.test.ts`
    expect(outcome.findings.length === 0 ? '' : failureText(schedule, outcome, { replay })).toBe('')
    // A schedule in which nobody traded proves nothing.
    expect(outcome.trace.filter((line) => /done .*#\d+ (?:offer|step)$/.test(line)).length).toBeGreaterThan(10)
  },
  180_000,
)
