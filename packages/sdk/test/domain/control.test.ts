import { describe, expect, test } from 'vitest'
import { moderates } from '../../src/domain/rooms/permissions.ts'
import type { ControlChange } from '../../src/protocol/messages/control-change.ts'
import { PINS_LIMIT, TERM_LIMIT } from '../../src/protocol/messages/snapshot.ts'
import type { Member } from '../../src/protocol/mls/engine.ts'
import { parseRelayUrl } from '../../src/protocol/wire/relay-url.ts'
import { ROLES, type Role } from '../../src/records/group.ts'
import type { MessageId } from '../../src/records/ids.ts'
import { deviceKey } from '../identity/histories.ts'
import {
  type Actor,
  actor,
  type Commit,
  dm,
  group,
  judge,
  leafOf,
  logsOf,
  person,
  self,
  withoutDevice,
} from './control-support.ts'

const [alice, bob, carol, eve] = ['alice', 'bob', 'carol', 'eve'].map(actor) as [Actor, Actor, Actor, Actor]
const message = 'ab'.repeat(32) as MessageId

/** Alice has the author's role, bob the target's, and carol keeps the group alive as a second owner. */
const trio = (author: Role, target: Role) => ({
  snapshot: group([person(alice, author), person(bob, target), person(carol, 'owner')]),
  members: [alice, bob, carol].map(({ address, one }, leaf) => leafOf(address, one, leaf)),
  logs: logsOf(alice, bob, carol, eve),
})

const ok = (outcome: unknown): boolean => typeof outcome !== 'string'

describe('the permission table of a group', () => {
  const roles = ROLES.flatMap((author) => ROLES.map((target) => [author, target] as const))
  const lowered: Readonly<Record<Role, readonly Role[]>> = { owner: ROLES, admin: ['member'], member: [] }

  test.each(roles)('%s takes out %s', (author, target) => {
    const { snapshot, members, logs } = trio(author, target)
    const changes: ControlChange[] = [{ kind: 'remove', address: bob.address }]
    const outcome = judge(snapshot, {
      by: alice,
      kind: 'remove',
      members,
      changes,
      removed: [members[1] as Member],
      logs,
    })
    expect(ok(outcome)).toBe(lowered[author].includes(target))
    expect(moderates(snapshot, alice.address, bob.address)).toBe(lowered[author].includes(target))
  })
  test.each(roles)('%s gives %s another role', (author, target) => {
    const { snapshot, members, logs } = trio(author, target)
    for (const role of ROLES) {
      const changes: ControlChange[] = [{ kind: 'role', address: bob.address, role }]
      expect(ok(judge(snapshot, { by: alice, members, changes, logs }))).toBe(author === 'owner')
    }
  })
  const plain: readonly ControlChange[] = [
    { kind: 'name', name: 'New' },
    { kind: 'picture' },
    { kind: 'picture', picture: { mediaType: 'image/png', bytes: new Uint8Array([1]) } },
    { kind: 'timer', seconds: 60 },
    { kind: 'pin', message },
    { kind: 'hubs', hubs: [{ url: parseRelayUrl('ws://hub.example'), key: deviceKey('a relay') }] },
  ]
  test.each(ROLES.flatMap((author) => plain.map((change) => [author, change.kind, change] as const)))(
    '%s: %s',
    (author, _, change) => {
      const { snapshot, members, logs } = trio(author, 'member')
      expect(ok(judge(snapshot, { by: alice, members, changes: [change], logs }))).toBe(author !== 'member')
    },
  )
  test.each(ROLES)('%s asks somebody in', (author) => {
    const { snapshot, members, logs } = trio(author, 'member')
    const changes: ControlChange[] = [{ kind: 'add', address: eve.address }]
    const added = [{ address: eve.address, deviceKey: eve.one }]
    expect(ok(judge(snapshot, { by: alice, kind: 'add', members, changes, added, logs }))).toBe(author !== 'member')
  })
  test.each(ROLES)(
    '%s lets a device of a present person in, takes a revoked one out, and confirms who left',
    (author) => {
      const { snapshot, members, logs } = trio(author, 'owner')
      const added = [{ address: bob.address, deviceKey: bob.two }]
      expect(ok(judge(snapshot, { by: alice, kind: 'add', members, added, logs }))).toBe(true)
      const revoked = logsOf(alice, withoutDevice(bob, 'bob/one'))
      const removed = [members[1] as Member]
      expect(ok(judge(snapshot, { by: alice, kind: 'remove', members, removed, logs: revoked }))).toBe(true)
      const left = { kind: 'left', address: bob.address, deviceKey: bob.one, signature: new Uint8Array(64) } as const
      const gone = { by: alice, kind: 'remove', members, changes: [left], removed, logs } as const
      expect(ok(judge(snapshot, { ...gone, left: new Set([bob.address]) }))).toBe(true)
      expect(judge(snapshot, gone)).toBe('a leave statement that does not verify')
    },
  )
})

