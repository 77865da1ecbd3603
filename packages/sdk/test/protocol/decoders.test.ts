import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createIdentity, isDchatError, parseRelayUrl } from '../../src/index.ts'
import { nodeCrypto } from '../../src/node.ts'
import { decodeApprovalRequest, encodeApprovalRequest } from '../../src/protocol/inbox/approval-request.ts'
import { decodeArchivedRoom, encodeArchivedRoom } from '../../src/protocol/inbox/archive.ts'
import {
  decodeAdmitRequest,
  decodeInvitationAnswer,
  decodeMovedNote,
  decodeRoomStateOffer,
  decodeWelcomeBody,
  decodeWelcomePointer,
  encodeAdmitRequest,
  encodeInvitationAnswer,
  encodeMovedNote,
  encodeRoomStateOffer,
  encodeWelcomeBody,
  encodeWelcomePointer,
} from '../../src/protocol/inbox/bodies.ts'
import { decodeGoneNote, encodeGoneNote } from '../../src/protocol/inbox/gone-note.ts'
import { openInboxItem, sealInboxItem } from '../../src/protocol/inbox/item.ts'
import { encodeCommitData } from '../../src/protocol/messages/commit-data.ts'
import type { CommitKey } from '../../src/protocol/messages/commit-key.ts'
import { type ControlChange, controlValue } from '../../src/protocol/messages/control-change.ts'
import { decodeEnvelope, encodeEnvelope } from '../../src/protocol/messages/envelope.ts'
import { decodePersonal, encodePersonal, type WireRegister } from '../../src/protocol/messages/personal.ts'
import { decodeCommitData } from '../../src/protocol/messages/read-commit-data.ts'
import { decodeSnapshot, encodeSnapshot, type Snapshot } from '../../src/protocol/messages/snapshot.ts'
import type { DeviceId, MessageId } from '../../src/records/ids.ts'
import { toHex } from '../../src/util/bytes.ts'
import { mutated } from '../mutate.ts'

const crypto = nodeCrypto()
const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill)
const hub = { url: parseRelayUrl('ws://relay.example'), key: bytes(32, 1) }
const three = [1, 2, 3].map((n) => ({ url: parseRelayUrl(`ws://relay${n}.example`), key: bytes(32, n) }))
const people = [1, 2].map(() => createIdentity({ random: crypto.random }).address).sort()
const [alice, bob] = people as [(typeof people)[0], (typeof people)[0]]
const room = bytes(32, 2)
const topic = bytes(32, 3)

