import { createHash } from 'node:crypto'
import { isWhole, type ThreadRow } from '../../client/offers/rows.ts'
import type {
  ControlRecord,
  ConversationRecord,
  IntentRecord,
  MessageRecord,
  RoomRecord,
} from '../../client/records.ts'
import { isHistory, isUnsent } from '../../domain/messages/place.ts'
import { toHex } from '../../util/bytes.ts'
import type { SimDevice } from '../sim/types.ts'
import { FreshRows } from './fresh-rows.ts'
import type { MessageSight, OfferSight, RoomSight, Sight, Spot, TreeSight } from './sight.ts'
import { openTree } from './tree.ts'

const TERM = 2 ** 40

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32)

/** Looks at a device's stored rows. Takes no simulated time, and the device does not notice. */
export class Eye {
  readonly #device: SimDevice
  readonly #rows: FreshRows
  readonly #chats = new Map<string, ConversationRecord>()
  readonly #records = new Map<string, RoomRecord>()
  readonly #controls = new Map<string, ControlRecord>()
  readonly #rooms = new Map<string, RoomSight>()
  readonly #messages = new Map<string, MessageSight>()
  readonly #threads = new Map<string, ThreadRow>()
  readonly #expired = new Set<string>()
  /** Rooms that had a timer: on a device whose clock is ahead, a message can be over as soon as it has its place. */
  readonly #timed = new Set<string>()
  readonly #topics: Map<string, string>
  readonly #halves = new Map<string, Uint8Array>()

  /** `topics`: those of rooms and terms, as all eyes together have seen them; a device may pass through one unseen. */
  constructor(device: SimDevice, topics: Map<string, string>) {
    this.#device = device
    this.#topics = topics
    this.#rows = new FreshRows(device.backing, device.storeKey)
  }

  /** `trees`: opens the MLS state of each room that came to another epoch, too. */
  async look(now: number, who: { address: string; deviceId: string }, trees: boolean): Promise<Sight> {
    const chats = await this.#freshChats()
    const rooms = await this.#freshRooms(chats)
    const messages = await this.#freshMessages()
    const { fresh: threads } = await this.#rows.page<ThreadRow>('offers', 'threads')
    for (const { key, value } of threads) this.#threads.set(key, value)
    return {
      at: now,
      device: this.#device.name,
      ...who,
      rooms: this.#rooms,
      messages: this.#messages,
      offers: this.#offerSights(),
      missed: new Map([...this.#records].map(([id, { missed = -1 }]) => [id, missed])),
      expired: this.#expired,
      fresh: { rooms, trees: trees ? await this.#freshTrees(rooms) : [], ...messages },
    }
  }

  /** Intents that wait to be sent, by room. */
  async waiting(): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>()
    for (const room of this.#records.keys()) {
      const rows = await this.#device.records.read((tx) =>
        tx.page<IntentRecord>('outbox', { scope: room, limit: 1_000 }),
      )
      counts.set(room, rows.length)
    }
    return counts
  }

  /** The rooms whose conversation changed. */
  async #freshChats(): Promise<readonly string[]> {
    const { fresh } = await this.#rows.page<ConversationRecord>('conversations', 'all')
    for (const { value } of fresh) this.#chats.set(value.id, value)
    return fresh.flatMap(({ value }) => value.rooms)
  }

  async #freshRooms(touched: readonly string[]): Promise<readonly RoomSight[]> {
    const { fresh } = await this.#rows.page<RoomRecord>('rooms', 'all')
    const changed = new Set<string>(touched)
    for (const { value } of fresh) {
      this.#records.set(value.id, value)
      changed.add(value.id)
    }
    for (const id of this.#records.keys()) {
      const control = await this.#rows.get<ControlRecord>('groups', `${id}/control`)
      if (control === undefined) continue
      this.#controls.set(id, control)
      changed.add(id)
    }
    return [...changed].flatMap((id) => {
      const record = this.#records.get(id)
      const control = this.#controls.get(id)
      if (record === undefined || control === undefined) return []
      const sight = roomSight(record, control, this.#chats.get(record.conversation))
      this.#rooms.set(id, sight)
      if (sight.snapshot.timer > 0) this.#timed.add(id)
      if (sight.kind === 'group') this.#noteTopics(record)
      if (sight.kind === 'dm') this.#topics.set(id, sight.topic)
      return [sight]
    })
  }