describe('a removal by somebody else’s word', () => {
  const order = { address: bob.address, deviceKey: bob.one, signature: new Uint8Array(64) }
  const change = { kind: 'remove', address: eve.address, order } as const
  const snapshot = (role: Role) => group([person(alice, 'member'), person(bob, role), person(eve, 'member')])
  const members = [
    leafOf(alice.address, alice.one, 0),
    leafOf(bob.address, bob.one, 1),
    leafOf(eve.address, eve.one, 2),
  ]
  const commit = (more: Partial<Commit> = {}) =>
    ({
      by: alice,
      kind: 'remove',
      members,
      changes: [change],
      removed: [members[2] as Member],
      logs: logsOf(alice, bob, eve),
      ordered: new Set([eve.address]),
      ...more,
    }) as const
  test('counts, whoever makes it, as far as they may give it now', () => {
    expect(ok(judge(snapshot('owner'), commit()))).toBe(true)
    expect(ok(judge(snapshot('admin'), commit()))).toBe(true)
    // Nobody owns the group any more: what decides is the role that is held here.
    expect(judge(group([person(alice, 'owner'), person(bob, 'member'), person(eve, 'member')]), commit())).toBe(
      'a person who is member does not remove one who is member',
    )
  })
  test('is void without a signature that verifies, from a revoked device, without its log, or by somebody who is gone', () => {
    expect(judge(snapshot('owner'), commit({ ordered: new Set() }))).toBe('an order that does not verify')
    const revoked = logsOf(alice, withoutDevice(bob, 'bob/one'), eve)
    expect(judge(snapshot('owner'), commit({ logs: revoked }))).toBe('a device that is not certified, or revoked')
    expect(judge(snapshot('owner'), commit({ logs: logsOf(alice, eve) }))).toBe(
      'it does not carry the identity log of a device that it concerns',
    )
    const without = group([person(alice, 'owner'), person(eve, 'member')])
    expect(judge(without, commit({ members: [members[0], members[2]] as Member[] }))).toBe(
      'its author is not part of the conversation',
    )
    expect(judge(group([person(alice, 'member'), person(bob, 'owner')]), commit())).toBe(
      'nobody of that address is part of the conversation',
    )
  })
  test('takes nobody out by their own word, nor an admin by an admin’s', () => {
    const own = { ...change, order: { ...order, address: eve.address, deviceKey: eve.one } }
    expect(judge(snapshot('owner'), commit({ changes: [own] }))).toBe('a person leaves, and does not remove themselves')
    const admins = group([person(alice, 'owner'), person(bob, 'admin'), person(eve, 'admin')])
    expect(judge(admins, commit())).toBe('a person who is admin does not remove one who is admin')
  })
})

