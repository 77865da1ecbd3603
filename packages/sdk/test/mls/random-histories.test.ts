import { describe, expect, test } from 'vitest'
import { some } from '../long.ts'
import { playHistory, type Tally } from './history.ts'

const none = (): Tally => ({ commits: 0, joined: 0, removed: 0, external: 0, restored: 0, late: 0 })

/** A failing seed stands in the error; with it, HISTORY_SEED=… plays that history alone. */
const named = process.env.HISTORY_SEED
const PATIENCE = 600_000

const play = async (first: number, count: number, rules: Parameters<typeof playHistory>[1]): Promise<Tally> => {
  const tally = none()
  for (let seed = first; seed < first + count; seed++) await playHistory(seed, rules, tally)
  return tally
}

const X25519 = { suite: 'group-x25519-aes128', steps: 14, limit: 9 } as const
const X_WING = { suite: 'dm-xwing-aes256', steps: 14, limit: 6 } as const

if (named !== undefined)
  test('the named history', () => playHistory(Number(named), Number(named) < 1000 ? X25519 : X_WING, none()), PATIENCE)

describe.skipIf(named !== undefined)('random histories', () => {
  for (const first of some([1, 11, 21, 31], 2))
    test(
      `X25519 suite, seeds ${first} to ${first + 9}: every member in one epoch, every removed one out`,
      async () => {
        const tally = await play(first, 10, X25519)
        expect(tally.joined).toBeGreaterThan(25)
        expect(tally.removed).toBeGreaterThan(12)
        expect(tally.external).toBeGreaterThan(4)
        expect(tally.restored).toBeGreaterThan(4)
        expect(tally.late).toBeGreaterThan(25)
      },
      PATIENCE,
    )

  test(
    'X-Wing suite, seeds 1001 to 1004: the same',
    async () => {
      const tally = await play(1001, 4, X_WING)
      expect(tally.joined).toBeGreaterThan(8)
      expect(tally.removed).toBeGreaterThan(3)
    },
    PATIENCE,
  )
})
