import type { Client } from '../../../src/client/client.ts'
import type { Opening } from '../../../src/client/shared/seat.ts'
import { DchatError } from '../../../src/errors.ts'
import type { Address, ConversationId, Cursor, DeviceId, MessageId } from '../../../src/records/ids.ts'
import type { Message } from '../../../src/records/message.ts'
import type { Chance, SimTab } from '../../../src/testing/tabs/origin.ts'

const ADDRESS = 'dchat1model' as Address
export const CHAT = 'chat' as ConversationId

/** What outlives every tab: a store with a fence, as the real one has it, and a log of what was done to it. */
export class ModelStore {
  generation = 0
  readonly arrivals: Message[] = []
  readonly sent = new Map<string, Message>()
  readonly acks = new Map<string, number>()
  /** Every write of a send, in its order. */
  readonly written: string[] = []
  connects = 0
  #changed: (() => void)[] = []

  arrive(text: string): void {
    this.arrivals.push(messageOf(text, false, this.arrivals.length + 1))
    this.wake()
  }

  send(clientId: string, text: string): Message {
    const known = this.sent.get(clientId)
    if (known !== undefined) return known
    const message = messageOf(text, true)
    this.sent.set(clientId, message)
    this.written.push(text)
    return message
  }

  wake(): void {
    for (const wake of this.#changed.splice(0)) wake()
  }

  changed(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#changed.push(resolve)
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}

const messageOf = (text: string, own: boolean, arrival?: number): Message => ({
  id: `id/${text}` as MessageId,
  conversation: CHAT,
  from: ADDRESS,
  device: 'device' as DeviceId,
  own,
  content: { type: 'text', text },
  state: own ? 'queued' : 'delivered',
  at: 0,
  ...(arrival === undefined ? {} : { cursor: `${arrival}` as Cursor }),
})

export const textOf = ({ content }: Message): string => (content.type === 'text' ? content.text : '')

export interface ModelClient {
  readonly client: Client
  readonly isClosed: boolean
}

/** A client that keeps the promises of a real one towards a store, one write at a time, at random moments. */
export const openModel = async (
  store: ModelStore,
  tab: SimTab,
  { lost }: Pick<Opening, 'lost'>,
  chance: Chance,
): Promise<ModelClient> => {
  const closing = new AbortController()
  const pause = async () => {
    for (let turns = Math.floor(chance() * 4); turns > 0; turns--) await new Promise((next) => setImmediate(next))
    await tab.running()
  }
  await pause()
  store.generation += 1
  const { generation } = store
  lost.addEventListener('abort', () => closing.abort(new DchatError('usage/closed', { what: 'client' })), {
    once: true,
  })
  const write = async <T>(deed: () => T): Promise<T> => {
    await pause()
    closing.signal.throwIfAborted()
    if (store.generation !== generation) throw new DchatError('storage/in-use', { store: 'model', owner: 'a tab' })
    const value = deed()
    await pause()
    return value
  }
  const ack = (cursor: Cursor, name = 'default') =>
    write(() => void store.acks.set(name, Math.max(Number(cursor), store.acks.get(name) ?? 0)))

  async function* stream(options: Parameters<Client['messages']['stream']>[0] = {}): AsyncGenerator<Message> {
    const { name = 'default', after, manual, once } = options
    const signal = AbortSignal.any([closing.signal, ...(options.signal ? [options.signal] : [])])
    await pause()
    let at =
      after === undefined
        ? (store.acks.get(name) ?? 0)
        : after === 'start'
          ? 0
          : after === 'now'
            ? store.arrivals.length
            : Number(after)
    while (!signal.aborted) {
      const message = store.arrivals[at]
      if (message === undefined) {
        if (once) return
        await store.changed(signal)
        await pause()
        continue
      }
      yield message
      at += 1
      if (!manual) await ack(`${at}` as Cursor, name)
    }
  }

  const never = async function* (options: { signal?: AbortSignal | undefined } = {}): AsyncGenerator<never> {
    const signal = AbortSignal.any([closing.signal, ...(options.signal ? [options.signal] : [])])
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }

  const client = {
    address: ADDRESS,
    device: 'device' as DeviceId,
    relays: () => [],
    links: { list: () => [], states: never },
    events: never,
    connect: () =>
      write(() => {
        store.connects += 1
      }),
    messages: {
      send: (_: ConversationId, content: string, { clientId = '' }: { clientId?: string } = {}) =>
        write(() => store.send(clientId, content)),
      cursor: async () => `${store.arrivals.length}` as Cursor,
      ack: (cursor: Cursor, { name }: { name?: string } = {}) => ack(cursor, name),
      stream,
      changes: never,
    },
    conversations: {
      get: (id: ConversationId) =>
        write(() => {
          throw new DchatError('conversation/unknown', { conversation: id })
        }),
    },
    close: async () => {
      closing.abort(new DchatError('usage/closed', { what: 'client' }))
    },
  } as unknown as Client
  return {
    client,
    get isClosed() {
      return closing.signal.aborted
    },
  }
}