describe('the permission table of a direct message', () => {
  const snapshot = dm(alice, bob)
  const members = [leafOf(alice.address, alice.one, 0), leafOf(bob.address, bob.one, 1)]
  const logs = logsOf(alice, bob, eve)
  const bobRevoked = withoutDevice(bob, 'bob/one')
  test.each([
    ['an own new device', { kind: 'add', added: [{ address: alice.address, deviceKey: alice.two }] }, true],
    ['a device of the other', { kind: 'add', added: [{ address: bob.address, deviceKey: bob.two }] }, true],
    [
      'a third person',
      { kind: 'add', added: [{ address: eve.address, deviceKey: eve.one }] },
      'a device of somebody who is not part of the conversation',
    ],
    [
      'a third person by name',
      {
        kind: 'add',
        added: [{ address: eve.address, deviceKey: eve.one }],
        changes: [{ kind: 'add', address: eve.address }],
      },
      'a direct message has no such change',
    ],
    [
      'a device that is not certified',
      { kind: 'add', added: [{ address: bob.address, deviceKey: deviceKey('stranger') }] },
      'a device that is not certified, or revoked',
    ],
    ['a removal of a revoked device', { kind: 'remove', removed: [members[1]], logs: logsOf(alice, bobRevoked) }, true],
    [
      'a removal of the other person',
      { kind: 'remove', removed: [members[1]] },
      'a device that is not revoked was removed',
    ],
    [
      'a removal of the other person by name',
      { kind: 'remove', removed: [members[1]], changes: [{ kind: 'remove', address: bob.address }] },
      'a direct message has no such change',
    ],
    ['an empty commit', {}, true],
    ['a timer', { changes: [{ kind: 'timer', seconds: 60 }] }, true],
    ['a pin', { changes: [{ kind: 'pin', message }] }, true],
    ['a name', { changes: [{ kind: 'name', name: 'x' }] }, 'a direct message has no such change'],
    ['a picture', { changes: [{ kind: 'picture' }] }, 'a direct message has no such change'],
    [
      'a role',
      { changes: [{ kind: 'role', address: bob.address, role: 'owner' }] },
      'a direct message has no such change',
    ],
    [
      'the twenty-first device',
      {
        kind: 'add',
        members: Array.from({ length: 20 }, (_, i) => leafOf(alice.address, alice.one, i)),
        added: [{ address: bob.address, deviceKey: bob.two }],
      },
      'the conversation has too many devices',
    ],
  ] as const)('%s', (_, commit, verdict) => {
    const outcome = judge(snapshot, { by: alice, members, logs, ...(commit as object) })
    expect(ok(outcome) || outcome).toBe(verdict)
  })
})

describe('the permission table of a self-conversation', () => {
  const snapshot = self(alice)
  const members = [leafOf(alice.address, alice.one, 0)]
  const both = [...members, leafOf(alice.address, alice.two, 1)]
  const revoked = withoutDevice(alice, 'alice/two')
  const nothing = 'a self-conversation has no such change'
  test.each([
    ['an own new device', { kind: 'add', added: [{ address: alice.address, deviceKey: alice.two }] }, true],
    [
      'a device of somebody else',
      { kind: 'add', added: [{ address: eve.address, deviceKey: eve.one }] },
      'a device of somebody who is not part of the conversation',
    ],
    [
      'somebody else by name',
      {
        kind: 'add',
        added: [{ address: eve.address, deviceKey: eve.one }],
        changes: [{ kind: 'add', address: eve.address }],
      },
      nothing,
    ],
    [
      'an own device that is not revoked',
      { kind: 'remove', members: both, removed: [both[1]] },
      'a device that is not revoked was removed',
    ],
    ['an own revoked one', { kind: 'remove', members: both, removed: [both[1]], logs: logsOf(revoked) }, true],
    ['an empty commit', {}, true],
    ['a timer', { changes: [{ kind: 'timer', seconds: 60 }] }, nothing],
    ['a pin', { changes: [{ kind: 'pin', message }] }, nothing],
    ['a name', { changes: [{ kind: 'name', name: 'x' }] }, nothing],
    ['a commit of somebody else', { by: eve }, 'its author is not part of the conversation'],
    [
      'the twenty-first device',
      {
        kind: 'add',
        members: Array.from({ length: 20 }, (_, i) => leafOf(alice.address, alice.one, i)),
        added: [{ address: alice.address, deviceKey: alice.two }],
      },
      'the conversation has too many devices',
    ],
  ] as const)('%s', (_, commit, verdict) => {
    const outcome = judge(snapshot, { by: alice, members, logs: logsOf(alice, eve), ...(commit as object) })
    expect(ok(outcome) || outcome).toBe(verdict)
  })
  test('the person stays its member, and nobody moderates there', () => {
    const next = judge(snapshot, { by: alice, members, logs: logsOf(alice) })
    expect(next).toMatchObject({ kind: 'self', people: [{ address: alice.address, role: 'member' }] })
    expect(moderates(snapshot, alice.address, alice.address)).toBe(false)
  })
})

