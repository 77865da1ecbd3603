import { relayKit } from '../../../relay/src/testing/relay-kit.ts'
import { ACTS } from '../../src/testing/hostile/acts.ts'
import { createAttacker } from '../../src/testing/hostile/attack.ts'
import { type GenerateOptions, generate } from '../../src/testing/schedule/generate.ts'
import { HUBS, NEWCOMERS, VANISHING } from '../../src/testing/schedule/hubs.ts'
import { failureText } from '../../src/testing/schedule/report.ts'
import { type Outcome, type RunOptions, runSchedule } from '../../src/testing/schedule/run.ts'
import { shrink } from '../../src/testing/schedule/shrink.ts'
import type { Schedule } from '../../src/testing/schedule/step.ts'

/** Kinds of random schedules. */
const MODES: Readonly<Record<string, GenerateOptions>> = {
  /** Everybody keeps the rules; links, machines and the relay fail. */
  honest: {},
  /** Nothing fails: what goes wrong here is no matter of faults. */
  calm: { faults: false },
  /** People buy and sell while everything fails. */
  trade: { offers: true },
  /** Several relays: they die for good, are cut off from some, and conversations move. */
  hubs: HUBS,
  /** The same, and devices that never come back. */
  vanishing: VANISHING,
  /** As `hubs`, where half of the people are asked in later, have more devices, and write to each other alone. */
  newcomers: NEWCOMERS,
  /** One of the people keeps to no rule. */
  hostile: { attacks: Object.keys(ACTS) },
}

/** Of ten seeds, six have faults, three a hostile member besides, and one neither. */
export const modeOf = (seed: number): string => (seed % 10 === 0 ? 'calm' : seed % 10 < 7 ? 'honest' : 'hostile')

const scheduleOf = (seed: string, mode = 'honest'): Schedule => {
  const options = MODES[mode]
  if (options === undefined) throw new Error(`there is no mode ${mode}; there are ${Object.keys(MODES).join(', ')}`)
  return generate(seed, options)
}

/** The line that runs a seed again; `mode` where it is not the seed's own. */
const replayLine = (seed: string, mode: string): string => {
  const given = mode === modeOf(Number(seed)) ? '' : `SIM_MODE=${mode} `
  return `SIM_SEED=${seed} ${given}npx vitest run --root packages/sdk test/simulation/replay.test.ts`
}

export const run = (schedule: Schedule, options: Partial<RunOptions> = {}): Promise<Outcome> =>
  runSchedule(schedule, { relay: relayKit(), attack: createAttacker(), ...options })

export interface Checked {
  readonly outcome: Outcome
  /** What to tell about a failure; undefined: every invariant held. */
  readonly failure: string | undefined
}

/** Runs the schedule of a seed; one that fails is made smaller first. */
export const check = async (seed: string, mode: string, shrinkMs = 0): Promise<Checked> => {
  const schedule = scheduleOf(seed, mode)
  const outcome = await run(schedule)
  if (outcome.findings.length === 0) return { outcome, failure: undefined }
  const end = Date.now() + shrinkMs
  const shrunk =
    shrinkMs > 0 ? await shrink(schedule, outcome, (each) => run(each), { isOver: () => Date.now() > end }) : undefined
  const failure = failureText(schedule, outcome, {
    replay: replayLine(seed, mode),
    ...(shrunk === undefined ? {} : { shrunk }),
  })
  return { outcome, failure }
}
