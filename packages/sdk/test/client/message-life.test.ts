import fc from 'fast-check'
import { expect, test } from 'vitest'
import { putExpiry } from '../../src/client/message-life/expiry.ts'
import { showPins } from '../../src/client/message-life/pins.ts'
import { readAction } from '../../src/client/message-life/read-action.ts'
import { reported } from '../../src/client/message-life/report.ts'
import { getMessage, putMessage, withRootReply } from '../../src/client/message-life/rows.ts'
import type { ExpiryRecord, MessageRecord } from '../../src/client/records.ts'
import { placeOf } from '../../src/domain/messages/place.ts'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import type { Store } from '../../src/domain/store/store.ts'
import { memoryStorage, nodeCrypto } from '../../src/node.ts'
import type { WireAction } from '../../src/protocol/content/read.ts'
import type { Snapshot } from '../../src/protocol/messages/snapshot.ts'
import type { Address, ConversationId, DeviceId, MessageId } from '../../src/records/ids.ts'

const crypto = nodeCrypto()
const [ann, bea, cid] = ['dchat1ann', 'dchat1bea', 'dchat1cid'] as [Address, Address, Address]
const conversation = 'talk' as ConversationId
const START = 1_700_000_000_000
/** Ann is the owner and deletes what anybody wrote. */
const snapshot: Snapshot = {
  kind: 'group',
  suite: 'group-x25519-aes128',
  room: new Uint8Array(32),
  opener: ann,
  term: 1,
  name: 'Walks',
  timer: 0,
  pins: [],
  people: [ann, bea, cid].map((address) => ({ address, role: address === ann ? 'owner' : 'member', since: 0, log: 1 })),
}

const newStore = (): Store => sealedStore(memoryStorage(), new Uint8Array(32).fill(1), crypto.random)
const idOf = (number: number) => number.toString(16).padStart(64, '0') as MessageId

/** One entry of a topic: a message, or an action on an earlier entry of any kind. */
interface Said {
  readonly id: MessageId
  readonly from: Address
  readonly action?: WireAction
}

const message = ({ id, from }: Said, seq: number): MessageRecord => ({
  id,
  conversation,
  room: 'room',
  from,
  device: 'device' as DeviceId,
  own: false,
  content: { type: 'text', text: `words of ${id}` },
  state: 'delivered',
  at: START,
  place: placeOf(1, seq),
})

/** Reads a topic into a store and tells the places of void entries. */
const read = async (store: Store, topic: readonly Said[]): Promise<readonly number[]> => {
  const voided: number[] = []
  for (const [seq, said] of topic.entries())
    await store.write(async (tx) => {
      const { id, from, action } = said
      if (action === undefined) {
        if ((await getMessage(tx, id)) === undefined) putMessage(tx, message(said, seq))
        return
      }
      const { refused } = await readAction(tx, {
        id,
        from,
        self: ann,
        action,
        at: START + seq,
        conversation,
        snapshot,
        room: 'room',
      })
      if (refused !== undefined) voided.push(seq)
    })
  return voided
}

/** Places do not matter here: a topic without its repetitions counts them otherwise. */
const states = (store: Store, topic: readonly Said[]) =>
  store.read(async (tx) => {
    const messages = []
    for (const { id, action } of topic)
      if (action === undefined) {
        const { place: _, editedAt: __, editions, ...rest } = (await getMessage(tx, id)) as MessageRecord
        messages.push({ ...rest, editions: editions?.map(({ content }) => content) })
      }
    return messages
  })

const step = fc.record({
  from: fc.constantFrom(ann, bea, cid),
  kind: fc.constantFrom('message', 'react', 'edit', 'retract', 'again' as const),
  target: fc.nat(),
  emoji: fc.constantFrom('👍', '👎', ''),
})

/** A topic in which actions name anything that stands before them, themselves included. */
const topics = fc.array(step, { minLength: 1, maxLength: 30 }).map((steps) => {
  const topic: Said[] = [{ id: idOf(0), from: bea }]
  for (const [index, { from, kind, target, emoji }] of steps.entries()) {
    const id = idOf(index + 1)
    const earlier = topic[target % topic.length] as Said
    if (kind === 'again') topic.push(earlier)
    else if (kind === 'message') topic.push({ id, from })
    else if (kind === 'react') topic.push({ id, from, action: { type: 'react', target: earlier.id, emoji } })
    else if (kind === 'retract') topic.push({ id, from, action: { type: 'retract', target: earlier.id } })
    else {
      const content = { type: 'text', text: `edit ${id}` } as const
      topic.push({ id, from, action: { type: 'edit', target: earlier.id, content } })
    }
  }
  return topic
})

