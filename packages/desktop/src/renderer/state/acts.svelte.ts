import type { Client, ConversationId, Message, MessageId, PendingAction, SendableContent } from '@dchat/sdk'
import { SvelteMap } from 'svelte/reactivity'
import { follow } from '../lib/follow.ts'
import { type Overlay, withOverlays } from '../lib/overlay.ts'

/** ms to wait until something that was done stands: offline for a day is no failure. */
const PATIENCE = 86_400_000

/**
 * What this person does to messages. It is seen at once, and taken back where it turns out that it does not count:
 * until it stands in the conversation, it is laid over the message.
 */
export class Acts {
  readonly #client: Client
  readonly #signal: AbortSignal
  readonly #failed: (error: unknown) => void
  readonly #overlays = new SvelteMap<MessageId, readonly Overlay[]>()
  /** Conversations whose unsent actions of earlier were looked up. */
  readonly #recalled = new Set<ConversationId>()

  constructor(client: Client, signal: AbortSignal, failed: (error: unknown) => void) {
    this.#client = client
    this.#signal = signal
    this.#failed = failed
  }

  /** The messages as they will be. */
  over(messages: readonly Message[]): readonly Message[] {
    if (this.#overlays.size === 0) return messages
    const me = this.#client.address
    return messages.map((message) => {
      const overlays = this.#overlays.get(message.id)
      return overlays === undefined ? message : withOverlays(message, overlays, me, Date.now())
    })
  }

  /** Whether something that was done to the message does not stand yet. */
  isWaiting(id: MessageId): boolean {
    return this.#overlays.has(id)
  }

  /** Reacts, or takes the reaction back. */
  async toggle({ id, reactions }: Message, emoji: string): Promise<void> {
    const has = reactions?.some((each) => each.emoji === emoji && each.from.includes(this.#client.address)) === true
    if (has) await this.#do(id, { type: 'unreact', emoji }, (wait) => this.#client.messages.unreact(id, emoji, wait))
    else await this.#do(id, { type: 'react', emoji }, (wait) => this.#client.messages.react(id, emoji, wait))
  }

  async edit(id: MessageId, content: SendableContent): Promise<void> {
    await this.#do(id, { type: 'edit', content }, (wait) => this.#client.messages.edit(id, content, wait))
  }

  async delete(id: MessageId): Promise<void> {
    await this.#do(id, { type: 'delete' }, (wait) => this.#client.messages.delete(id, wait))
  }

  /** Lays over the messages what was done to them before this window was there, and does not stand yet either. */
  async recall(conversation: ConversationId): Promise<void> {
    if (this.#recalled.has(conversation)) return
    this.#recalled.add(conversation)
    const done = new AbortController()
    const signal = AbortSignal.any([this.#signal, done.signal])
    const laid = new Map<MessageId, readonly [MessageId, Overlay]>()
    const look = async (): Promise<void> => {
      const waiting = await this.#client.messages.pending(conversation)
      const ids = new Set(waiting.map(({ id }) => id))
      for (const [id, [target, overlay]] of laid)
        if (!ids.has(id)) {
          laid.delete(id)
          this.#lift(target, overlay)
        }
      if (laid.size === 0) done.abort()
    }
    try {
      for (const action of await this.#client.messages.pending(conversation)) {
        const overlay = overlayOf(action)
        laid.set(action.id, [action.target, overlay])
        this.#lay(action.target, overlay)
      }
      if (laid.size === 0) return
      const changes = follow(
        (stop) => this.#client.messages.changes({ conversation, signal: stop }),
        signal,
        look,
        this.#failed,
      )
      // What stood by the time that somebody listened is told no more.
      await Promise.all([changes, look()])
    } catch (error) {
      if (!this.#signal.aborted) this.#failed(error)
    }
  }

  async #do(
    id: MessageId,
    overlay: Overlay,
    act: (options: { wait: 'sent'; timeout: number; signal: AbortSignal }) => Promise<unknown>,
  ): Promise<void> {
    this.#lay(id, overlay)
    try {
      await act({ wait: 'sent', timeout: PATIENCE, signal: this.#signal })
      // The changed message is told before the outcome; who shows it has it by the time that a read answers.
      await this.#client.messages.get(id)
    } catch (error) {
      if (!this.#signal.aborted) this.#failed(error)
    } finally {
      this.#lift(id, overlay)
    }
  }

  #lay(id: MessageId, overlay: Overlay): void {
    this.#overlays.set(id, [...(this.#overlays.get(id) ?? []), overlay])
  }

  #lift(id: MessageId, overlay: Overlay): void {
    const rest = (this.#overlays.get(id) ?? []).filter((each) => each !== overlay)
    if (rest.length === 0) this.#overlays.delete(id)
    else this.#overlays.set(id, rest)
  }
}

const overlayOf = (action: PendingAction): Overlay => {
  if (action.type === 'delete') return { type: 'delete' }
  if (action.type === 'edit') return { type: 'edit', content: action.content }
  return { type: action.type, emoji: action.emoji }
}