const envelope = {
  seen: { seq: 7, head: bytes(32, 4) },
  logHead: bytes(32, 5),
  log: [bytes(40, 6), bytes(50, 7)],
  payload: { kind: 'content', content: bytes(100, 8) },
} as const
const closing = { seen: envelope.seen, logHead: envelope.logHead, payload: { kind: 'close', winner: topic } } as const
const snapshot: Snapshot = {
  kind: 'dm',
  suite: 'dm-xwing-aes256',
  room,
  opener: bob,
  term: 1,
  name: '',
  timer: 3600,
  people: [
    { address: alice, role: 'member', since: 0, log: 3 },
    { address: bob, role: 'member', since: 0, log: 0 },
  ],
  pins: [toHex(bytes(32, 5)) as MessageId],
}
const group: Snapshot = {
  ...snapshot,
  kind: 'group',
  name: 'Harvest',
  picture: { mediaType: 'image/png', bytes: bytes(100, 1) },
  term: 3,
  people: [
    { address: alice, role: 'owner', since: 0, log: 3 },
    { address: bob, role: 'admin', since: 17, log: 2 },
  ],
}
const commitKey: CommitKey = {
  key: bytes(32, 9),
  keepers: 'owners',
  boxes: [{ device: bytes(32, 1), box: bytes(1_168, 2) }],
}
const keyed: Snapshot = { ...group, commitKey }
const request = { room, topic, reference: bytes(16, 3), epoch: 4, body: bytes(256, 4), frame: bytes(99, 5) }
const own: Snapshot = {
  ...snapshot,
  kind: 'self',
  opener: alice,
  timer: 0,
  people: [{ address: alice, role: 'member', since: 0, log: 3 }],
  pins: [],
}
const changes: readonly ControlChange[] = [
  { kind: 'commit-key', commitKey },
  { kind: 'commit-key' },
  { kind: 'successor', topic, seq: 3, commitKey },
  { kind: 'add', address: alice },
  { kind: 'remove', address: bob },
  { kind: 'remove', address: bob, order: { address: alice, deviceKey: bytes(32, 1), signature: bytes(64, 2) } },
  { kind: 'left', address: bob, deviceKey: bytes(32, 1), signature: bytes(64, 2) },
  { kind: 'name', name: 'New' },
  { kind: 'picture' },
  { kind: 'picture', picture: { mediaType: 'image/webp', bytes: bytes(9, 1) } },
  { kind: 'timer', seconds: 60 },
  { kind: 'role', address: bob, role: 'admin' },
  { kind: 'pin', message: toHex(bytes(32, 5)) as MessageId },
  { kind: 'unpin', message: toHex(bytes(32, 5)) as MessageId },
  { kind: 'successor', topic, seq: 9, offender: bob },
  { kind: 'successor', topic, seq: 9 },
  { kind: 'hubs', hubs: [hub] },
  { kind: 'hubs', hubs: three },
  { kind: 'move', hub },
  { kind: 'handover', topic, seq: 7, head: bytes(32, 4), hub },
]
const movedNote = { room, from: topic, topic: bytes(32, 9), hub, epoch: 4 }
const provenNote = { ...movedNote, proof: [bytes(40, 1), bytes(40, 2)] }
const goneNote = {
  room,
  since: 7,
  word: { address: alice, deviceKey: bytes(32, 8), signature: bytes(64, 9) },
  log: [bytes(40, 6), bytes(50, 7)],
}
const logs = [[bytes(9, 1)], [bytes(9, 2), bytes(9, 3)]]
const leaving = {
  ...envelope,
  payload: { kind: 'leave', signature: bytes(64, 1) },
} as const
const accepting = { ...envelope, payload: { kind: 'accept' } } as const
const sharing = { ...envelope, payload: { kind: 'personal', personal: bytes(50, 1) } } as const
const tag = { time: 1_700_000_000_000, device: toHex(bytes(16, 7)) as DeviceId }
const registers: readonly WireRegister[] = [
  { kind: 'nickname', subject: alice, tag, value: 'Al' },
  { kind: 'archived', subject: toHex(bytes(16, 1)), tag, value: true },
  { kind: 'of-tomorrow', subject: 'x', tag, value: { deep: [1, -2, bytes(3, 3), { a: null }] } },
  { kind: 'pin', subject: 'y', tag: { ...tag, time: 0 }, value: undefined },
]
const sets = { type: 'set', registers } as const
const asks = { type: 'ask', id: bytes(16, 1), state: true, history: bytes(5, 1) } as const
const asksState = { type: 'ask', id: bytes(16, 1), state: true } as const
const state = { type: 'state', ask: bytes(16, 1), part: 1, parts: 3, registers } as const
const keys = { type: 'keys', body: bytes(64, 1) } as const
const past = { type: 'history', body: bytes(300, 1) } as const
const pointer = {
  room,
  topic,
  hub,
  suite: 'dm-xwing-aes256',
  seq: 3,
  package: bytes(64, 9),
  blobs: [bytes(16, 1), bytes(16, 2)],
  blobKey: bytes(32, 3),
  kind: 'group',
  name: 'Harvest',
  people: 12,
} as const
const offer = {
  room,
  topic,
  hub,
  suite: 'group-x25519-aes128',
  seq: 9,
  head: bytes(32, 1),
  epoch: 4,
  seed: bytes(32, 2),
  groupInfo: bytes(10, 3),
  tree: bytes(20, 4),
  snapshot: encodeSnapshot(snapshot),
  epochSeq: 5,
} as const

