import { expect, test } from 'vitest'
import { failureText } from '../../src/testing/schedule/report.ts'
import type { Schedule } from '../../src/testing/schedule/step.ts'
import { some } from '../long.ts'
import { check, run } from './check.ts'
import { scene } from './scenes.ts'

/** What random schedules have found where relays die and conversations move, as they were after shrinking. */
const FOUND: readonly [what: string, schedule: Schedule][] = [
  [
    'a relay that dies for good while it is asked keeps nobody from going where the conversation went',
    {
      ...scene(
        '6',
        ['ann', 'ben', 'cid'],
        [
          [{ do: 'group', by: 'ben/1', chat: 'g1', people: ['cid', 'ann'] }, 4_000],
          [{ do: 'accept', by: 'ann/1', chat: 'g1' }, 300],
          [{ do: 'cut', device: 'ann/1', relay: 'three' }, 7_827],
          [{ do: 'move', by: 'ben/1', chat: 'g1', relay: 'two' }, 3],
          [{ do: 'relay-crash', relay: 'three', silent: false, forGood: true }, 13_440],
        ],
      ),
      relays: ['one', 'two', 'three'],
    },
  ],
  [
    'who opens the next topic last, when the others are some epochs further there, goes on with them',
    {
      ...scene(
        '6',
        ['ann', 'ben', 'cid'],
        [
          [{ do: 'group', by: 'ben/1', chat: 'g1', people: ['cid', 'ann'] }, 4_000],
          [{ do: 'accept', by: 'ann/1', chat: 'g1' }, 300],
          [{ do: 'cut', device: 'ann/1', relay: 'three' }, 7_827],
          [{ do: 'move', by: 'ben/1', chat: 'g1', relay: 'two' }, 3],
          [{ do: 'rename', by: 'ben/1', chat: 'g1', name: 'further on' }, 19_642],
        ],
      ),
      relays: ['one', 'two', 'three'],
    },
  ],
  [
    'who goes where others had gone first, and has heard that they went on elsewhere since, comes after them',
    {
      ...scene(
        '16',
        ['ann', 'ben', 'cid', 'dee'],
        [
          [{ do: 'group', by: 'ben/1', chat: 'g1', people: ['dee', 'ann', 'cid'] }, 4_000],
          [{ do: 'accept', by: 'dee/1', chat: 'g1' }, 300],
          [{ do: 'accept', by: 'ann/1', chat: 'g1' }, 300],
          [{ do: 'accept', by: 'cid/1', chat: 'g1' }, 300],
          [{ do: 'send', by: 'ann/1', chat: 'g1', count: 1 }, 31],
          [{ do: 'crash', device: 'dee/1', silent: false }, 0],
          [{ do: 'move', by: 'ben/1', chat: 'g1', relay: 'two' }, 1_163],
          [{ do: 'relay-crash', relay: 'two', silent: false, forGood: true }, 84],
          [{ do: 'pass', ms: 120_000 }, 12_705],
        ],
      ),
      clocks: { 'ann/1': -263_554, 'cid/1': 272_231, 'dee/1': 184_439 },
      relays: ['one', 'two', 'three'],
    },
  ],
]

test.each(FOUND)(
  '%s',
  async (_, schedule) => {
    const outcome = await run(schedule)
    expect(outcome.findings.length === 0 ? '' : failureText(schedule, outcome, { replay: 'this test' })).toBe('')
  },
  180_000,
)

/** Kept schedules of a kind, of which `npm test` runs the first ones. */
const kept = (mode: string, title: string, seeds: readonly string[], first: number): void =>
  test.each(some(seeds, first))(
    `${title} in schedule %s`,
    async (seed) => {
      const { failure } = await check(seed, mode, 60_000)
      expect(failure).toBeUndefined()
    },
    300_000,
  )

const SEEDS = [
  ...['168', '326', '415', '161', '24', '27', '1', '5', '3', '0', '9', '4', '8', '10', '126', '196'],
  ...['187', '670', '757', '773', '463'],
]
const VANISHING = ['42', '14', '0', '1', '2', '183', '363']
const NEWCOMERS = ['0', '1', '2', '3']

kept('hubs', 'where relays die, are cut off and conversations move, all come together again', SEEDS, 3)
kept('vanishing', 'where some never come back besides, the others are together', VANISHING, 1)
kept('newcomers', 'where people whom nobody knows are asked in besides, all come together again', NEWCOMERS, 1)
