import { describe, expect, test } from 'vitest'
import type { Address } from '../../src/index.ts'
import { converged } from '../../src/testing/invariants/converged.ts'
import { keysFit } from '../../src/testing/invariants/keys-fit.ts'
import { membersOnly } from '../../src/testing/invariants/members-only.ts'
import { nothingLost } from '../../src/testing/invariants/nothing-lost.ts'
import { offendersOut } from '../../src/testing/invariants/offenders-out.ts'
import { oneHistory } from '../../src/testing/invariants/one-history.ts'
import { oneOrder } from '../../src/testing/invariants/one-order.ts'
import { sameOffers } from '../../src/testing/invariants/same-offers.ts'
import { sameState } from '../../src/testing/invariants/same-state.ts'
import { isLeak, leakIn, leaksIn, MARK } from '../../src/testing/invariants/secrecy.ts'
import type {
  Facts,
  Invariant,
  LogEntry,
  MessageSight,
  OfferSight,
  RoomSight,
  Sight,
  TreeSight,
} from '../../src/testing/invariants/sight.ts'
import { trueAuthors } from '../../src/testing/invariants/true-authors.ts'
import { utf8 } from '../../src/util/bytes.ts'

/** A check that cannot fail proves nothing: each of them sees what was doctored into a history, and nothing else. */

const TOPIC = 'aa'.repeat(16)
const ROOM = 'bb'.repeat(32)

const snapshot = {
  kind: 'group',
  suite: 'group-x25519-aes128',
  room: new Uint8Array(32),
  opener: 'ann-address' as Address,
  term: 1,
  name: 'g',
  timer: 0,
  people: ['ann', 'ben'].map((name) => ({
    address: `${name}-address` as Address,
    role: 'member' as const,
    since: 0,
    log: 1,
  })),
  pins: [],
} satisfies RoomSight['snapshot']

const room = (change: Partial<RoomSight> = {}): RoomSight => ({
  id: ROOM,
  chat: 'chat',
  kind: 'group',
  topic: TOPIC,
  term: 1,
  seq: 10,
  state: 'open',
  leaving: false,
  invited: false,
  pending: false,
  epoch: 1,
  joinedEpoch: 0,
  seeds: new Map([[1, 'seed']]),
  heads: new Map([[10, 'head']]),
  commits: [{ ended: 0, seq: 1, removed: [] }],
  snapshot,
  ...change,
})

const message = (change: Partial<MessageSight> = {}): MessageSight => ({
  id: 'm1',
  chat: 'chat',
  room: ROOM,
  from: 'ann-address',
  device: 'ann-device',
  own: false,
  spot: { topic: TOPIC, seq: 5 },
  state: 'delivered',
  isNotice: false,
  isHistory: false,
  expiresAt: undefined,
  shown: `{"text":"${MARK} send 1.0 by ann/1"}`,
  ...change,
})

const tree = (change: Partial<TreeSight> = {}): TreeSight => ({
  room: ROOM,
  topic: TOPIC,
  epoch: 1,
  authenticator: 'a',
  devices: ['ann-device', 'ben-device'],
  people: ['ann-address', 'ben-address'],
  foreignKeys: [],
  ...change,
})

const offer = (change: Partial<OfferSight> = {}): OfferSight => ({
  id: 'o1',
  room: ROOM,
  first: 3,
  whole: true,
  shown: 'open',
  ...change,
})

interface Shown {
  readonly rooms?: readonly RoomSight[]
  readonly messages?: readonly MessageSight[]
  readonly trees?: readonly TreeSight[]
  readonly gone?: readonly MessageSight[]
  readonly offers?: readonly OfferSight[]
  readonly missed?: number
}

const sight = (
  name: string,
  { rooms = [room()], messages = [message()], trees = [], gone = [], offers = [], missed = -1 }: Shown = {},
): Sight => ({
  at: 1_000,
  device: `${name}/1`,
  deviceId: `${name}-device`,
  address: `${name}-address`,
  rooms: new Map(rooms.map((each) => [each.id, each])),
  messages: new Map(messages.map((each) => [each.id, each])),
  offers: new Map(offers.map((each) => [each.id, each])),
  missed: new Map([[ROOM, missed]]),
  expired: new Set(),
  fresh: { rooms, messages, trees, gone },
})

const entry = (seq: number, change: Partial<LogEntry> = {}): LogEntry => ({
  seq,
  epoch: 1,
  kind: 'application',
  ...change,
})
/** Entry 1 ends epoch 0; the rest are messages of epoch 1. */
const LOG = [entry(1, { epoch: 0, kind: 'commit' }), ...Array.from({ length: 9 }, (_, at) => entry(at + 2))]

const facts = (sights: readonly Sight[], change: Partial<Facts> = {}): Facts => ({
  log: () => LOG,
  members: () => new Set(['ann-device', 'ben-device']),
  newest: () => 1,
  held: () => true,
  restored: () => false,
  missed: () => false,
  whole: () => true,
  sights: () => sights,
  ...change,
})

