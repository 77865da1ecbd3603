import { writeFileSync } from 'node:fs'
import { env } from 'node:process'
import { expect, test } from 'vitest'
import { check } from './check.ts'

/** `SIM_SEED=17 SIM_MODE=honest`: that schedule again, made smaller if it fails; `SIM_TRACE=file` keeps what happened. */
const { SIM_SEED: seed, SIM_MODE: mode = 'honest', SIM_TRACE: trace, SIM_SHRINK: shrink = '300' } = env

test.runIf(seed !== undefined)(
  `schedule ${seed} (${mode})`,
  async () => {
    const { failure, outcome } = await check(seed as string, mode, Number(shrink) * 1_000)
    if (trace !== undefined) writeFileSync(trace, `${outcome.trace.join('\n')}\n`)
    expect(failure).toBeUndefined()
  },
  1_000_000,
)