const moves = [1, 2].map((n) => ({
  from: bytes(32, n),
  term: n,
  epoch: 4,
  to: bytes(32, n + 1),
  hub,
  order: [hub.key, topic],
}))

const others = {
  places: [
    { address: alice, relays: [hub.url] },
    { address: alice, relays: [] },
  ],
  heard: [alice],
}
const told = { ...offer, logs, places: others.places }

const FORMATS = [
  ['envelope', envelope, encodeEnvelope(envelope), decodeEnvelope],
  ['closing envelope', closing, encodeEnvelope(closing), decodeEnvelope],
  ['leaving envelope', leaving, encodeEnvelope(leaving), decodeEnvelope],
  ['accepting envelope', accepting, encodeEnvelope(accepting), decodeEnvelope],
  ['sharing envelope', sharing, encodeEnvelope(sharing), decodeEnvelope],
  ['personal set', sets, encodePersonal(sets), decodePersonal],
  ['personal ask', asks, encodePersonal(asks), decodePersonal],
  ['personal ask for state', asksState, encodePersonal(asksState), decodePersonal],
  ['personal state', state, encodePersonal(state), decodePersonal],
  ['personal keys', keys, encodePersonal(keys), decodePersonal],
  ['personal history', past, encodePersonal(past), decodePersonal],
  ['commit data', { logs, changes }, encodeCommitData(logs, changes.map(controlValue)), decodeCommitData],
  ['group snapshot', group, encodeSnapshot(group), decodeSnapshot],
  ['snapshot', snapshot, encodeSnapshot(snapshot), decodeSnapshot],
  ['gone note', goneNote, encodeGoneNote(goneNote), decodeGoneNote],
  ['moved note', movedNote, encodeMovedNote(movedNote), decodeMovedNote],
  ['moved note with moves', { ...movedNote, moves }, encodeMovedNote({ ...movedNote, moves }), decodeMovedNote],
  ['moved note with a proof', provenNote, encodeMovedNote(provenNote), decodeMovedNote],
  ['snapshot with hubs', { ...snapshot, hubs: three }, encodeSnapshot({ ...snapshot, hubs: three }), decodeSnapshot],
  ['group snapshot with a commit key', keyed, encodeSnapshot(keyed), decodeSnapshot],
  [
    'group snapshot with a commit key and hubs',
    { ...keyed, hubs: three },
    encodeSnapshot({ ...keyed, hubs: three }),
    decodeSnapshot,
  ],
  ['approval request', request, encodeApprovalRequest(request), decodeApprovalRequest],
  ['self snapshot', own, encodeSnapshot(own), decodeSnapshot],
  ['welcome pointer', pointer, encodeWelcomePointer(pointer), decodeWelcomePointer],
  [
    'invitation answer',
    { room, accepted: true },
    encodeInvitationAnswer({ room, accepted: true }),
    decodeInvitationAnswer,
  ],
  [
    'admit request',
    { room, topic, keyPackage: room },
    encodeAdmitRequest({ room, topic, keyPackage: room }),
    decodeAdmitRequest,
  ],
  [
    'admit request of a known stay',
    { room, topic, keyPackage: room, since: 3 },
    encodeAdmitRequest({ room, topic, keyPackage: room, since: 3 }),
    decodeAdmitRequest,
  ],
  [
    'admit request of one who had read a part',
    { room, topic, keyPackage: room, since: 3, read: 0 },
    encodeAdmitRequest({ room, topic, keyPackage: room, since: 3, read: 0 }),
    decodeAdmitRequest,
  ],
  ['room state', offer, encodeRoomStateOffer(offer), decodeRoomStateOffer],
  ['room state after moves', { ...offer, moves }, encodeRoomStateOffer({ ...offer, moves }), decodeRoomStateOffer],
  ['room state with logs', told, encodeRoomStateOffer(told), decodeRoomStateOffer],
  [
    'room state with logs after moves',
    { ...told, moves },
    encodeRoomStateOffer({ ...told, moves }),
    decodeRoomStateOffer,
  ],
  [
    'welcome body',
    { welcome: room, tree: topic, snapshot: room, logs, ...others },
    encodeWelcomeBody({ welcome: room, tree: topic, snapshot: room, logs, ...others }),
    decodeWelcomeBody,
  ],
  [
    'welcome body after moves',
    { welcome: room, tree: topic, snapshot: room, logs, ...others, moves },
    encodeWelcomeBody({ welcome: room, tree: topic, snapshot: room, logs, ...others, moves }),
    decodeWelcomeBody,
  ],
] as const

