import type { Outcome } from './run.ts'
import type { Shrunk } from './shrink.ts'
import { readable, type Schedule } from './step.ts'

/** A failure, for people: what broke, how to see it again, and the schedule as sentences. */
export const failureText = (
  schedule: Schedule,
  outcome: Outcome,
  options: { readonly replay: string; readonly shrunk?: Shrunk },
): string => {
  const { shrunk } = options
  const shown = shrunk?.schedule ?? schedule
  const { findings, after } = shrunk?.outcome ?? outcome
  return [
    `seed ${schedule.seed} breaks ${new Set(outcome.findings.map(({ invariant }) => invariant)).size} promise(s):`,
    ...findings.slice(0, 8).map(({ invariant, what }) => `  ${invariant}: ${what}`),
    `again: ${options.replay}`,
    ...(shrunk === undefined
      ? []
      : [`${schedule.steps.length} steps shrunk to ${shown.steps.length} in ${shrunk.runs} runs:`]),
    `  people ${shown.people.join(', ')}; clocks ${JSON.stringify(shown.clocks)}; hostile ${shown.hostile.join(', ') || 'nobody'}`,
    ...shown.steps.map((step) => `  ${readable(step)}${step.id === after ? '   <- seen here' : ''}`),
    ...(after === undefined ? ['  seen at the end, when everything was at rest'] : []),
  ].join('\n')
}