describe('what a commit may be', () => {
  const { snapshot, members, logs } = trio('owner', 'member')
  const by = alice
  test('its author must be there, certified and not revoked, by a log that it carries', () => {
    const stranger = { by: eve, members, logs }
    expect(judge(snapshot, stranger)).toBe('its author is not part of the conversation')
    expect(judge(snapshot, { by, members, logs: new Map() })).toMatch(/does not carry/)
    expect(judge(snapshot, { by, members, logs: logsOf(withoutDevice(alice, 'alice/one')) })).toMatch(/revoked/)
    const older = { ...alice, log: { ...alice.log, entries: alice.log.entries.slice(0, 2) } }
    expect(judge(snapshot, { by, members, logs: logsOf(older) })).toMatch(/old copy/)
  })
  test('a log that a commit carries is remembered, and an older one never counts again', () => {
    const grown = withoutDevice(bob, 'bob/two')
    const next = judge(snapshot, { by, members, logs: logsOf(alice, grown) })
    if (typeof next === 'string') throw new Error(next)
    expect(next.people.find(({ address }) => address === bob.address)?.log).toBe(grown.log.entries.length)
    const added = [{ address: bob.address, deviceKey: bob.two }]
    expect(judge(next, { by, kind: 'add', members, added, logs: logsOf(alice, bob) })).toMatch(/old copy/)
    expect(judge(next, { by, kind: 'add', members, added, logs: logsOf(alice, grown) })).toMatch(/revoked/)
  })
  test('a person goes with all of their devices, and no device of somebody else goes along', () => {
    const more = [...members, leafOf(bob.address, bob.two, 3)]
    const changes: ControlChange[] = [{ kind: 'remove', address: bob.address }]
    const base = { by, kind: 'remove', members: more, changes, logs } as const
    expect(judge(snapshot, { ...base, removed: [more[1] as Member] })).toBe(
      'a person was removed but not all of their devices',
    )
    expect(ok(judge(snapshot, { ...base, removed: [more[1] as Member, more[3] as Member] }))).toBe(true)
    expect(judge(snapshot, { ...base, removed: [more[1] as Member, more[3] as Member, more[2] as Member] })).toMatch(
      /not revoked/,
    )
  })
  test('nobody comes without a device, nobody comes twice, nobody removes themselves', () => {
    const add = (address = eve.address) => ({ kind: 'add', address }) as const
    const added = [{ address: eve.address, deviceKey: eve.one }]
    const base = { by, kind: 'add', members, added, logs } as const
    expect(judge(snapshot, { ...base, added: [], changes: [add()] })).toBe('somebody was added without a device')
    expect(judge(snapshot, { ...base, changes: [add(), add()] })).toBe('somebody was added twice')
    expect(judge(snapshot, { ...base, changes: [add(bob.address)] })).toBe('somebody was added twice')
    expect(judge(snapshot, { ...base, changes: [] })).toMatch(/not part of the conversation/)
    const self: ControlChange[] = [{ kind: 'remove', address: alice.address }]
    expect(judge(snapshot, { by, kind: 'remove', members, changes: self, logs })).toMatch(/leaves/)
  })
  test('changes of different kinds do not hide behind each other', () => {
    const name = { kind: 'name', name: 'x' } as const
    const role = { kind: 'role', address: bob.address, role: 'owner' } as const
    expect(judge(snapshot, { by, members, changes: [name, role], logs })).toBe('changes that do not stand together')
    expect(judge(snapshot, { by, members, changes: [name, name], logs })).toBe('changes that do not stand together')
  })
  test('an external commit changes nothing of the conversation', () => {
    const changes: ControlChange[] = [{ kind: 'name', name: 'x' }]
    expect(judge(snapshot, { by, kind: 'external', members, changes, logs })).toMatch(/of its kind/)
    expect(judge(snapshot, { by, kind: 'external', members, logs })).toEqual(snapshot)
  })
  test('pins are unique, limited, and taken back only where they stand', () => {
    const pins = Array.from({ length: PINS_LIMIT }, (_, i) => i.toString(16).padStart(64, '0') as MessageId)
    const change = (kind: 'pin' | 'unpin', id: MessageId) => [{ kind, message: id }] as const
    const pinned = { ...snapshot, pins: pins.slice(1) }
    const base = { by, members, logs }
    expect(judge(pinned, { ...base, changes: change('pin', pins[1] as MessageId) })).toBe('a message is pinned once')
    expect(judge(pinned, { ...base, changes: change('unpin', pins[0] as MessageId) })).toBe('the message is not pinned')
    const full = judge(pinned, { ...base, changes: change('pin', message) })
    if (typeof full === 'string') throw new Error(full)
    expect(full.pins.at(-1)).toBe(message)
    expect(judge(full, { ...base, changes: change('pin', pins[0] as MessageId) })).toMatch(/at most/)
  })
  test('a revoked device does not say goodbye for its person', () => {
    const left = { kind: 'left', address: bob.address, deviceKey: bob.one, signature: new Uint8Array(64) } as const
    const goodbye = { by, kind: 'remove', members, changes: [left], removed: [members[1] as Member] } as const
    const said = new Set([bob.address])
    expect(ok(judge(snapshot, { ...goodbye, logs, left: said }))).toBe(true)
    const revoked = logsOf(alice, withoutDevice(bob, 'bob/one'))
    expect(judge(snapshot, { ...goodbye, logs: revoked, left: said })).toMatch(/revoked/)
  })
  test('a successor answers the void commit that there was, and takes its author out', () => {
    const topic = new Uint8Array(32).fill(4)
    const voided = { topic, seq: 9, offender: bob.address }
    const changes: ControlChange[] = [{ kind: 'successor', ...voided }]
    const base = { by, kind: 'remove', members, removed: [members[1] as Member], logs } as const
    const next = judge(snapshot, { ...base, changes, voided })
    expect(next).toMatchObject({ term: 2 })
    expect(judge(snapshot, { ...base, changes })).toBe('a successor that nothing called for')
    expect(judge(snapshot, { ...base, voided })).toBe('a successor that nothing called for')
    expect(judge(snapshot, { ...base, changes, voided: { ...voided, seq: 8 } })).toMatch(/another void commit/)
    const last = { ...snapshot, term: TERM_LIMIT - 1 }
    expect(judge(last, { ...base, changes, voided })).toMatch(/too many topics/)
  })
})

