import type { Client, ConversationId, Message } from '@dchat/sdk'
import { isUnread, type MessageWindow } from '../lib/message-window.ts'

interface ReadMarkOptions {
  readonly client: Client
  readonly conversation: ConversationId
  readonly signal: AbortSignal
  readonly messages: () => MessageWindow
  readonly failed: (error: unknown) => void
}

/** How far somebody has read: told one after the other, and of what was seen meanwhile only the newest. */
export class ReadMark {
  readonly #options: ReadMarkOptions
  #seen = -1
  #reporting = false

  constructor(options: ReadMarkOptions) {
    this.#options = options
  }

  /** Everything up to this message was on the screen: it is read. */
  see({ id, position = -1 }: Message): void {
    const messages = this.#options.messages()
    if (position <= this.#seen || !messages.some((each) => isUnread(each) && (each.position ?? 0) <= position)) return
    this.#seen = position
    if (!this.#reporting) void this.#report(id)
  }

  async #report(id: Message['id']): Promise<void> {
    const { client, conversation, signal, messages, failed } = this.#options
    this.#reporting = true
    let seen = this.#seen
    try {
      await client.conversations.markRead(conversation, id)
      while (seen < this.#seen) {
        seen = this.#seen
        const newest = messages().find(({ position }) => position === seen)
        if (newest !== undefined) await client.conversations.markRead(conversation, newest.id)
      }
    } catch (error) {
      if (!signal.aborted) failed(error)
    } finally {
      this.#reporting = false
    }
  }
}