/** What an invariant says of these devices, seen one after the other. */
const says = (invariant: Invariant, sights: readonly Sight[], change: Partial<Facts> = {}): readonly string[] => {
  const known = facts(sights, change)
  return [...sights.flatMap((each) => invariant.look?.(each, known) ?? []), ...(invariant.end?.(known) ?? [])]
}

const personOf = (address: string): string => address.split('-')[0] as string
const own = message({ own: true, state: 'sent' })
const offence = { room: ROOM, term: 1, epoch: 1, address: 'ben-address' }
const at = (seq: number) => ({ topic: TOPIC, seq })

const CASES: readonly [what: string, make: () => Invariant, sights: readonly Sight[], change?: Partial<Facts>][] = [
  ['two messages at one place', oneOrder, [sight('ann'), sight('ben', { messages: [message({ id: 'm2' })] })]],
  ['one message at two places', oneOrder, [sight('ann'), sight('ben', { messages: [message({ spot: at(6) })] })]],
  ['two messages at one place of one list', oneOrder, [sight('ann', { messages: [message(), message({ id: 'm2' })] })]],
  ['two chains', oneOrder, [sight('ann'), sight('ben', { rooms: [room({ heads: new Map([[10, 'other']]) })] })]],
  [
    'two secrets of one epoch',
    oneHistory,
    [sight('ann'), sight('ben', { rooms: [room({ seeds: new Map([[1, 'x']]) })] })],
  ],
  [
    'two commits at one place',
    oneHistory,
    [sight('ann'), sight('ben', { rooms: [room({ commits: [{ ended: 0, seq: 1, removed: ['c'] }] })] })],
  ],
  [
    'two ends of one epoch',
    oneHistory,
    [sight('ann'), sight('ben', { rooms: [room({ commits: [{ ended: 0, seq: 2, removed: [] }] })] })],
  ],
  [
    'two control states of one epoch',
    oneHistory,
    [sight('ann'), sight('ben', { rooms: [room({ snapshot: { ...snapshot, name: 'other' } })] })],
  ],
  [
    'two trees of one epoch',
    oneHistory,
    [sight('ann', { trees: [tree()] }), sight('ben', { trees: [tree({ authenticator: 'b' })] })],
  ],
  [
    'an epoch that the relay let end twice',
    oneHistory,
    [sight('ann')],
    { log: () => [...LOG, entry(11, { epoch: 0, kind: 'commit' })] },
  ],
  [
    'a message that is sent and not there',
    nothingLost,
    [sight('ann', { messages: [own] }), sight('ben', { messages: [] })],
  ],
  [
    'a message that is sent and not in the log',
    nothingLost,
    [sight('ann', { messages: [own] }), sight('ben', { messages: [] })],
    { log: () => [] },
  ],
  [
    'a message that is sent and stands nowhere',
    nothingLost,
    [sight('ann', { messages: [message({ own: true, state: 'sent', spot: undefined })] })],
  ],
  ['a message that vanishes', nothingLost, [sight('ann', { messages: [own] }), sight('ben', { gone: [message()] })]],
  ['two states of one message', sameState, [sight('ann'), sight('ben', { messages: [message({ shown: 'other' })] })]],
  [
    'two states of one offer',
    sameOffers,
    [sight('ann', { offers: [offer()] }), sight('ben', { offers: [offer({ shown: 'other' })] })],
  ],
  ['an offer that is not there', sameOffers, [sight('ann', { offers: [offer()] }), sight('ben')]],
  ['a reader who was no member', membersOnly, [sight('cid')]],
  ['an author who was no member', membersOnly, [sight('ann', { messages: [message({ device: 'cid-device' })] })]],
  [
    'an author who is out by then',
    membersOnly,
    [sight('ann')],
    {
      log: () => LOG.map((each) => (each.seq === 3 ? entry(3, { kind: 'commit' }) : each)),
      members: (_, epoch) => new Set(epoch === 1 ? ['ann-device', 'ben-device'] : ['ben-device']),
    },
  ],
  ['a message that the relay does not have', membersOnly, [sight('ann')], { log: () => [] }],
  [
    'a message that is 65 entries late',
    membersOnly,
    [sight('ann', { messages: [message({ spot: at(70) })] })],
    { log: () => Array.from({ length: 70 }, (_, index) => entry(index + 1, index === 4 ? { kind: 'commit' } : {})) },
  ],
  [
    'a message that is five commits late',
    membersOnly,
    [sight('ann', { messages: [message({ spot: at(9) })] })],
    {
      log: () =>
        Array.from({ length: 9 }, (_, index) =>
          index > 1 && index < 7 ? entry(index + 1, { kind: 'commit', epoch: index - 1 }) : entry(index + 1),
        ),
    },
  ],
  ['a secret that is not the tree’s', keysFit, [sight('ann', { trees: [tree({ foreignKeys: [3] })] })]],
  ['words of another', () => trueAuthors(personOf), [sight('ben', { messages: [message({ from: 'ben-address' })] })]],
  ['an offender who stays', () => offendersOut(() => [offence]), [sight('ann', { rooms: [room({ term: 2 })] })]],
  ['a term that goes on after an offence', () => offendersOut(() => [offence]), [sight('ann')]],
  ['a device that has not read everything', converged, [sight('ann', { rooms: [room({ seq: 9 })] })]],
  ['a device in an old epoch', converged, [sight('ann', { rooms: [room({ epoch: 0 })] })]],
  ['a member whose room is closed', converged, [sight('ann', { rooms: [room({ state: 'closed' })] })]],
  ['a commit that waits for ever', converged, [sight('ann', { rooms: [room({ pending: true })] })]],
  [
    'a message that waits for ever',
    converged,
    [sight('ann', { messages: [message({ own: true, state: 'queued', spot: undefined })] })],
  ],
  [
    'a device that waits for ever, alone, with a store that was never lost',
    converged,
    [sight('ann', { rooms: [room({ state: 'rejoining' })] })],
    { members: () => new Set(['ann-device']) },
  ],
  [
    'a device from a backup that waits for ever among others',
    converged,
    [sight('ann', { rooms: [room({ state: 'rejoining' })] }), sight('ben')],
    { restored: () => true },
  ],
  ['somebody who is out and does not know it', converged, [sight('cid', { messages: [] })]],
]