describe('succession', () => {
  const leaves = (...actors: readonly Actor[]) => actors.map(({ address, one }, leaf) => leafOf(address, one, leaf))
  const left = ({ address, one }: Actor) =>
    ({ kind: 'left', address, deviceKey: one, signature: new Uint8Array(64) }) as const
  const goes = (who: Actor, by: Actor, snapshot: ReturnType<typeof group>, all: readonly Actor[]) => {
    const members = leaves(...all)
    const removed = members.filter(({ address }) => address === who.address)
    const next = judge(snapshot, {
      by,
      kind: 'remove',
      members,
      removed,
      changes: [left(who)],
      logs: logsOf(...all),
      left: new Set([who.address]),
    })
    if (typeof next === 'string') throw new Error(next)
    return next.people.filter(({ role }) => role === 'owner').map(({ address }) => address)
  }
  const all = [alice, bob, carol, eve]
  test('the last owner is followed by the longest-standing admin', () => {
    const people = [
      person(alice, 'owner'),
      person(bob, 'admin', 9),
      person(carol, 'admin', 4),
      person(eve, 'member', 1),
    ]
    expect(goes(alice, eve, group(people), all)).toEqual([carol.address])
  })
  test('without admins by the longest-standing member, among equals by the lowest address', () => {
    const people = [
      person(alice, 'owner'),
      person(bob, 'member', 2),
      person(carol, 'member', 2),
      person(eve, 'member', 3),
    ]
    const [lowest] = [bob.address, carol.address].sort()
    expect(goes(alice, eve, group(people), all)).toEqual([lowest])
  })
  test('while there is another owner nobody rises', () => {
    const people = [person(alice, 'owner'), person(bob, 'owner', 7), person(carol, 'admin', 1)]
    expect(goes(alice, carol, group(people), [alice, bob, carol])).toEqual([bob.address])
  })
  test('the last owner may not give the role away without another owner', () => {
    const snapshot = group([person(alice, 'owner'), person(bob, 'member')])
    const changes: ControlChange[] = [{ kind: 'role', address: alice.address, role: 'member' }]
    const base = { by: alice, members: leaves(alice, bob), logs: logsOf(alice, bob) }
    expect(judge(snapshot, { ...base, changes })).toBe('a group keeps an owner')
  })
})
