import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { beats, GONE_AFTER, opensAfter, placesToGo } from '../../src/domain/rooms/handover.ts'
import type { ControlChange } from '../../src/protocol/messages/control-change.ts'
import type { Hub } from '../../src/protocol/topic/hub.ts'
import { parseRelayUrl } from '../../src/protocol/wire/relay-url.ts'
import { actor, dm, group, judge, leafOf, logsOf, person, self } from './control-support.ts'

const hub = (n: number): Hub => ({ url: parseRelayUrl(`ws://relay${n}.example`), key: new Uint8Array(32).fill(n) })
const [one, two, three] = [hub(1), hub(2), hub(3)]

describe('where a conversation goes when its hub is gone', () => {
  test.each([
    ['the others in their order', [one, two, three], one, undefined, [two, three]],
    ['the first one, where it was at a later one', [one, two, three], two, undefined, [one, three]],
    ['nowhere, where there is none', [one], one, undefined, []],
    ['to the chosen one, then the others, and back as a last resort', [one, two, three], one, three, [three, two, one]],
    ['to another topic at the same hub', [one, two], one, one, [one, two]],
  ] as const)('%s', (_, hubs, old, chosen, places) => expect(placesToGo(hubs, old, chosen)).toEqual(places))

  test('everybody who was there has opened within 30 seconds, who was not waits for them', () => {
    for (let turn = 0; turn < 2_000; turn++) expect(opensAfter(turn, true)).toBeLessThan(30_000)
    expect(opensAfter(0, true)).toBe(GONE_AFTER)
    expect(opensAfter(0, false)).toBeGreaterThan(30_000)
  })
})

const rival = fc.record({ epoch: fc.nat(4), rank: fc.nat(2) })

test('of two handovers exactly one stands, whoever compares them, and among three there is no circle', () => {
  fc.assert(
    fc.property(rival, rival, rival, (a, b, c) => {
      const isSame = a.epoch === b.epoch && a.rank === b.rank
      expect(Number(beats(a, b)) + Number(beats(b, a))).toBe(isSame ? 0 : 1)
      if (beats(a, b) && beats(b, c)) expect(beats(a, c)).toBe(true)
    }),
  )
})

describe('what the first commit at another hub must say', () => {
  const [alice, bob] = [actor('alice'), actor('bob')]
  const topic = new Uint8Array(32).fill(7)
  const head = new Uint8Array(32).fill(8)
  const members = [leafOf(alice.address, alice.one, 0), leafOf(bob.address, bob.one, 1)]
  const logs = logsOf(alice, bob)
  const change = { kind: 'handover', topic, seq: 9, head, hub: two } as const
  const expected = { topic, hub: two }
  const snapshots = [
    group([person(alice, 'owner'), person(bob, 'member')], { hubs: [one, two] }),
    { ...dm(alice, bob), hubs: [one, two] },
  ]
  const by = (changes: readonly ControlChange[], handover?: typeof expected) => (snapshot: (typeof snapshots)[0]) =>
    judge(snapshot, { by: bob, members, changes, logs, ...(handover && { handover }) })

  test('the topic and the hub that it continues at; any member may, and the term grows', () => {
    for (const snapshot of snapshots)
      expect(by([change], expected)(snapshot)).toMatchObject({ term: snapshot.term + 1, hubs: [one, two] })
    const own = { ...self(alice), hubs: [one, two] }
    const alone = { by: alice, members: members.slice(0, 1), changes: [change], logs, handover: expected }
    expect(judge(own, alone)).toMatchObject({ term: 2 })
  })
  test('who had read nothing of a topic does not know that it had raised the term', () => {
    for (const snapshot of snapshots)
      expect(by([{ ...change, seq: 0 }], expected)(snapshot)).toMatchObject({ term: snapshot.term + 2 })
  })
  test.each([
    ['another topic', { ...expected, topic: head }],
    ['another hub', { ...expected, hub: one }],
    ['another end than the one that was chosen', { ...expected, at: { seq: 8, head } }],
    ['one that nothing calls for', undefined],
  ])('not %s', (_, handover) => {
    for (const snapshot of snapshots) expect(typeof by([change], handover)(snapshot)).toBe('string')
  })
  test('not a relay that the conversation does not name, and nothing else in its place', () => {
    for (const snapshot of snapshots) {
      expect(typeof by([{ ...change, hub: three }], { ...expected, hub: three })(snapshot)).toBe('string')
      expect(typeof by([], expected)(snapshot)).toBe('string')
    }
  })
  test('a move is for those who lead a group, and for both of two', () => {
    const move = { kind: 'move', hub: two } as const
    expect(snapshots.map((snapshot) => typeof by([move])(snapshot))).toEqual(['string', 'object'])
  })
})
