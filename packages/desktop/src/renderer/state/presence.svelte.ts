import type { Address, Client, ConversationId, PresenceEvent, PresenceState } from '@dchat/sdk'
import { SvelteMap } from 'svelte/reactivity'
import { follow } from '../lib/follow.ts'

const typist = (conversation: ConversationId, from: Address): string => `${conversation} ${from}`

/** Who types and who is here. Nothing of it is told or heard while the window is not looked at. */
export class Presence {
  readonly #client: Client
  readonly #signal: AbortSignal
  readonly #failed: (error: unknown) => void
  readonly #typing = new SvelteMap<string, { readonly conversation: ConversationId; readonly from: Address }>()
  readonly #known = new SvelteMap<Address, PresenceState>()
  readonly #asked = new Set<Address>()
  readonly #ends = new Map<string, ReturnType<typeof setTimeout>>()
  #watch: AbortController | undefined

  constructor(client: Client, signal: AbortSignal, failed: (error: unknown) => void) {
    this.#client = client
    this.#signal = signal
    this.#failed = failed
    signal.addEventListener('abort', () => this.setVisible(false))
    this.setVisible(true)
  }

  /** A window that nobody sees does not say that this person is here. */
  setVisible(visible: boolean): void {
    if (visible === (this.#watch !== undefined) || (visible && this.#signal.aborted)) return
    if (!visible) {
      this.#watch?.abort()
      this.#watch = undefined
      for (const key of [...this.#typing.keys()]) this.#stopped(key)
      this.#known.clear()
      this.#asked.clear()
      return
    }
    const watch = new AbortController()
    this.#watch = watch
    void follow(
      (signal) => this.#client.presence.stream({ signal }),
      watch.signal,
      (event) => this.#hear(event),
      this.#failed,
    )
  }

  /** Who types in a conversation now. */
  typists(conversation: ConversationId): readonly Address[] {
    return [...this.#typing.values()].filter((each) => each.conversation === conversation).map(({ from }) => from)
  }

  /** undefined until it is known; who asks is drawn again then. */
  of(address: Address): PresenceState | undefined {
    const known = this.#known.get(address)
    if (known === undefined && !this.#asked.has(address)) void this.#read(address)
    return known
  }

  async #read(address: Address): Promise<void> {
    this.#asked.add(address)
    try {
      const state = await this.#client.presence.of(address)
      if (!this.#known.has(address)) this.#known.set(address, state)
    } catch (error) {
      if (!this.#signal.aborted) this.#failed(error)
    }
  }

  #hear(event: PresenceEvent): void {
    if (event.type === 'online') this.#known.set(event.from, { online: true })
    else if (event.type === 'offline') this.#known.set(event.from, { online: false, lastSeen: event.lastSeen })
    else {
      const { conversation, from } = event
      const key = typist(conversation, from)
      this.#stopped(key)
      if (event.type === 'stopped') return
      this.#typing.set(key, { conversation, from })
      this.#ends.set(
        key,
        setTimeout(() => this.#stopped(key), Math.max(0, event.until - Date.now())),
      )
    }
  }

  #stopped(key: string): void {
    clearTimeout(this.#ends.get(key))
    this.#ends.delete(key)
    this.#typing.delete(key)
  }
}
