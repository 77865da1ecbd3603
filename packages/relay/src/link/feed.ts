import { WINDOW_LIMIT } from '@dchat/sdk/wire'
import { nextTurn, type Turns } from '../platform.ts'
import type { PageLimits } from '../store/store.ts'

export interface FeedSource<T> {
  /** The next items after a place. `blocked`: more follows or may follow, but nothing that this reader may have. */
  read(after: number, page: PageLimits): Promise<{ readonly items: readonly T[]; readonly blocked: boolean }>
  seqOf(item: T): number
}

export interface FeedOutlet<T> {
  readonly congested: boolean
  flowing(): Promise<void>
  item(item: T): void
  /** Nothing that follows may be read. The outlet decides for how long it waits for a proof before it ends the feed. */
  blocked(): void
  unblocked(): void
  failed(error: unknown): void
}

const PAGE: PageLimits = { limit: 64, bytes: 256 * 1024 }

/**
 * One subscriber's way through a log: what is stored first, then live, in order, nothing twice, nothing left out. The
 * store is the only buffer: without credit, or while the peer does not read, nothing is kept in memory.
 * It must be registered for `offer` before `start`, so that nothing falls between reading and listening.
 */
export class Feed<T> {
  readonly #source: FeedSource<T>
  readonly #outlet: FeedOutlet<T>
  readonly #nextTurn: Turns
  #cursor: number
  #credit: number
  #reading = false
  #again = false
  #closed = false
  #blocked = false

  constructor(source: FeedSource<T>, outlet: FeedOutlet<T>, after: number, credit: number, turns: Turns = nextTurn) {
    this.#source = source
    this.#outlet = outlet
    this.#cursor = after
    this.#credit = credit
    this.#nextTurn = turns
  }

  start(): void {
    this.wake()
  }

  addCredit(credit: number): void {
    this.#credit = Math.min(WINDOW_LIMIT, this.#credit + credit)
    this.wake()
  }

  /** A new item. If it is the very next one it goes out at once; otherwise it is read when its turn comes. */
  offer(item: T): void {
    const next = this.#source.seqOf(item) === this.#cursor + 1
    if (!next || this.#closed || this.#reading || this.#blocked || this.#credit === 0 || this.#outlet.congested)
      return this.wake()
    try {
      this.#send(item)
    } catch (error) {
      // Whoever tells of new items has others to tell.
      this.#outlet.failed(error)
    }
  }

  /** Reads on: something new is there, or something new may be read. */
  wake(): void {
    if (this.#closed) return
    if (this.#reading) this.#again = true
    else void this.#read()
  }

  close(): void {
    this.#closed = true
    if (this.#blocked) this.#outlet.unblocked()
  }

  async #read(): Promise<void> {
    this.#reading = true
    try {
      do {
        this.#again = false
        await this.#drain()
      } while (this.#again && !this.#closed)
    } catch (error) {
      if (!this.#closed) this.#outlet.failed(error)
    } finally {
      this.#reading = false
    }
  }

  async #drain(): Promise<void> {
    while (!this.#closed && this.#credit > 0) {
      if (this.#outlet.congested) {
        await this.#outlet.flowing()
        continue
      }
      const limit = Math.min(PAGE.limit, this.#credit)
      const { items, blocked } = await this.#source.read(this.#cursor, { ...PAGE, limit })
      for (const item of items) if (!this.#closed && this.#credit > 0) this.#send(item)
      this.#tell(blocked)
      if (blocked || items.length === 0) return
      await this.#nextTurn()
    }
  }

  #send(item: T): void {
    this.#cursor = this.#source.seqOf(item)
    this.#credit--
    this.#outlet.item(item)
  }

  #tell(blocked: boolean): void {
    if (blocked === this.#blocked || this.#closed) return
    this.#blocked = blocked
    if (blocked) this.#outlet.blocked()
    else this.#outlet.unblocked()
  }
}
