import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUnsent, placeOf, unsentPlace } from '../../src/domain/messages/place.ts'
import { previewOf } from '../../src/domain/messages/preview.ts'
import { advance, reached } from '../../src/domain/messages/state.ts'
import { mergeDirectMessages, type RivalRoom } from '../../src/domain/rooms/dm-merge.ts'
import { type CommitMark, counts, remember } from '../../src/domain/rooms/lateness.ts'
import type { Address, TopicId } from '../../src/records/ids.ts'
import type { MessageState } from '../../src/records/message.ts'

describe('lateness', () => {
  const leaf = () => true
  const commits: readonly CommitMark[] = [
    { ended: 3, seq: 100, removed: [] },
    { ended: 4, seq: 110, removed: ['gone'] },
  ]
  test.each([
    ['of the current epoch', { seq: 500, epoch: 5, author: 'a' }, true],
    ['of a coming epoch', { seq: 120, epoch: 6, author: 'a' }, 'it names an epoch that does not exist yet'],
    ['64 entries after the end', { seq: 174, epoch: 4, author: 'a' }, true],
    ['65 entries after the end', { seq: 175, epoch: 4, author: 'a' }, 'more than 64 entries lie between'],
    ['one epoch further back', { seq: 164, epoch: 3, author: 'a' }, true],
    ['too far back from there', { seq: 165, epoch: 3, author: 'a' }, 'more than 64 entries lie between'],
    ['of a removed author', { seq: 111, epoch: 4, author: 'gone' }, 'its author was removed in between'],
    ['of an epoch that nobody remembers', { seq: 111, epoch: 2, author: 'a' }, 'the end of its epoch is not known'],
  ])('an entry %s', (_, entry, verdict) => {
    expect(counts(entry, { current: 5, first: 0 }, commits, leaf)).toBe(verdict)
  })
  test('an author who is no leaf any more never counts', () => {
    const verdict = counts({ seq: 1, epoch: 5, author: 'a' }, { current: 5, first: 0 }, commits, () => false)
    expect(verdict).toBe('its author is no member any more')
  })
  test('nothing of an epoch that was over when the topic began belongs to it', () => {
    const late = { seq: 110, epoch: 3, author: 'a' }
    expect(counts(late, { current: 5, first: 3 }, commits, leaf)).toBe(true)
    expect(counts(late, { current: 5, first: 4 }, commits, leaf)).toBe('its epoch was over when the topic began')
  })
  test('more than four commits back is over, whatever is remembered', () => {
    const many = [1, 2, 3, 4, 5, 6].map((ended): CommitMark => ({ ended, seq: ended, removed: [] }))
    const kept = many.reduce<readonly CommitMark[]>(remember, [])
    expect(kept).toHaveLength(5)
    expect(counts({ seq: 8, epoch: 3, author: 'a' }, { current: 7, first: 0 }, kept, leaf)).toBe(true)
    expect(counts({ seq: 8, epoch: 2, author: 'a' }, { current: 7, first: 0 }, kept, leaf)).toBe(
      'more than 4 commits lie between',
    )
  })
})

describe('two direct messages opened at once', () => {
  const rival = fc.record<RivalRoom>({
    opener: fc.constantFrom('dchat1a', 'dchat1b').map((text) => text as Address),
    topic: fc.constantFrom('00', '01', '02').map((text) => text as TopicId),
    bothSpoke: fc.boolean(),
  })
  test('both people choose the same room, in whichever order they meet the two', () => {
    fc.assert(
      fc.property(rival, rival, (a, b) => {
        fc.pre(a.topic !== b.topic)
        const [there, back] = [mergeDirectMessages(a, b), mergeDirectMessages(b, a)]
        expect(there.active === 'known').toBe(back.active === 'arrived')
        expect(there.closeOther).toBe(back.closeOther)
      }),
    )
  })
  test('a room in which both spoke is never closed', () => {
    fc.assert(
      fc.property(rival, rival, (a, b) => {
        const { active, closeOther } = mergeDirectMessages(a, b)
        const loser = active === 'known' ? b : a
        expect(closeOther).toBe(!loser.bothSpoke)
      }),
    )
  })
})

describe('states and places', () => {
  const states: readonly MessageState[] = ['queued', 'sending', 'sent', 'delivered', 'read', 'failed']
  const news = fc.constantFrom('queued', 'sending', 'sent', 'delivered', 'read' as const)
  test('reports may come late, twice or out of order: the end is the same', () => {
    fc.assert(
      fc.property(fc.array(news, { maxLength: 6 }), (list) => {
        const fold = (order: readonly (typeof list)[number][]) =>
          order.reduce<MessageState>((state, item) => advance(state, item), 'queued')
        expect(fold([...list].reverse())).toBe(fold(list))
        expect(fold([...list, ...list])).toBe(fold(list))
      }),
    )
  })
  test('a failure ends only by a receipt or more, and reaches nothing', () => {
    expect(states.filter((state) => state !== 'failed' && advance('failed', state) === 'failed')).toEqual([
      'queued',
      'sending',
    ])
    expect(states.filter((state) => reached(state, 'sent'))).toEqual(['sent', 'delivered', 'read'])
  })
  test('places order by term, then by sequence; what is unsent stands behind everything', () => {
    const term = fc.nat(4095)
    const seq = fc.nat(2 ** 31)
    fc.assert(
      fc.property(term, seq, term, seq, fc.nat(2 ** 31), (t1, s1, t2, s2, n) => {
        const order = t1 === t2 ? s1 - s2 : t1 - t2
        expect(Math.sign(placeOf(t1, s1) - placeOf(t2, s2))).toBe(Math.sign(order))
        expect(unsentPlace(n)).toBeGreaterThan(placeOf(t1, s1))
        expect(isUnsent(unsentPlace(n))).toBe(true)
        expect(isUnsent(placeOf(t1, s1))).toBe(false)
        expect(Number.isSafeInteger(unsentPlace(n))).toBe(true)
      }),
    )
  })
  test('a preview is one line and never cuts a character in half', () => {
    expect(previewOf({ type: 'text', text: 'one\n\n two\tthree ' })).toBe('one two three')
    const long = previewOf({ type: 'markdown', markdown: '🙂'.repeat(200) })
    expect([...long]).toHaveLength(120)
    expect(long.endsWith('🙂…')).toBe(true)
    expect(previewOf({ type: 'unknown', mediaType: 'a/b', fallback: 'shown', bytes: new Uint8Array() })).toBe('shown')
  })
})