  /** A device may have come and gone on between two looks, the only one to have been there: it knows where it came from. */
  #noteTopics({ id, term, topic, successor }: RoomRecord): void {
    this.#topics.set(`${id}/${term}`, toHex(topic))
    if (successor !== undefined) this.#topics.set(`${id}/${term - 1}`, toHex(successor.topic))
  }

  async #freshMessages(): Promise<Pick<Sight['fresh'], 'messages' | 'gone'>> {
    const messages: MessageSight[] = []
    const gone: MessageSight[] = []
    for (const chat of this.#chats.keys()) {
      const page = await this.#rows.page<MessageRecord>('messages', chat)
      for (const { value } of page.fresh) {
        const sight = messageSight(value, this.#spotOf(value))
        this.#messages.set(sight.id, sight)
        messages.push(sight)
      }
      for (const key of page.gone) {
        const known = this.#messages.get(key)
        if (known !== undefined) gone.push(known)
        if (known !== undefined && (known.expiresAt !== undefined || this.#timed.has(known.room)))
          this.#expired.add(key)
        this.#messages.delete(key)
      }
    }
    return { messages, gone }
  }

  #offerSights(): ReadonlyMap<string, OfferSight> {
    const sights = new Map<string, OfferSight>()
    for (const [key, row] of this.#threads) {
      const { id, room, first, thread } = row
      if (thread === undefined || first === undefined) continue
      sights.set(key, { id, room, first, whole: isWhole(row, this.#records.get(room)), shown: plain(thread) })
    }
    return sights
  }

  #spotOf({ room, place }: MessageRecord): Spot | undefined {
    if (isUnsent(place)) return undefined
    const term = Math.floor(place / TERM)
    // A direct message has one topic, and its term is this device's own matter: it may have it from history alone.
    const topic = this.#topics.get(room) ?? this.#topics.get(`${room}/${term}`)
    return { topic: topic ?? `${room}/${term}`, seq: place % TERM }
  }

  async #freshTrees(rooms: readonly RoomSight[]): Promise<readonly TreeSight[]> {
    const trees: TreeSight[] = []
    for (const { id, topic, state } of rooms) {
      const suite = this.#records.get(id)?.suite
      const tree = await this.#rows.get<{ tree: Uint8Array }>('groups', `${id}/tree`)
      if (tree !== undefined) this.#halves.set(id, tree.tree)
      const half = this.#halves.get(id)
      if (tree === undefined || half === undefined || suite === undefined || state === 'creating') continue
      const row = await this.#device.records.read((tx) => tx.get<{ state: Uint8Array }>('groups', id))
      if (row !== undefined)
        trees.push({ room: id, topic, ...(await openTree({ state: row.state, tree: half }, suite)) })
    }
    return trees
  }
}

const roomSight = (
  record: RoomRecord,
  { snapshot }: ControlRecord,
  chat: ConversationRecord | undefined,
): RoomSight => ({
  id: record.id,
  chat: record.conversation,
  kind: snapshot.kind,
  topic: toHex(record.topic),
  term: record.term,
  seq: record.seq,
  state: record.state,
  leaving: record.leaving === true,
  invited: chat?.invitation !== undefined || chat?.answered !== undefined,
  pending: record.pending !== undefined,
  epoch: record.epochs.at(-1)?.epoch ?? 0,
  joinedEpoch: record.joinedEpoch,
  seeds: new Map(record.epochs.map(({ epoch, seed }) => [epoch, digest(seed)])),
  heads: new Map(record.heads.map(({ seq, head }) => [seq, toHex(head)])),
  commits: record.commits,
  snapshot,
})

const messageSight = (record: MessageRecord, spot: Spot | undefined): MessageSight => {
  const {
    id,
    conversation,
    room,
    from,
    device,
    own,
    state,
    content,
    expiresAt,
    editedAt,
    editions,
    reactions,
    pinned,
    at,
    arrival,
  } = record
  return {
    id,
    chat: conversation,
    room,
    from,
    device,
    own,
    spot,
    state,
    isNotice: content.type === 'notice',
    isHistory: isHistory(arrival),
    expiresAt,
    // Whether a step counts depends on the whole offer: see the offers themselves.
    shown: plain({
      from,
      at,
      content: content.type === 'offer' ? { ...content, refused: undefined } : content,
      expiresAt,
      editedAt,
      editions,
      reactions,
      pinned,
    }),
  }
}

const plain = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? toHex(part) : part))
