import fc from 'fast-check'
import type { PastMessage } from '../../../src/protocol/history/message.ts'
import { createIdentity } from '../../../src/protocol/identity/identity.ts'
import { parseRelayUrl } from '../../../src/protocol/wire/relay-url.ts'
import type { Content } from '../../../src/records/content.ts'
import { KEEPERS, type Notice } from '../../../src/records/group.ts'
import type { DeviceId, MessageId } from '../../../src/records/ids.ts'
import { toHex } from '../../../src/util/bytes.ts'

const PEOPLE = Array.from({ length: 4 }, () => createIdentity().address)

const hex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toHex)
const id = hex(32) as fc.Arbitrary<MessageId>
const person = fc.constantFrom(...PEOPLE)
const time = fc.integer({ min: 0, max: 2 ** 41 })
const text = fc.string({ maxLength: 200, unit: 'grapheme' })
const emoji = fc.constantFrom('👍', '❤️', 'ok')
const reply = { replyTo: id, forwarded: fc.constant(true as const) }
const words = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text, ...reply }, { requiredKeys: ['type', 'text'] }),
  fc.record(
    { type: fc.constant('markdown' as const), markdown: text, ...reply },
    { requiredKeys: ['type', 'markdown'] },
  ),
)
const name = text.map((value) => value.replace(/\p{Cc}/gu, '').slice(0, 50))

const notice: fc.Arbitrary<Notice> = fc.oneof(
  fc.record({ kind: fc.constantFrom('created' as const, 'left' as const, 'picture' as const), by: person }),
  fc.record({
    kind: fc.constantFrom('added' as const, 'removed' as const),
    by: person,
    people: fc.array(person, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('renamed' as const), by: person, name }),
  fc.record({
    kind: fc.constant('role' as const),
    by: person,
    address: person,
    role: fc.constantFrom('owner' as const, 'admin' as const, 'member' as const),
  }),
  fc.record({ kind: fc.constant('timer' as const), by: person, seconds: fc.constantFrom(0, 5, 3_600) }),
  fc.record({ kind: fc.constantFrom('pinned' as const, 'unpinned' as const), by: person, message: id }),
  fc.record(
    { kind: fc.constant('repaired' as const), by: person, removed: person, approval: fc.constantFrom(...KEEPERS) },
    { requiredKeys: ['kind', 'by'] },
  ),
  fc.record({ kind: fc.constant('approval-lifted' as const), by: person }),
  fc.record({
    kind: fc.constantFrom('bot-installed' as const, 'bot-scope-changed' as const),
    by: person,
    address: person,
    read: fc.oneof(
      fc.constant('all' as const),
      fc.subarray(['commands' as const, 'mentions' as const, 'replies' as const]),
    ),
  }),
  fc.record({ kind: fc.constant('bot-removed' as const), by: person, address: person }),
  fc.record({
    kind: fc.constant('hubs' as const),
    by: person,
    hubs: fc.array(fc.constantFrom('wss://a.example', 'wss://b.example:8443').map(parseRelayUrl), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.record({ kind: fc.constant('moved' as const), by: person, hub: fc.constant(parseRelayUrl('wss://a.example')) }),
)

const content: fc.Arbitrary<Content> = fc.oneof(
  words,
  fc.record(
    {
      type: fc.constant('unknown' as const),
      mediaType: fc.constant('image/png'),
      fallback: text,
      bytes: fc.uint8Array({ maxLength: 100 }),
      replyTo: id,
    },
    { requiredKeys: ['type', 'mediaType', 'fallback', 'bytes'] },
  ),
  fc.record({ type: fc.constant('deleted' as const), by: person }),
  fc.record({ type: fc.constant('notice' as const), notice }),
  fc.record(
    {
      type: fc.constant('offer' as const),
      offer: hex(16),
      event: hex(32),
      step: fc.oneof(fc.constantFrom('propose' as const, 'accept' as const), fc.constant({ unknown: 'later' })),
      summary: text,
      refused: fc.constantFrom('expired' as const),
      replyTo: id,
    },
    { requiredKeys: ['type', 'offer', 'event', 'step', 'summary'] },
  ),
)

const rooms = [
  { id: '11'.repeat(32), peer: PEOPLE[0] as (typeof PEOPLE)[0] },
  { id: '22'.repeat(32), name: 'Garden' },
  { id: '33'.repeat(32) },
]

/** Any message that one device may hand to another. */
export const pastMessage: fc.Arbitrary<PastMessage> = fc.record(
  {
    id,
    room: fc.constantFrom(...rooms),
    from: person,
    device: hex(16) as fc.Arbitrary<DeviceId>,
    content,
    at: time,
    term: fc.integer({ min: 0, max: 4_095 }),
    seq: fc.integer({ min: 1, max: 2 ** 40 - 1 }),
    state: fc.constantFrom('sent' as const, 'delivered' as const, 'read' as const),
    editedAt: time,
    editions: fc.array(fc.record({ content: words, at: time }), { minLength: 1, maxLength: 3 }),
    reactions: fc.array(fc.record({ id, from: person, emoji }), { minLength: 1, maxLength: 3 }),
    actions: fc.array(
      fc.record(
        { id, from: person, type: fc.constantFrom('edit' as const, 'react' as const, 'retract' as const), emoji },
        { requiredKeys: ['id', 'from', 'type'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    expiresAt: time,
  },
  { requiredKeys: ['id', 'room', 'from', 'device', 'content', 'at', 'term', 'seq', 'state'] },
)
