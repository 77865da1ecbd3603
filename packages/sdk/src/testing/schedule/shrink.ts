import type { Outcome } from './run.ts'
import type { Schedule, Step } from './step.ts'

export interface Shrunk {
  readonly schedule: Schedule
  readonly outcome: Outcome
  readonly runs: number
}

export interface ShrinkOptions {
  /** Runs at most. Default 200. */
  readonly runs?: number
  /** True: enough, take what there is. */
  readonly isOver?: () => boolean
}

/**
 * A smaller schedule that still breaks the same promise: delta debugging over steps (Zeller's ddmin), then over people,
 * clock errors and pauses. What is left out changes nothing of what the other steps draw.
 */
export const shrink = async (
  schedule: Schedule,
  first: Outcome,
  run: (schedule: Schedule) => Promise<Outcome>,
  { runs: most = 200, isOver = () => false }: ShrinkOptions = {},
): Promise<Shrunk> => {
  const [finding] = first.findings
  let best = { schedule, outcome: first }
  let runs = 0
  const isDone = () => runs >= most || isOver()
  const tried = async (candidate: Schedule): Promise<boolean> => {
    if (isDone()) return false
    runs++
    const outcome = await run(candidate)
    if (!outcome.findings.some(({ invariant }) => invariant === finding?.invariant)) return false
    best = { schedule: candidate, outcome }
    return true
  }
  if (finding === undefined) return { ...best, runs }
  const seenUntil = schedule.steps.findIndex(({ id }) => id === first.after)
  if (seenUntil >= 0) await tried({ ...schedule, steps: schedule.steps.slice(0, seenUntil + 1) })
  for (let size = Math.ceil(best.schedule.steps.length / 2); size >= 1 && !isDone(); ) {
    const smaller = await withoutAny(best.schedule, size, tried)
    if (smaller && size === 1) continue
    size = smaller ? Math.min(size, best.schedule.steps.length) : Math.floor(size / 2)
  }
  for (const person of best.schedule.people) {
    if (best.schedule.steps.some((step) => mentions(step, person))) continue
    await tried({ ...best.schedule, people: best.schedule.people.filter((name) => name !== person) })
  }
  if (Object.keys(best.schedule.clocks).length > 0) await tried({ ...best.schedule, clocks: {} })
  return { ...best, runs }
}

/** Leaves out runs of `size` steps, one after the other; true if one of them was not needed. */
const withoutAny = async (
  { steps, ...rest }: Schedule,
  size: number,
  tried: (candidate: Schedule) => Promise<boolean>,
): Promise<boolean> => {
  let left = steps
  let any = false
  for (let at = left.length - size; at > -size; at -= size) {
    const from = Math.max(at, 0)
    const without = [...left.slice(0, from), ...left.slice(at + size)]
    if (without.length === left.length || !(await tried({ ...rest, steps: without }))) continue
    left = without
    any = true
  }
  return any
}

const mentions = (step: Step, person: string): boolean => JSON.stringify(step).includes(`"${person}`)
