import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type MemoryBacking, memoryStorage } from '../../src/adapters/storage/memory.ts'
import { putConversation } from '../../src/client/conversation-store.ts'
import type { Core } from '../../src/client/core.ts'
import { deleteMessage, putMessage } from '../../src/client/message-life/rows.ts'
import type { MessageRecord } from '../../src/client/records.ts'
import { bucketOf } from '../../src/client/search/bucket.ts'
import { tellingForgotten } from '../../src/client/search/forgotten.ts'
import { openSearch } from '../../src/client/search/open-search.ts'
import { unsentPlace } from '../../src/domain/messages/place.ts'
import { wordsOf } from '../../src/domain/search/plain.ts'
import { makeSegment, type SegmentRecord } from '../../src/domain/search/segment.ts'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import type { Store } from '../../src/domain/store/store.ts'
import type { Search } from '../../src/index.ts'
import { type Storage, TABLES } from '../../src/ports/storage.ts'
import type { Content } from '../../src/records/content.ts'
import type { Address, ConversationId, DeviceId, MessageId } from '../../src/records/ids.ts'
import type { Abortable } from '../../src/util/abort.ts'
import { Broadcast } from '../../src/util/broadcast.ts'

export const PEOPLE = ['dchat1ann', 'dchat1ben', 'dchat1cleo'] as string[] as Address[]
export const SELF = 'dchat1self' as Address
export const CHATS = ['aa', 'bb', 'cc'].map((id) => id.repeat(16)) as ConversationId[]
export const text = (words: string): Content => ({ type: 'text', text: words })

const KEY = new Uint8Array(32).fill(7)
const random = (length: number) => new Uint8Array(randomBytes(length))

/** Short waits pass at once, long ones when they are told to. */
class TestClock {
  #long: (() => void)[] = []
  now(): number {
    return 1_000_000
  }
  sleep(ms: number, { signal }: Abortable = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      if (ms < 1_000) setTimeout(resolve, 0)
      else this.#long.push(resolve)
    })
  }
  settle(): void {
    for (const wake of this.#long.splice(0)) wake()
  }
}

/** A device's store as far as search sees it, which can be left and opened again at any moment. */
export class Device {
  readonly clock = new TestClock()
  readonly problems: unknown[] = []
  /** Writes that still succeed; after that the storage is dead until the next start. */
  writesLeft = Number.POSITIVE_INFINITY
  store!: Store
  search!: Search
  #closing!: AbortController
  #core!: Core
  readonly #backing: MemoryBacking

  constructor(backing: MemoryBacking = { tables: new Map() }) {
    this.#backing = backing
    this.start()
  }

  /** What lies on the disk, for whoever finds it. */
  bytes(): Promise<string> {
    return memoryStorage(this.#backing).read(async (tx) => {
      let all = ''
      for (const table of TABLES)
        for (const { key, scope, value } of await tx.scan(table, { limit: 10_000 }))
          all += `${key} ${scope} ${new TextDecoder('latin1').decode(value)}\n`
      return all
    })
  }

  /** The process dies and starts anew; nothing is searched before `open`. */
  start(): void {
    this.#closing?.abort(new Error('killed'))
    this.writesLeft = Number.POSITIVE_INFINITY
    this.#closing = new AbortController()
    const forgotten = new Broadcast<readonly string[]>()
    this.store = tellingForgotten(sealedStore(this.#mortal(memoryStorage(this.#backing)), KEY, random), (keys) =>
      forgotten.emit(keys),
    )
    this.#core = {
      store: this.store,
      clock: this.clock,
      forgotten,
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
      self: { address: SELF },
      signal: this.#closing.signal,
    } as unknown as Core
  }

  /** `ran`: what the background made of it, should it end. */
  async open(): Promise<void> {
    const { signal } = this.#closing
    this.search = await openSearch(this.#core, (work) => {
      void work.catch((error: unknown) => {
        if (!signal.aborted) this.problems.push(error)
      })
    })
  }

  async chats(): Promise<void> {
    await this.store.write(async (tx) => {
      for (const id of CHATS)
        await putConversation(
          tx,
          { id, kind: 'group', createdAt: 0, rooms: [], unread: 0, activity: 0, readPlace: -1 },
          { moveUp: true },
        )
    })
  }

  put(...records: readonly MessageRecord[]): Promise<void> {
    return this.store.write(async (tx) => {
      for (const record of records) putMessage(tx, record)
    })
  }

  delete(record: MessageRecord): Promise<void> {
    return this.store.write(async (tx) => deleteMessage(tx, record))
  }

  /** Every stored segment, held against what the messages say now; gives how many there are. */
  async verify(messages: Iterable<MessageRecord>): Promise<number> {
    const all = [...messages]
    let after: string | undefined
    let count = 0
    const seen = new Set<string>()
    do {
      const { rows, next } = await this.store.read((tx) =>
        tx.scan('search', { limit: 100, ...(after === undefined ? {} : { after }) }),
      )
      for (const { key, value } of rows) {
        const segment = value as SegmentRecord
        if (seen.has(key)) throw new Error('a segment stands twice')
        seen.add(key)
        count += 1
        const here = all
          .filter(
            ({ conversation, place }) => conversation === segment.conversation && bucketOf(place) === segment.bucket,
          )
          .sort((a, b) => a.place - b.place)
          .flatMap(({ place, at, from, content }) => {
            const words = wordsOf(content)
            return words === undefined ? [] : [{ place, at, from, words }]
          })
        const expected = makeSegment(segment.conversation, segment.bucket, here)
        if (!isDeepStrictEqual(expected, segment)) throw new Error(`${key} is not what the messages say`)
      }
      after = next
    } while (after !== undefined)
    return count
  }

  #mortal(storage: Storage): Storage {
    const { signal } = this.#closing
    return {
      read: (work) => storage.read(work),
      write: (work) => {
        this.writesLeft -= 1
        if (this.writesLeft < 0 || signal.aborted) return Promise.reject(new Error('the machine died'))
        return storage.write(work)
      },
      changes: (tables, options) => storage.changes(tables, options),
      close: () => storage.close(),
    }
  }
}

let count = 0

export const message = (
  fields: Pick<MessageRecord, 'conversation' | 'from' | 'content' | 'at'> & { readonly place: number },
): MessageRecord => {
  count += 1
  return {
    id: count.toString(16).padStart(64, '0') as MessageId,
    room: 'room',
    device: 'device' as DeviceId,
    own: fields.from === SELF,
    state: 'delivered',
    ...fields,
  }
}

export const unsent = (ordinal: number): number => unsentPlace(ordinal)