test.each(FORMATS)('%s: what was encoded comes back', (_, value, encoded, decode) => {
  expect(decode(encoded)).toEqual(value)
})

test.each(FORMATS)(
  '%s: a changed encoding is refused with a typed error, or means something else',
  (_, __, encoded, decode) => {
    fc.assert(
      fc.property(mutated, (mutate) => {
        const changed = mutate(encoded)
        try {
          decode(changed)
        } catch (error) {
          if (!isDchatError(error)) throw error
        }
      }),
      { numRuns: 2_000 },
    )
  },
)

test.each([
  ['two people', { people: snapshot.people }],
  ['somebody else’s opening', { opener: bob }],
  ['a role', { people: [{ address: alice, role: 'owner', since: 0, log: 3 }] }],
  ['a name', { name: 'Mine' }],
  ['a picture', { picture: group.picture }],
  ['a timer', { timer: 60 }],
  ['a pin', { pins: snapshot.pins }],
] as const)('a self-conversation with %s is none', (_, change) => {
  expect(() => decodeSnapshot(encodeSnapshot({ ...own, ...(change as Partial<Snapshot>) }))).toThrow(/snapshot/)
})

test('a sealed inbox item opens for its reader alone, and not for another reader to whom it is passed on', async () => {
  const [sender, reader, other] = [1, 2, 3].map(() => ({ seed: crypto.random(32), introSeed: crypto.random(32) }))
  const keys = async (device: typeof sender) => ({
    seed: device?.seed as Uint8Array,
    introSeed: device?.introSeed as Uint8Array,
    deviceKey: await crypto.ed25519.publicKey(device?.seed as Uint8Array),
    introKey: await crypto.box.publicKey(device?.introSeed as Uint8Array),
  })
  const [from, to, third] = await Promise.all([keys(sender), keys(reader), keys(other)])
  const sealed = await sealInboxItem(crypto, { ...from, log: [room] }, to, 'admit', topic)
  const opened = await openInboxItem(crypto, to, sealed)
  expect(opened).toEqual({ kind: 'admit', deviceKey: from.deviceKey, log: [room], body: topic })
  await expect(openInboxItem(crypto, third, sealed)).rejects.toMatchObject({ code: 'crypto/cannot-decrypt' })
  const passedOn = await sealInboxItem(
    crypto,
    { ...from, log: [room] },
    { ...third, introKey: to.introKey },
    'admit',
    topic,
  )
  await expect(openInboxItem(crypto, to, passedOn)).rejects.toMatchObject({ code: 'crypto/bad-signature' })
})

test('an archived room survives its encoding, of each kind', () => {
  const where = { room, topic, hub, suite: 'dm-xwing-aes256', relays: [hub.url], over: false, place: 7 } as const
  const kinds = [
    { kind: 'dm', name: '', people: [alice] },
    { kind: 'group', name: 'Garden', people: [] },
    { kind: 'self', name: '', people: [] },
  ] as const
  for (const kind of kinds)
    expect(decodeArchivedRoom(encodeArchivedRoom({ ...where, ...kind }))).toEqual({ ...where, ...kind })
  const nobody = encodeArchivedRoom({ ...where, kind: 'dm', name: '', people: [] })
  expect(() => decodeArchivedRoom(nobody)).toThrow('people')
})