describe('every check sees what was doctored into a history', () => {
  test.each(CASES)('%s', (_, make, sights, change) => {
    expect(says(make(), sights, change)).not.toEqual([])
  })
})

describe('no check cries wolf', () => {
  const EVERY: readonly (() => Invariant)[] = [
    ...new Set(CASES.map(([, make]) => make).filter((make) => make.name !== '')),
    () => trueAuthors(personOf),
    () => offendersOut(() => []),
  ]
  test('two devices that show the same', () => {
    const shown = { messages: [own], trees: [tree()] }
    const sights = [sight('ann', shown), sight('ben', { ...shown, messages: [message()] })]
    for (const make of EVERY) expect(says(make(), sights)).toEqual([])
  })

  test('who missed steps of an offer, or where it began, may have it otherwise or not at all', () => {
    const whole = sight('ann', { offers: [offer()] })
    const partly = sight('ben', { offers: [offer({ shown: 'other', whole: false })] })
    expect(says(sameOffers(), [whole, partly])).toEqual([])
    expect(says(sameOffers(), [whole, sight('ben', { missed: 3 })])).toEqual([])
    expect(says(sameOffers(), [whole, sight('ben', { rooms: [room({ seq: 4 })] })])).toEqual([])
  })

  test('a device from a backup, alone in its group, has nobody to ask', () => {
    const sights = [sight('ann', { rooms: [room({ state: 'rejoining' })] })]
    const alone = { members: () => new Set(['ann-device']), restored: () => true }
    expect(says(converged(), sights, alone)).toEqual([])
  })

  test('who was told of a gap, held no key or has not read so far misses nothing', () => {
    const sights = [sight('ann', { messages: [own] }), sight('ben', { messages: [] })]
    expect(says(nothingLost(), sights, { missed: () => true })).toEqual([])
    expect(says(nothingLost(), sights, { held: () => false })).toEqual([])
    const behind = sight('ben', { messages: [], rooms: [room({ seq: 4 })] })
    expect(says(nothingLost(), [sight('ann', { messages: [own] }), behind])).toEqual([])
  })
})

describe('what people write is found wherever it leaks', () => {
  const text = `${MARK} send 1.0 by ann/1`
  const bytes = utf8(`before ${text} after`)
  test.each([
    ['clear', bytes],
    ['hex', utf8(Buffer.from(bytes).toString('hex'))],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['base64', utf8(Buffer.from(text).toString('base64'))],
    ['base64, one byte on', utf8(Buffer.from(`.${text}`).toString('base64'))],
    ['base64, two bytes on', utf8(Buffer.from(`..${text}`).toString('base64'))],
  ])('%s', (_, leaking) => {
    expect(isLeak(new Uint8Array(leaking))).toBe(true)
    const frame = { at: 0, from: 'ann/1', to: 'hub', type: 'request', bytes: new Uint8Array(leaking) }
    expect(leakIn(frame)).toBeDefined()
  })

  test('in stores of any shape, and not where there is nothing', () => {
    expect(leaksIn(new Map([['a', { deep: [new Set([{ bytes }])] }]]))).toBe(true)
    expect(leaksIn({ name: text })).toBe(true)
    const ring: { self?: unknown } = {}
    ring.self = ring
    expect(leaksIn([ring, new Map([['key', utf8('nothing here')]])])).toBe(false)
  })
})
