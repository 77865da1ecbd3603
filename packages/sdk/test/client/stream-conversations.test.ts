import { beforeEach, describe, expect, test } from 'vitest'
import { memoryStorage } from '../../src/adapters/storage/memory.ts'
import { putConversation } from '../../src/client/conversation-store.ts'
import { setRegister } from '../../src/client/personal/registers.ts'
import { streamConversations } from '../../src/client/personal/stream-conversations.ts'
import type { ConversationRecord } from '../../src/client/records.ts'
import { type Touched, tellingTouched } from '../../src/client/touched.ts'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import type { Store } from '../../src/domain/store/store.ts'
import type { Conversation } from '../../src/records/conversation.ts'
import type { Address, ConversationId } from '../../src/records/ids.ts'
import { Broadcast } from '../../src/util/broadcast.ts'
import { systemRandom } from '../../src/util/system-random.ts'

const OWN = `dchat1${'a'.repeat(58)}` as Address
const COUNT = 120

const idOf = (chat: number) => chat.toString(16).padStart(32, '0') as ConversationId
const recordOf = (chat: number): ConversationRecord => ({
  id: idOf(chat),
  kind: 'group',
  name: `group ${chat}`,
  createdAt: 1,
  rooms: [],
  unread: 0,
  activity: chat + 1,
  readPlace: -1,
})

describe('the stream of conversations', () => {
  /** Records that were opened since this was emptied. */
  let opened: string[]
  let store: Store
  let core: Parameters<typeof streamConversations>[0]
  let over: AbortController
  let stream: AsyncGenerator<Conversation>

  const some = async (count: number): Promise<readonly Conversation[]> => {
    const items: Conversation[] = []
    while (items.length < count) {
      const step = await stream.next()
      if (step.done) throw new Error('the stream has ended')
      items.push(step.value)
    }
    return items
  }
  const context = { clock: { now: () => 5, sleep: async () => undefined }, self: { address: OWN, device: 'd' } }
  const register = (...args: readonly [kind: 'pin' | 'nickname' | 'consent', subject: string, value: unknown]) =>
    store.write((tx) => setRegister(tx, context as never, args[0], args[1], args[2] as never))

  beforeEach(async () => {
    opened = []
    over = new AbortController()
    const touched = new Broadcast<readonly Touched[]>()
    const sealed = sealedStore(memoryStorage(), systemRandom(32), systemRandom)
    const counted: Store = {
      ...sealed,
      read: (work) =>
        sealed.read((tx) =>
          work({
            ...tx,
            page: async (table, query) => {
              const rows = await tx.page(table, query)
              if (table === 'conversations') opened.push(...rows.map(({ key }) => key))
              return rows as never
            },
            get: (table, key) => {
              if (table === 'conversations') opened.push(key)
              return tx.get(table, key)
            },
          }),
        ),
    }
    store = tellingTouched(counted, touched)
    core = { store, touched, signal: over.signal, self: context.self } as never
    await store.write(async (tx) => {
      for (let chat = 0; chat < COUNT; chat++) await putConversation(tx, recordOf(chat))
    })
    stream = streamConversations(core)
  })

  test('gives everything once, the newest first', async () => {
    const items = await some(COUNT)
    expect(items.map(({ id }) => id)).toEqual(Array.from({ length: COUNT }, (_, i) => idOf(COUNT - 1 - i)))
    over.abort()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('reads nothing but what was touched, and gives it if it is another now', async () => {
    await some(COUNT)
    opened = []
    const next = some(1)
    await store.write((tx) => putConversation(tx, recordOf(7)))
    await store.write((tx) => putConversation(tx, { ...recordOf(9), unread: 3 }))
    expect(await next).toMatchObject([{ id: idOf(9), unread: 3 }])
    expect(new Set(opened)).toEqual(new Set([idOf(7), idOf(9)]))
  })

  test('hears of what this person thinks of a conversation', async () => {
    await some(COUNT)
    const next = some(1)
    await register('pin', idOf(30), 1)
    expect(await next).toMatchObject([{ id: idOf(30), pinned: true }])
  })

  test('looks at everything where somebody is blocked: groups show nothing of them any more', async () => {
    const blocked = `dchat1${'b'.repeat(58)}` as Address
    const last = { id: 'm' as never, from: blocked, preview: 'words', at: 2, place: 1 }
    await store.write((tx) => putConversation(tx, { ...recordOf(50), last }))
    const items = await some(COUNT)
    expect(items.find(({ id }) => id === idOf(50))?.lastMessage?.preview).toBe('words')
    const next = some(1)
    await register('consent', blocked, 'blocked')
    const [changed] = await next
    expect(changed).toMatchObject({ id: idOf(50) })
    expect(changed?.lastMessage).toBeUndefined()
  })
})
