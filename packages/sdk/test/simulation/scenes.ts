import type { Action, Schedule, Step } from '../../src/testing/schedule/step.ts'

/** Steps by hand: what happens, and the ms that pass then. */
export type Line = readonly [action: Action, then?: number]

export const scene = (
  seed: string,
  people: readonly string[],
  lines: readonly Line[],
  hostile: readonly string[] = [],
): Schedule => ({
  seed,
  people,
  clocks: {},
  hostile,
  steps: lines.map(([action, then = 500], id): Step => ({ ...action, id, then })),
})

const CAST = ['ann', 'ben', 'cid', 'mal'] as const

/** Four people in a group; the last of them keeps to no rule. */
export const meeting = (): Line[] => [
  [{ do: 'group', by: 'ann/1', chat: 'g1', people: ['ben', 'cid', 'mal'] }, 4_000],
  ...CAST.slice(1).map((name): Line => [{ do: 'accept', by: `${name}/1`, chat: 'g1' }, 1_500]),
  ...saidByAll(),
]

export const saidByAll = (count = 1): Line[] =>
  CAST.slice(0, 3).map((name): Line => [{ do: 'send', by: `${name}/1`, chat: 'g1', count }, 300])

export const attack = (act: string, then = 5_000): Line => [{ do: 'attack', by: 'mal/1', chat: 'g1', act }, then]

/** What has to come before some acts, so that they hurt most. */
const BEFORE: Readonly<Record<string, readonly Line[]>> = {
  // Out, and does not care.
  'writing with old keys': [attack('hold', 500), [{ do: 'remove', by: 'ann/1', chat: 'g1', people: ['mal'] }, 3_000]],
  'changing with old keys': [attack('hold', 500), [{ do: 'remove', by: 'ann/1', chat: 'g1', people: ['mal'] }, 3_000]],
  // 65 entries after the end of its epoch, which ended by no removal.
  'let go': [attack('hold', 500), [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'next' }, 2_000], ...saidByAll(30)],
}

/** The group meets, talks, is attacked, and goes on: a rename shows that commits still work. */
export const attackScene = (act: string, seed: string = act): Schedule =>
  scene(
    seed,
    CAST,
    [
      ...meeting(),
      ...(BEFORE[act] ?? []),
      attack(act),
      ...saidByAll(2),
      [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'after' }, 3_000],
      ...saidByAll(2),
    ],
    ['mal'],
  )
