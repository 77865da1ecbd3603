import { getConversation, groupId, putConversation } from '../../src/client/conversation-store.ts'
import type { Core } from '../../src/client/core.ts'
import { keepArchive } from '../../src/client/history/keep-archive.ts'
import { beginReading } from '../../src/client/history/progress.ts'
import { readHistory } from '../../src/client/history/read-history.ts'
import { putArrival, putMessage } from '../../src/client/message-life/rows.ts'
import { setRegister } from '../../src/client/personal/registers.ts'
import type { MessageRecord } from '../../src/client/records.ts'
import { placeOf } from '../../src/domain/messages/place.ts'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import { DchatError } from '../../src/errors.ts'
import { memoryStorage, nodeCrypto } from '../../src/node.ts'
import type { ArchiveKey } from '../../src/protocol/history/archive-key.ts'
import { createIdentity } from '../../src/protocol/identity/identity.ts'
import type { ConversationId, DeviceId, MessageId, RelayUrl } from '../../src/records/ids.ts'
import { toHex } from '../../src/util/bytes.ts'

const crypto = nodeCrypto()
export const START = 1_700_000_000_000
export const OWN = createIdentity().address
export const FRIEND = createIdentity().address
/** A group that all devices of the tests are in. */
const ROOM = 'ab'.repeat(32)
export const TALK: ConversationId = groupId(ROOM)
const KEY: ArchiveKey = { id: new Uint8Array(8).fill(1), secret: new Uint8Array(32).fill(2), generation: 0 }

type Slot = string
/** The archive of one identity at one relay, and what this relay does with questions. */
export interface FakeRelay {
  readonly url: RelayUrl
  readonly slots: Map<Slot, Uint8Array>
  /** Sees each request first; what it gives or throws is the answer. */
  answer: (method: string, slot: Slot | undefined) => Promise<{ body: Uint8Array | null } | undefined>
  requests: number
}

export const fakeRelay = (name = 'one'): FakeRelay => ({
  url: `ws://${name}.example` as RelayUrl,
  slots: new Map(),
  answer: async () => undefined,
  requests: 0,
})

const ask = async (
  relay: FakeRelay,
  method: string,
  params: { slot?: Uint8Array; body?: Uint8Array; after?: Uint8Array; limit?: number },
) => {
  relay.requests += 1
  const slot = params.slot === undefined ? undefined : toHex(params.slot)
  const given = await relay.answer(method, slot)
  if (given !== undefined) return given
  switch (method) {
    case 'archive.put':
      if (params.body?.length === 0) relay.slots.delete(slot as Slot)
      else relay.slots.set(slot as Slot, params.body as Uint8Array)
      return {}
    case 'archive.get':
      return { body: relay.slots.get(slot as Slot) ?? null, time: 0 }
    default: {
      const from = params.after === undefined ? '' : toHex(params.after)
      const names = [...relay.slots.keys()].filter((name) => name > from).sort()
      return {
        slots: names
          .slice(0, params.limit)
          .map((name) => ({ slot: new Uint8Array(Buffer.from(name, 'hex')), body: relay.slots.get(name), time: 0 })),
      }
    }
  }
}

export interface FakeDevice {
  readonly core: Core
  /** The clock that it goes by. */
  readonly clock: { now: number }
}

/** A device with a store of its own, at relays that only keep archives. */
export const fakeDevice = async (relays: readonly FakeRelay[], storage = memoryStorage()): Promise<FakeDevice> => {
  const store = sealedStore(storage, new Uint8Array(32).fill(7), crypto.random)
  const clock = { now: START }
  const logKey = await crypto.box.publicKey(new Uint8Array(32).fill(3))
  const core = {
    store,
    crypto,
    clock: { now: () => clock.now, sleep: async () => undefined },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    self: {
      address: OWN,
      device: toHex(crypto.random(16)) as DeviceId,
      record: { deviceKey: crypto.random(32), seed: crypto.random(32) },
      log: { archiveKey: logKey, devices: new Map() },
      relays: relays.map(({ url }) => url),
    },
    events: { emit: () => undefined },
    updates: { emit: () => undefined },
    signal: new AbortController().signal,
    links: {
      downFor: () => 0,
      reach: async () => undefined,
      get: (url: RelayUrl) => ({
        prove: async () => undefined,
        request: (method: string, params: object) =>
          ask(relays.find((relay) => relay.url === url) as FakeRelay, method, params),
      }),
    },
  } as unknown as Core
  const { addArchiveKeys } = await import('../../src/client/history/archive-keys.ts')
  await store.write((tx) => addArchiveKeys(tx, [KEY]))
  return { core, clock }
}

const idOf = (number: number): MessageId => number.toString(16).padStart(64, '0') as MessageId

/** A message as a device has it that was there; numbers are places. */
export const heard = (number: number, text = `words ${number}`, more: Partial<MessageRecord> = {}): MessageRecord => ({
  id: idOf(number),
  conversation: TALK,
  room: ROOM,
  from: number % 3 === 0 ? OWN : FRIEND,
  device: '0f'.repeat(16) as DeviceId,
  own: number % 3 === 0,
  content: { type: 'text', text },
  state: number % 3 === 0 ? 'delivered' : 'read',
  at: START + number * 1_000,
  place: placeOf(1, number),
  ...more,
})

/** The device hears messages in the group. */
export const hear = async ({ core }: FakeDevice, messages: readonly MessageRecord[]): Promise<void> => {
  for (let from = 0; from < messages.length; from += 500)
    await core.store.write(async (tx) => {
      let arrivals = (await tx.get<number>('meta', 'arrivals')) ?? 0
      if ((await getConversation(tx, TALK)) === undefined)
        await putConversation(tx, {
          id: TALK,
          kind: 'group',
          name: 'Garden',
          createdAt: START,
          rooms: [ROOM],
          active: ROOM,
          unread: 0,
          activity: 1,
          readPlace: -1,
        })
      for (const message of messages.slice(from, from + 500)) {
        const record = { ...message, arrival: ++arrivals }
        putMessage(tx, record)
        putArrival(tx, record)
      }
      tx.put('meta', { key: 'arrivals', value: arrivals })
    })
}

/** Numbers from `from` on, so many. */
export const range = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, n) => from + n)

/** Message bodies in the archive: on or off, and brought up to date. */
export const keep = async ({ core }: FakeDevice, bodies = true): Promise<void> => {
  await core.store.write((tx) => setRegister(tx, core, 'setting', 'archiveBodies', bodies))
  await keepArchive(core)
}

/** Takes what the archive has. */
export const take = async ({ core }: FakeDevice): Promise<void> => {
  await core.store.write((tx) => beginReading(tx, START, true))
  await readHistory(core)
}

/** Everything in the group, in its order. */
export const everything = ({ core }: FakeDevice): Promise<readonly MessageRecord[]> =>
  core.store.read(async (tx) =>
    (await tx.page<MessageRecord>('messages', { scope: TALK, limit: 100_000 })).map(({ value }) => value),
  )

/** The words, in their order. */
export const words = async (device: FakeDevice): Promise<readonly string[]> =>
  (await everything(device)).map(({ content }) => (content.type === 'text' ? content.text : content.type))

export const gone = async (): Promise<undefined> => {
  throw new DchatError('transport/unreachable', { relay: 'x', reason: 'off' })
}
