import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryStorage } from '../../src/adapters/storage/memory.ts'
import { beside, placeMessage, putAside } from '../../src/client/message-life/place-message.ts'
import { putMessage } from '../../src/client/message-life/rows.ts'
import type { MessageRecord } from '../../src/client/records.ts'
import { placeIn, placeOf, placeParts } from '../../src/domain/messages/place.ts'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import type { ConversationId } from '../../src/records/ids.ts'
import type { Message } from '../../src/records/message.ts'

const CHAT = 'group:ab' as ConversationId
const ROOM = 'ab'.repeat(32)

const shop = () => {
  let nonce = 0
  const store = sealedStore(memoryStorage(), new Uint8Array(32).fill(9), (length) =>
    new Uint8Array(length).fill(nonce++),
  )
  const listed = async (): Promise<readonly (readonly [string, number])[]> => {
    const rows = await store.read((tx) => tx.page<MessageRecord>('messages', { scope: CHAT, limit: 1_000 }))
    return rows.map(({ value }) => [value.id, value.place])
  }
  return { store, listed }
}

const message = (id: string, place: number, room = ROOM): MessageRecord =>
  ({ id, conversation: CHAT, room, place, from: 'x', content: { type: 'text', text: id } }) as unknown as MessageRecord

const ids = (list: readonly (readonly [string, number])[]) => list.map(([id]) => id)

test('what another device tells of the past stands beside its place where that is taken, within its topic', async () => {
  const { store, listed } = shop()
  await store.write(async (tx) => {
    putMessage(tx, message('here', placeOf(2, 5)))
    putMessage(tx, message('next topic', placeOf(3, 1)))
  })
  for (const id of ['told', 'told too']) {
    const placed = await store.write(async (tx) => {
      const record = await beside(tx, message(id, placeOf(2, 5)))
      if (record !== undefined) putMessage(tx, record)
      return record
    })
    expect(placeParts(placed?.place ?? 0).term).toBe(2)
  }
  expect(ids(await listed())).toEqual(['here', 'told', 'told too', 'next topic'])
})

test('what is told of a free place stands there, and of a conversation that never moved nothing beside another', async () => {
  const { store } = shop()
  await store.write(async (tx) => putMessage(tx, message('here', placeOf(1, 5))))
  const told = (place: number) => store.read((tx) => beside(tx, message('told', place)))
  expect(await told(placeOf(1, 6))).toMatchObject({ place: placeOf(1, 6) })
  expect(await told(placeOf(1, 5))).toBeUndefined()
  expect(await store.read((tx) => beside(tx, message('here', placeOf(1, 5))))).toMatchObject({ place: placeOf(1, 5) })
})

test('what the topic has at a place puts aside what was told of it, and takes it anew where it is said again', async () => {
  const { store, listed } = shop()
  await store.write(async (tx) => putMessage(tx, message('told', placeOf(2, 5))))
  const told: { readonly messages: Message[] } = { messages: [] }
  await store.write((tx) => placeMessage(tx, message('here', placeOf(2, 5)), told))
  expect(told.messages.map(({ id }) => id)).toEqual(['told'])
  expect(ids(await listed())).toEqual(['here', 'told'])
  await store.write(async (tx) => placeMessage(tx, message('told', placeOf(2, 9)), told))
  expect(await listed()).toEqual([
    ['here', placeOf(2, 5)],
    ['told', placeOf(2, 9)],
  ])
})

test('what was said on a side that does not stand comes behind the last topic of both, in its order; its notices go', async () => {
  const seqs = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('group' as const, 'dm' as const),
      fc.tuple(seqs, seqs, seqs),
      seqs,
      async (kind, sides, stands) => {
        const { store, listed } = shop()
        // A direct message's room has the term that its device gave it.
        const own = kind === 'dm' ? 7 : 3
        const at = (term: number, seq: number) => placeIn({ kind, term }, kind === 'dm' ? own : term, seq)
        const said = sides.flatMap((list, topic) => list.map((seq) => ({ term: topic + 1, seq })))
        const isNotice = ({ seq }: { readonly seq: number }) => seq % 4 === 0
        const other = message('of another room', placeOf(9, 1), 'cd'.repeat(32))
        await store.write(async (tx) => {
          for (const { term, seq } of said) {
            const record = message(`${term}:${seq}`, at(term, seq))
            const notice = { type: 'notice', notice: { kind: 'left', by: 'x' } } as unknown as MessageRecord['content']
            putMessage(tx, isNotice({ seq }) ? { ...record, content: notice } : record)
          }
          putMessage(tx, other)
        })
        const told: { readonly messages: Message[] } = { messages: [] }
        const gone = said
          .filter(({ term, seq }) => term > 1 && isNotice({ seq }))
          .map(({ term, seq }) => `${term}:${seq}`)
        const before = ids(await listed()).filter((id) => !gone.includes(id))
        const { moved, dropped } = await store.write((tx) =>
          putAside(tx, { id: ROOM, conversation: CHAT, term: own }, kind, 1),
        )
        expect(moved.length).toBe(said.filter(({ term }) => term > 1).length - gone.length)
        expect(dropped.map(({ id }) => id).sort()).toEqual(gone.sort())
        expect(ids(await listed())).toEqual(before)
        // The topics that stand have their places for themselves, and nothing of the shared one was moved.
        await store.write(async (tx) => {
          for (const seq of stands) await placeMessage(tx, message(`stands ${seq}`, at(2, seq)), told)
        })
        expect(told.messages).toEqual([])
        const after = await listed()
        expect(ids(after).filter((id) => !id.startsWith('stands'))).toEqual(before)
        expect(after.filter(([, place]) => place >= at(2, 0) && place < other.place).length).toBe(stands.length)
      },
    ),
  )
})
