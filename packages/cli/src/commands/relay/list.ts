import { patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { oneLine } from '../../io/text.ts'
import type { RelayView } from '../../methods/relay-types.ts'

const healthText = ({ uninvited, roundTrip, uptime, version, problem, faults, ahead, program }: RelayView): string =>
  [
    ...(uninvited ? ['asks for an invitation (dchat relay join)'] : []),
    ...(roundTrip === undefined ? [] : [`${roundTrip.toFixed(1)} ms`]),
    ...(uptime === undefined ? ['not asked yet'] : [`up ${(uptime * 100).toFixed(1)} %`]),
    ...(version === undefined ? [] : [`protocol ${version}`]),
    ...(program === undefined ? [] : [oneLine(program)]),
    ...(ahead === undefined || Math.abs(ahead) < 60_000 ? [] : [`clock ${Math.round(ahead / 1000)} s off`]),
    ...(problem === undefined ? [] : [problem]),
    ...faults.map((code) => `caught: ${code}`),
  ].join('  ')

const roleOf = ({ home, left }: RelayView): string => {
  if (home) return 'home'
  return left ? 'left' : 'hub '
}

export const relayList = defineCommand({
  name: 'relay list',
  description: 'Show your home relays and those of your conversations, and how they have done',
  args: {},
  options: { offline: { type: 'flag', description: 'Only what is stored here; ask no relay' } },
  example: 'dchat relay list --json',
  run: async ({ offline }, { session, out, globals, signal }) => {
    let count = 0
    const stream = (await session()).stream('relay.list', { offline, ...patienceOf(globals) }, { signal })
    for await (const view of stream) {
      const {
        relay,
        home,
        left,
        uninvited,
        state,
        roundTrip,
        uptime,
        version,
        program,
        ahead,
        askedAt,
        answeredAt,
        problem,
        faults,
      } = view
      count += 1
      await out.item(
        'relay',
        {
          relay,
          home,
          left,
          uninvited,
          state,
          round_trip: roundTrip,
          uptime,
          version,
          program,
          ahead,
          asked_at: askedAt,
          answered_at: answeredAt,
          problem,
          faults,
        },
        `${roleOf(view)}  ${relay}\t${healthText(view)}`,
      )
    }
    await out.end({ count })
  },
})
