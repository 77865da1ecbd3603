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

/** The first asks the others into a group; they say yes, and everybody says something. */
const meetingOf = ([first = '', ...others]: readonly string[]): Line[] => [
  [{ do: 'group', by: `${first}/1`, chat: 'g1', people: others }, 4_000],
  ...others.map((name): Line => [{ do: 'accept', by: `${name}/1`, chat: 'g1' }, 1_500]),
  ...saidByAll(),
]

const saidByAll = (count = 1): Line[] =>
  CAST.slice(0, 3).map((name): Line => [{ do: 'send', by: `${name}/1`, chat: 'g1', count }, 300])

const attack = (act: string, then = 5_000): Line => [{ do: 'attack', by: 'mal/1', chat: 'g1', act }, then]

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
      ...meetingOf(CAST),
      ...(BEFORE[act] ?? []),
      attack(act),
      ...saidByAll(2),
      [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'after' }, 3_000],
      ...saidByAll(2),
    ],
    ['mal'],
  )

/** Two people change the group at the same moment over slow links; then everybody goes on. */
export const race = (seed: string): Schedule =>
  scene(seed, CAST.slice(0, 3), [
    ...meetingOf(CAST.slice(0, 3)),
    [{ do: 'role', by: 'ann/1', chat: 'g1', person: 'ben', role: 'admin' }, 2_000],
    [{ do: 'faults', faults: { delay: [200, 300] } }, 0],
    [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'one' }, 0],
    [{ do: 'rename', by: 'ben/1', chat: 'g1', name: 'two' }, 3_000],
    ...saidByAll(),
    [{ do: 'rename', by: 'ben/1', chat: 'g1', name: 'three' }, 3_000],
  ])

/** Somebody writes while the link is cut, and the device dies before it heals. */
export const lostWords = (seed: string): Schedule =>
  scene(seed, CAST.slice(0, 3), [
    ...meetingOf(CAST.slice(0, 3)),
    [{ do: 'cut', device: 'ann/1' }, 1_000],
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 3 }, 1_000],
    [{ do: 'crash', device: 'ann/1', silent: false }, 60_000],
    [{ do: 'heal', device: 'ann/1' }, 0],
    [{ do: 'start', device: 'ann/1' }, 5_000],
  ])