test('two readers of one topic hold the same messages, and what is void leaves no trace', async () => {
  await fc.assert(
    fc.asyncProperty(topics, async (topic) => {
      const [first, second, third] = [newStore(), newStore(), newStore()]
      const voided = await read(first, topic)
      expect(await read(second, topic)).toEqual(voided)
      const seen = await states(first, topic)
      expect(await states(second, topic)).toEqual(seen)
      await read(
        third,
        topic.filter((_, seq) => !voided.includes(seq)),
      )
      expect(await states(third, topic)).toEqual(seen)
    }),
    { numRuns: 150 },
  )
})

test('reading everything a second time changes nothing that counted', async () => {
  await fc.assert(
    fc.asyncProperty(topics, async (topic) => {
      const store = newStore()
      const voided = await read(store, topic)
      const seen = await states(store, topic)
      await read(
        store,
        topic.filter((_, seq) => !voided.includes(seq)),
      )
      expect(await states(store, topic)).toEqual(seen)
    }),
    { numRuns: 150 },
  )
})

test('nobody but its author changes the words of a message, and none but author and owner delete it', async () => {
  await fc.assert(
    fc.asyncProperty(topics, async (topic) => {
      const store = newStore()
      await read(store, topic)
      const writers = new Map(topic.map(({ id, from }) => [id, from]))
      for (const { from, content, editions, reactions } of await states(store, topic)) {
        if (content.type === 'deleted') {
          expect([from, ann]).toContain(content.by)
          expect([editions, reactions]).toEqual([undefined, undefined])
        }
        if (content.type === 'text' && content.text.startsWith('edit '))
          expect(writers.get(content.text.slice(5) as MessageId)).toBe(from)
        for (const mark of reactions ?? []) expect(writers.get(mark.id)).toBe(mark.from)
      }
    }),
    { numRuns: 150 },
  )
})

test('an edit stands for its message in replies; a reaction does not', async () => {
  const store = newStore()
  const [root, edit, react] = [idOf(1), idOf(2), idOf(3)]
  await read(store, [
    { id: root, from: bea },
    { id: edit, from: bea, action: { type: 'edit', target: root, content: { type: 'text', text: 'b' } } },
    { id: react, from: cid, action: { type: 'react', target: edit, emoji: '👍' } },
  ])
  const replyTo = (id: MessageId) => store.read((tx) => withRootReply(tx, { replyTo: id }))
  expect(await replyTo(edit)).toEqual({ replyTo: root })
  expect(await replyTo(root)).toEqual({ replyTo: root })
  expect(await replyTo(react)).toEqual({ replyTo: react })
  expect(await store.read((tx) => getMessage(tx, root))).toMatchObject({ reactions: [{ from: cid, emoji: '👍' }] })
})

test('thousands of messages may end in one millisecond', async () => {
  const store = newStore()
  const count = 2_100
  for (let i = 0; i < count; i++)
    await store.write((tx) => putExpiry(tx, { ...message({ id: idOf(i), from: bea }, i), expiresAt: START }))
  const rows = await store.read((tx) => tx.page<ExpiryRecord>('jobs', { scope: 'expiry', limit: 10_000 }))
  expect(rows).toHaveLength(count)
  expect(rows.every(({ position }) => Math.floor((position as number) / 1_024) - START <= 2)).toBe(true)
})

test('a report moves a direct message at once, and one of a group when the last has reported', () => {
  const sent: MessageRecord = { ...message({ id: idOf(1), from: ann }, 1), own: true, state: 'sent' }
  expect(reported(sent, bea, 'read', snapshot)).toMatchObject({ state: 'read' })
  const inGroup: MessageRecord = { ...sent, receipts: { epoch: 0, delivered: [], read: [] } }
  const one = reported(inGroup, bea, 'read', snapshot) as MessageRecord
  expect(one).toMatchObject({ state: 'sent', receipts: { delivered: [bea], read: [bea] } })
  expect(reported(one, bea, 'delivered', snapshot)).toBeUndefined()
  expect(reported(one, 'dchat1dan' as Address, 'read', snapshot)).toBeUndefined()
  expect(reported(one, cid, 'delivered', snapshot)).toMatchObject({ state: 'delivered' })
  const withoutCid = { people: snapshot.people.filter(({ address }) => address !== cid) }
  expect(reported(inGroup, bea, 'read', withoutCid)).toMatchObject({ state: 'read' })
})

test('pins mark the messages that are here, and only those that changed are told', async () => {
  const store = newStore()
  const [one, two, missing] = [idOf(1), idOf(2), idOf(3)]
  await read(store, [
    { id: one, from: ann },
    { id: two, from: bea },
  ])
  const show = (before: readonly MessageId[], after: readonly MessageId[]) =>
    store.write(async (tx) => (await showPins(tx, before, after)).map(({ id, pinned }) => [id, pinned ?? false]))
  expect(await show([], [one, missing])).toEqual([[one, true]])
  expect(await show([one, missing], [two, missing])).toEqual([
    [one, false],
    [two, true],
  ])
  expect(await show([two], [two])).toEqual([])
  expect(await store.read((tx) => getMessage(tx, one))).not.toHaveProperty('pinned')
})
