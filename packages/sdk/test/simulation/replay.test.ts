import { writeFileSync } from 'node:fs'
import { env } from 'node:process'
import { expect, test } from 'vitest'
import { check, modeOf } from './check.ts'

/**
 * `SIM_SEED=17`: that schedule again, made smaller within `SIM_SHRINK` seconds if it fails. `SIM_MODE=hostile` takes another
 * kind than the seed's own, `SIM_TRACE=file` keeps what happened.
 */
const { SIM_SEED: seed, SIM_MODE: mode = modeOf(Number(seed)), SIM_TRACE: trace, SIM_SHRINK: shrink = '300' } = env

test.runIf(seed !== undefined)(
  `schedule ${seed} (${mode})`,
  async () => {
    const { failure, outcome } = await check(seed as string, mode, Number(shrink) * 1_000)
    if (trace !== undefined) writeFileSync(trace, `${outcome.trace.join('\n')}\n`)
    expect(failure).toBeUndefined()
  },
  1_000_000,
)
