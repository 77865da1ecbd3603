import { describe, expect, test } from 'vitest'
import { framedKey, wantedKey } from '../../src/domain/rooms/commit-key.ts'
import type { CommitKey } from '../../src/protocol/messages/commit-key.ts'
import type { ControlChange } from '../../src/protocol/messages/control-change.ts'
import type { Keepers } from '../../src/records/group.ts'
import { type Actor, actor, dm, group, judge, leafOf, logsOf, person } from './control-support.ts'

const [ann, ben, cat, dan] = ['ann', 'ben', 'cat', 'dan'].map(actor) as [Actor, Actor, Actor, Actor]
const names = new Map([ann, ben, cat, dan].flatMap((who, at) => [[who.one, 'abcd'.charAt(at)] as const]))
/** Leaf order is not the order of roles. */
const members = [cat, ben, dan, ann].map(({ address, one }, leaf) => leafOf(address, one, leaf))
const people = [person(ann, 'owner'), person(ben, 'admin'), person(cat, 'member'), person(dan, 'member')]
const logs = logsOf(ann, ben, cat, dan)

const keyFor = (keepers: Keepers, ...who: readonly Actor[]): CommitKey => ({
  key: new Uint8Array(32).fill(who.length + 1),
  keepers,
  boxes: who.map(({ one }) => ({ device: one, box: new Uint8Array(1_168) })),
})
const free = group(people)
const held = group(people, { commitKey: keyFor('admins', ann, ben) })
const strict = group(people, { commitKey: keyFor('owners', ann) })

describe('whom the commit key of a successor is sealed to', () => {
  test.each([
    // before, who is proven to have made the void commit, keepers, devices
    ['none', free, cat, undefined, undefined],
    ['none', free, undefined, 'admins', 'ab'],
    ['of admins', held, undefined, 'owners', 'a'],
    ['of admins', held, cat, 'admins', 'ab'],
    ['of admins', held, ben, 'admins', 'a'],
    ['of owners', strict, undefined, 'owners', 'a'],
    ['of owners', strict, ben, 'owners', 'a'],
    // The owner is out: the admins that are left are the next best.
    ['of owners', strict, ann, 'admins', 'b'],
  ] as const)('%s before', (_, snapshot, offender, keepers, devices) => {
    const wanted = wantedKey(snapshot, members, offender?.address)
    expect(wanted?.keepers).toBe(keepers)
    expect(wanted?.devices.map(({ deviceKey }) => names.get(deviceKey)).join('')).toBe(devices)
  })

  test('where nobody could hold it, and in a direct message, there is none', () => {
    expect(wantedKey(free, members.slice(0, 1), undefined)).toBeUndefined()
    expect(wantedKey(dm(ann, ben), members, undefined)).toBeUndefined()
  })
})

describe('the successor of a void commit that is nobody’s', () => {
  const topic = new Uint8Array(32).fill(4)
  const open = (by: Actor, commitKey?: CommitKey, snapshot = free) => {
    const voided = { topic, seq: 9 }
    const changes: ControlChange[] = [{ kind: 'successor', ...voided, ...(commitKey && { commitKey }) }]
    return judge(snapshot, { by, members, changes, logs, voided })
  }
  test.each([
    ['an owner', ann],
    ['an admin', ben],
  ])('is opened by %s', (_, by) => {
    const commitKey = keyFor('admins', ann, ben)
    expect(open(by, commitKey)).toMatchObject({ term: 2, commitKey })
  })
  test.each([
    ['a member, who would know the key', cat, keyFor('admins', ann, ben)],
    ['a member without a key', cat, undefined],
    ['an owner without a key', ann, undefined],
    ['an owner who leaves an admin out', ann, keyFor('admins', ann)],
    ['an admin who lets somebody else in', ben, keyFor('admins', ann, ben, cat)],
    ['an owner for owners only, at the first time', ann, keyFor('owners', ann)],
  ])('not by %s', (_, by, commitKey) => expect(open(by, commitKey)).toEqual(expect.any(String)))
  test('a second time not by admins: one of them approved the last one', () => {
    expect(open(ben, keyFor('admins', ann, ben), held)).toEqual(expect.any(String))
    expect(open(ben, keyFor('owners', ann), held)).toEqual(expect.any(String))
    expect(open(ann, keyFor('owners', ann), held)).toMatchObject({ commitKey: { keepers: 'owners' } })
  })
  test('whose author is proven needs none, and any member opens it', () => {
    const voided = { topic, seq: 9, offender: dan.address }
    const base = { kind: 'remove', members, removed: [members[2] as (typeof members)[0]], logs, voided } as const
    expect(judge(free, { ...base, by: cat, changes: [{ kind: 'successor', ...voided }] })).toMatchObject({ term: 2 })
    const commitKey = keyFor('admins', ann, ben)
    const changes: ControlChange[] = [{ kind: 'successor', ...voided, commitKey }]
    expect(judge(free, { ...base, by: ann, changes })).toEqual(expect.any(String))
    expect(judge(held, { ...base, by: ann, changes })).toMatchObject({ commitKey })
  })
})

describe('a commit key', () => {
  const change = (snapshot: typeof free, by: Actor, commitKey?: CommitKey) => {
    const changes: ControlChange[] = [{ kind: 'commit-key', ...(commitKey && { commitKey }) }]
    return judge(snapshot, { by, members, changes, logs })
  }
  const next = { ...keyFor('admins', ann, ben), key: new Uint8Array(32).fill(9) }
  test('is lifted and renewed by those who may hold it', () => {
    for (const by of [ann, ben]) {
      expect(change(held, by)).toEqual(free)
      expect(change(held, by, next)).toMatchObject({ commitKey: next })
    }
    expect(change(strict, ann)).toEqual(free)
  })
  test.each([
    ['by a member', held, cat, undefined],
    ['of the owners by an admin', strict, ben, undefined],
    ['where there is none', free, ann, undefined],
    ['where there is none', free, ann, next],
    ['by the same one', held, ann, held.commitKey],
    ['by one that leaves somebody out', held, ann, { ...keyFor('admins', ann), key: next.key }],
    ['by one for others', held, ann, { ...keyFor('owners', ann), key: next.key }],
  ])('is not %s', (_, snapshot, by, key) => expect(change(snapshot, by, key)).toEqual(expect.any(String)))

  test('stands in a frame where it begins, changes and ends, and at the beginning of each topic', () => {
    const [one, other] = [keyFor('admins', ann), keyFor('admins', ann, ben)]
    expect(framedKey(undefined, undefined, true)).toBeUndefined()
    expect(framedKey(undefined, one, true)).toBe(one.key)
    expect(framedKey(one, one, true)).toBe(one.key)
    expect(framedKey(one, undefined, true)).toBeUndefined()
    expect(framedKey(undefined, undefined, false)).toBeUndefined()
    expect(framedKey(one, one, false)).toBeUndefined()
    expect(framedKey(one, other, false)).toBe(other.key)
    expect(framedKey(one, undefined, false)).toBeNull()
  })
})
