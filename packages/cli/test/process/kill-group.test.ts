import { describe, expect, test } from 'vitest'
import type { Shown } from '../support/group-kill-run.ts'
import { groupKillRun } from '../support/group-kill-run.ts'

/** `npm run soak` sets these; see CONTRIBUTING.md. */
const whole = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise)
const seed = whole('DCHAT_GROUP_SEED', 7)
const lines = whole('DCHAT_GROUP_LINES', 60)
const kills = whole('DCHAT_GROUP_KILLS', 20)

/** What must be the same for every reader: not how they call each other, nor how far their own messages came. */
const common = ({ id, from, at, format, text, notice, deleted_by, edited_at, editions, reactions, pinned }: Shown) => ({
  id,
  from,
  at,
  format,
  // Sentences that stand in for notices call the reader "you".
  ...(format === 'notice' ? { notice } : { text }),
  deleted_by,
  edited_at,
  editions,
  reactions,
  pinned,
})

describe('members of a group, their senders and their relay are killed with -9 while everything changes', () => {
  test(`one order, one state, every acknowledged line once (DCHAT_GROUP_SEED=${seed})`, async () => {
    const run = await groupKillRun({ seed, lines, kills })
    const { alice = [], bob = [], carol = [] } = run.read
    const history = alice.map(common)
    expect(bob.map(common)).toEqual(history)
    expect(carol.map(common)).toEqual(history)

    const shown = new Map(alice.map((one) => [one.id, one]))
    expect(shown.size).toBe(alice.length)
    const wordings = ({ text, editions }: Shown): unknown[] =>
      Array.isArray(editions) ? [text, ...editions.map((edition: { text: string }) => edition.text)] : [text]
    const lost = run.acknowledged.filter(({ id, from, text }) => {
      const found = shown.get(id)
      return found?.from !== from || !wordings(found).includes(text)
    })
    expect(lost).toEqual([])
    // Nobody said anything twice: as many messages as different lines.
    const said = alice.filter(({ format }) => format !== 'notice')
    expect(said.length).toBe(new Set(run.acknowledged.map(({ from, text }) => `${from} ${text}`)).size)
    expect(said.length).toBeGreaterThanOrEqual(run.wanted.lines)

    for (const { name, members, timer } of Object.values(run.info)) {
      expect(name).toBe(run.wanted.name)
      expect(timer).toBe(0)
      expect(Object.fromEntries(members.map(({ address, role }) => [address, role]))).toEqual(run.wanted.roles)
    }
    const [first, ...others] = Object.values(run.info).map(({ epoch, term, pins }) => ({ epoch, term, pins }))
    for (const other of others) expect(other).toEqual(first)

    expect(run.leaked).toEqual([])
    expect(run.marked).toEqual([])

    // A run in which nobody died, or nothing changed, proves nothing.
    expect(Object.values(run.kills).reduce((sum, count) => sum + count, 0)).toBe(kills)
    for (const what of [
      'group add',
      'group accept',
      'group remove',
      'group role',
      'group rename',
      'react',
      'edit',
      'send',
    ])
      expect(run.changes[what], what).toBeGreaterThan(0)
  }, 600_000)
})
