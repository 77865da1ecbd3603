import { appendFileSync } from 'node:fs'
import { env } from 'node:process'
import { test } from 'vitest'
import { check, modeOf } from './check.ts'

/** A worker of `npm run soak`: seeds `SIM_FROM` to `SIM_TO`, a line of JSON for each in the file `SIM_REPORT`; `SIM_MODE`: all of one kind. */
test('schedules', async () => {
  const { SIM_FROM, SIM_TO, SIM_REPORT, SIM_SHRINK = '120', SIM_MODE } = env
  if (SIM_REPORT === undefined) throw new Error('this is run by npm run soak')
  for (let seed = Number(SIM_FROM); seed <= Number(SIM_TO); seed++) {
    const since = Date.now()
    const mode = SIM_MODE ?? modeOf(seed)
    const { failure, outcome } = await check(`${seed}`, mode, Number(SIM_SHRINK) * 1_000)
    const line = { seed, mode, ms: Date.now() - since, entries: outcome.entries, failure }
    appendFileSync(SIM_REPORT, `${JSON.stringify(line)}\n`)
  }
})
