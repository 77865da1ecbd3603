import { equalBytes } from '@dchat/sdk/wire'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mayHear, mayWrite, type Removal, readsUpTo, type WriteState } from '../../src/policy/access.ts'

const keyOf = (epoch: number) => new Uint8Array(32).fill(epoch)

/** A topic's history: commits that remove or not, with messages between them. */
const history = fc.array(fc.record({ messages: fc.nat(3), removes: fc.boolean() }), { maxLength: 12 })

const play = (commits: readonly { messages: number; removes: boolean }[]) => {
  const removals: Removal[] = []
  let seq = 0
  commits.forEach(({ messages, removes }, epoch) => {
    seq += messages + 1
    if (removes) removals.push({ epoch, seq })
  })
  return { removals, epoch: commits.length, seq }
}

describe('reading', () => {
  test('a key opens up to and including the next removing commit, and nothing behind it', () => {
    fc.assert(
      fc.property(history, fc.nat(12), (commits, wish) => {
        const { removals, epoch } = play(commits)
        const shown = Math.min(wish, epoch)
        const next = removals.find((removal) => removal.epoch >= shown)
        const upTo = readsUpTo(shown, next)
        expect(upTo).toBe(next ? next.seq : Number.POSITIVE_INFINITY)
        // A later key never opens less.
        if (shown < epoch)
          expect(
            readsUpTo(
              shown + 1,
              removals.find((r) => r.epoch >= shown + 1),
            ),
          ).toBeGreaterThanOrEqual(upTo)
      }),
    )
  })

  test('without a key nothing is open', () => expect(readsUpTo(undefined, undefined)).toBe(0))
})

describe('writing', () => {
  const state = (over: Partial<WriteState> = {}): WriteState => ({
    epoch: 5,
    key: keyOf(5),
    previousKey: keyOf(4),
    removed: false,
    ...over,
  })
  const shows =
    (...epochs: number[]) =>
    (key: Uint8Array) =>
      epochs.some((epoch) => equalBytes(keyOf(epoch), key))

  test.each([
    // shown, kind, epoch, removed, verdict
    [[5], 'application', 5, false, 'allowed'],
    [[5], 'commit', 5, false, 'allowed'],
    [[5], 'commit', 5, true, 'allowed'],
    [[5], 'application', 4, false, 'allowed'],
    [[5], 'application', 4, true, 'wrong-epoch'],
    [[5], 'commit', 4, false, 'wrong-epoch'],
    [[5], 'application', 3, false, 'wrong-epoch'],
    [[5], 'application', 6, false, 'wrong-epoch'],
    [[4], 'application', 4, false, 'allowed'],
    [[4], 'application', 4, true, 'wrong-epoch'],
    [[4], 'commit', 4, false, 'wrong-epoch'],
    [[4], 'application', 5, false, 'not-permitted'],
    [[4], 'commit', 5, false, 'not-permitted'],
    [[3], 'application', 5, false, 'not-permitted'],
    [[3], 'application', 4, false, 'not-permitted'],
    [[], 'application', 5, false, 'not-permitted'],
  ] as const)('with keys %j, %s of epoch %i, removal %s: %s', (shown, kind, epoch, removed, verdict) =>
    expect(mayWrite(state({ removed }), { kind, epoch }, shows(...shown))).toBe(verdict),
  )

  test('whatever the state, a commit passes only for the current epoch and the current key', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), fc.boolean(), fc.array(fc.nat(9)), (current, epoch, removed, shown) => {
        const at = state({
          epoch: current,
          key: keyOf(current),
          previousKey: current > 0 ? keyOf(current - 1) : null,
          removed,
        })
        const verdict = mayWrite(at, { kind: 'commit', epoch }, shows(...shown))
        expect(verdict === 'allowed').toBe(epoch === current && shown.includes(current))
      }),
    )
  })

  test('after a removal the key before hears and writes nothing', () => {
    fc.assert(
      fc.property(fc.nat(9), (epoch) => {
        const at = state({ removed: true })
        expect(mayWrite(at, { kind: 'application', epoch }, shows(4))).not.toBe('allowed')
        expect(mayHear(at, shows(4))).toBe(false)
        expect(mayHear(state(), shows(4))).toBe(true)
        expect(mayHear(at, shows(5))).toBe(true)
      }),
    )
  })
})
