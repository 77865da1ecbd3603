import { expect, test } from 'vitest'
import { playHistory, type Tally } from './history.ts'

const none = (): Tally => ({ commits: 0, joined: 0, removed: 0, external: 0, restored: 0, late: 0 })

/** A failing seed stands in the error; with it, HISTORY_SEED=… plays that history alone. */
const named = process.env['HISTORY_SEED']
const seeds = (count: number) => (named === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(named)])

test('random histories of the X25519 suite keep every member in one epoch and every removed one out', async () => {
  const tally = none()
  for (const seed of seeds(40)) await playHistory(seed, { suite: 'group-x25519-aes128', steps: 14, limit: 9 }, tally)
  if (named !== undefined) return
  expect(tally.joined).toBeGreaterThan(100)
  expect(tally.removed).toBeGreaterThan(50)
  expect(tally.external).toBeGreaterThan(20)
  expect(tally.restored).toBeGreaterThan(20)
  expect(tally.late).toBeGreaterThan(100)
})

test('random histories of the X-Wing suite do the same', async () => {
  const tally = none()
  for (const seed of seeds(4)) await playHistory(1000 + seed, { suite: 'dm-xwing-aes256', steps: 14, limit: 6 }, tally)
  if (named !== undefined) return
  expect(tally.joined).toBeGreaterThan(8)
  expect(tally.removed).toBeGreaterThan(3)
})
