import type { RelayUrl } from '../records/ids.ts'
import type { Core } from './core.ts'
import { Inbox } from './inbox.ts'
import { leftRelays } from './relays/left-relays.ts'
import type { Rooms } from './rooms/rooms.ts'

/** This device's inboxes: at every home relay, and for a time at those that were left, because others learn of it late. */
export class Inboxes {
  readonly #core: Core
  readonly #rooms: Rooms
  readonly #spawn: (work: Promise<void>) => void
  readonly #open = new Map<RelayUrl, { readonly inbox: Inbox; readonly over: AbortController }>()
  #started = false

  constructor(core: Core, rooms: Rooms, spawn: (work: Promise<void>) => void) {
    this.#core = core
    this.#rooms = rooms
    this.#spawn = spawn
  }

  get started(): boolean {
    return this.#started
  }

  /** Reads from now on, wherever the identity is at home. */
  async start(): Promise<void> {
    this.#started = true
    this.#core.events.on(({ type }) => {
      if (type === 'home-relays') this.#spawn(this.#follow())
    })
    await this.#follow()
  }

  list(): readonly Inbox[] {
    return [...this.#open.values()].map(({ inbox }) => inbox)
  }

  /** Begins to read where the identity is at home now, and ends where it is no more. */
  async #follow(): Promise<void> {
    const { self, store } = this.#core
    const left = await store.read(leftRelays)
    const relays = new Set([...self.relays, ...left])
    for (const [relay, { over }] of this.#open)
      if (!relays.has(relay)) {
        this.#open.delete(relay)
        over.abort()
      }
    for (const relay of relays) if (!this.#open.has(relay)) this.#begin(relay)
  }

  #begin(relay: RelayUrl): void {
    const over = new AbortController()
    const signal = AbortSignal.any([this.#core.signal, over.signal])
    const inbox = new Inbox({ ...this.#core, signal }, this.#rooms, relay)
    this.#open.set(relay, { inbox, over })
    this.#spawn(
      inbox.loop().catch((error: unknown) => {
        if (!over.signal.aborted) throw error
      }),
    )
  }
}
