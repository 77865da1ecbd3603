import { expect, test } from 'vitest'
import { ACTS } from '../../src/testing/hostile/acts.ts'
import { failureText } from '../../src/testing/schedule/report.ts'
import { run } from './check.ts'
import { attackScene } from './scenes.ts'

test.each(Object.keys(ACTS))(
  'honest members go on together after: %s',
  async (act) => {
    const schedule = attackScene(act)
    const outcome = await run(schedule)
    expect(outcome.findings.length === 0 ? '' : failureText(schedule, outcome, { replay: 'this test' })).toBe('')
    expect(outcome.trace.some((line) => line.includes(`did mal/1`) && line.includes(act))).toBe(!REFUSED.includes(act))
  },
  60_000,
)

/** What the relay does not even take. */
const REFUSED = ['writing with old keys', 'changing with old keys']
