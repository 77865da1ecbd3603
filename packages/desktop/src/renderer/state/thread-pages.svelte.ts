import type { Client, ConversationId, Message, MessageId } from '@dchat/sdk'
import { firstOf, isDropped, lastOf, type MessageWindow, placed, without } from '../lib/message-window.ts'

/** How many messages are read in at once. */
export const PAGE = 50
/** The most that the window keeps: what is far from where one looks is read in again when it is needed. */
const WINDOW = 400
/** The most that the SDK gives at once. */
const LARGEST = 1_000

interface ThreadPagesOptions {
  readonly client: Client
  readonly conversation: ConversationId
  readonly signal: AbortSignal
  readonly failed: (error: unknown) => void
}

/** What is read in of a conversation: a window over its order that grows at both ends and takes every change in it. */
export class ThreadPages {
  readonly #client: Client
  readonly #conversation: ConversationId
  readonly #signal: AbortSignal
  readonly #failed: (error: unknown) => void
  #stored = $state.raw<MessageWindow>([])
  #older = $state.raw<string | undefined>(undefined)
  #newer = $state.raw<string | undefined>(undefined)
  #loaded = $state(false)
  /** Loads under way, and what changed meanwhile: a page may be older than that. */
  #loads = 0
  #changed = new Map<MessageId, Message>()
  /** A load that began before the window was put elsewhere has nothing to add to it. */
  #era = 0

  constructor({ client, conversation, signal, failed }: ThreadPagesOptions) {
    this.#client = client
    this.#conversation = conversation
    this.#signal = signal
    this.#failed = failed
  }

  get messages(): MessageWindow {
    return this.#stored
  }

  /** False until the store was read once: nothing can be called empty before. */
  get loaded(): boolean {
    return this.#loaded
  }

  /** There may be older ones than those in the window. */
  get hasOlder(): boolean {
    return this.#older !== undefined
  }

  /** There are newer ones: the window was put somewhere else. */
  get hasNewer(): boolean {
    return this.#newer !== undefined
  }

  /** Reads the newest in, so many at least; `settled` runs together with that. */
  async open(least: number, settled: () => void): Promise<void> {
    await this.#load(async () => {
      const settle = await this.#newest(Math.min(LARGEST, Math.max(PAGE, least)))
      return () => {
        settle()
        this.#loaded = true
        settled()
      }
    })
  }

  async loadOlder(): Promise<void> {
    const before = this.#older
    if (before === undefined || this.#loads > 0) return
    await this.#load(async () => {
      const page = await this.#client.messages.list(this.#conversation, { before, limit: PAGE })
      return () => {
        const cut = firstOf([...this.#fresh(page.items.toReversed()), ...this.#stored], WINDOW)
        this.#stored = cut.window
        this.#older = page.next
        this.#newer = cut.newer ?? this.#newer
      }
    })
  }

  async loadNewer(): Promise<void> {
    const after = this.#newer
    if (after === undefined || this.#loads > 0) return
    await this.#load(async () => {
      const page = await this.#client.messages.list(this.#conversation, { after, limit: PAGE })
      return () => {
        const cut = lastOf([...this.#stored, ...this.#fresh(page.items)], WINDOW)
        this.#stored = cut.window
        this.#newer = page.next
        this.#older = cut.older ?? this.#older
      }
    })
  }

  /** Puts the window around a message, if that is still here. */
  async putAround(id: MessageId): Promise<void> {
    this.#era += 1
    await this.#load(async () => {
      const message = await this.#client.messages.get(id)
      if (message === undefined || message.conversation !== this.#conversation) return () => undefined
      if (message.position === undefined) return this.#newest(PAGE)
      const at = message.position
      const [past, next] = await Promise.all([
        this.#client.messages.list(this.#conversation, { before: `${at + 1}`, limit: PAGE }),
        this.#client.messages.list(this.#conversation, { after: `${at}`, limit: PAGE }),
      ])
      return () => {
        this.#stored = [...past.items.toReversed(), ...next.items]
        this.#older = past.next
        this.#newer = next.next
      }
    })
  }

  /** Puts the window at the newest messages, if it is not there. */
  async putAtNewest(): Promise<void> {
    if (!this.hasNewer) return
    this.#era += 1
    await this.#load(() => this.#newest(PAGE))
  }

  /** Reads the window again: what happened to it may have been missed. */
  async refresh(): Promise<void> {
    this.#era += 1
    const limit = Math.min(LARGEST, Math.max(PAGE, this.#stored.length))
    const from = this.#stored[0]?.position
    if (!this.hasNewer || from === undefined) {
      await this.#load(() => this.#newest(limit))
      return
    }
    await this.#load(async () => {
      const page = await this.#client.messages.list(this.#conversation, { after: `${from - 1}`, limit })
      return () => {
        this.#stored = page.items
        this.#newer = page.next
      }
    })
  }

  /** A message as it is now. */
  take(message: Message): void {
    if (this.#loads > 0) this.#changed.set(message.id, message)
    this.#put(message)
  }

  remove(ids: readonly MessageId[]): void {
    this.#stored = without(this.#stored, new Set(ids))
  }

  /** Older ones came where none were. */
  reopen(): void {
    if (!this.loaded || this.hasOlder) return
    const first = this.#stored[0]?.position
    if (first === undefined) void this.refresh()
    else this.#older = `${first}`
  }

  /** Newer than everything in the window, and the window is at the end. */
  isNewest({ position = -1 }: Message): boolean {
    const last = this.#stored.findLast((each) => each.position !== undefined)
    return this.loaded && !this.hasNewer && position > (last?.position ?? -1)
  }

  async #newest(limit: number): Promise<() => void> {
    const page = await this.#client.messages.list(this.#conversation, { limit })
    return () => {
      this.#stored = page.items.toReversed()
      this.#older = page.next
      this.#newer = undefined
    }
  }

  /** Runs a load and puts what it brought into the window, with everything that has changed since it began. */
  async #load(read: () => Promise<() => void>): Promise<void> {
    const era = this.#era
    this.#loads += 1
    try {
      const settle = await read()
      if (era !== this.#era || this.#signal.aborted) return
      settle()
      for (const message of this.#changed.values()) this.#put(message)
    } catch (error) {
      if (!this.#signal.aborted) this.#failed(error)
    } finally {
      this.#loads -= 1
      if (this.#loads === 0) this.#changed.clear()
    }
  }

  /** Those of a page that are not in the window already: a message may have moved between two pages. */
  #fresh(items: readonly Message[]): readonly Message[] {
    const known = new Set(this.#stored.map(({ id }) => id))
    return items.filter(({ id }) => !known.has(id))
  }

  #put(message: Message): void {
    if (isDropped(message)) this.remove([message.id])
    else if (this.#covers(message)) this.#stored = placed(this.#stored, message)
  }

  /** Whether the message's place lies within the window. */
  #covers({ id, position = Number.POSITIVE_INFINITY }: Message): boolean {
    if (this.#stored.some((each) => each.id === id)) return true
    const first = this.#stored[0]?.position
    const last = this.#stored[this.#stored.length - 1]?.position ?? Number.POSITIVE_INFINITY
    const isAfterStart = !this.hasOlder || first === undefined || position > first
    return this.loaded && isAfterStart && (!this.hasNewer || position < last)
  }
}
