import type { Client, ConversationId, Message, MessageId, SendableContent } from '@dchat/sdk'
import { follow } from '../lib/follow.ts'
import { messageRows, type Row } from '../lib/message-rows.ts'
import { firstUnread, isUnread, type MessageWindow } from '../lib/message-window.ts'
import type { Acts } from './acts.svelte.ts'
import { ReadMark } from './read-mark.ts'
import { PAGE, ThreadPages } from './thread-pages.svelte.ts'

interface ThreadOptions {
  readonly client: Client
  readonly acts: Acts
  readonly conversation: ConversationId
  /** How many are unread: the line above them is drawn, and the first of them is read in. */
  readonly unread: number
  readonly failed: (error: unknown) => void
}

/**
 * The messages of one conversation, as a window over its order. It follows every change, shows own messages from the
 * moment they are written, and knows nothing of what is on the screen but what it is told.
 */
export class Thread {
  readonly conversation: ConversationId
  readonly #client: Client
  readonly #acts: Acts
  readonly #failed: (error: unknown) => void
  readonly #over = new AbortController()
  readonly #pages: ThreadPages
  readonly #mark: ReadMark
  /** Own messages whose way into the store has just begun. */
  #written = $state.raw<MessageWindow>([])
  #unreadFrom = $state.raw<MessageId | undefined>(undefined)
  /** The newest messages are on a screen that somebody looks at: what comes then is no news. */
  looking = false
  /** How many messages of the past this device had taken when it last told. */
  #past: number | undefined

  readonly messages = $derived.by((): MessageWindow => this.#acts.over(this.#withWritten()))
  readonly rows = $derived.by((): readonly Row[] => messageRows(this.messages, this.#unreadFrom))

  constructor({ client, acts, conversation, unread, failed }: ThreadOptions) {
    this.#client = client
    this.#acts = acts
    this.conversation = conversation
    const { signal } = this.#over
    this.#failed = failed
    this.#pages = new ThreadPages({ client, conversation, signal, failed })
    this.#mark = new ReadMark({ client, conversation, signal, messages: () => this.#pages.messages, failed })
    void follow(
      (stop) => client.messages.changes({ conversation, signal: stop }),
      signal,
      (message) => this.#take(message),
      failed,
    )
    void follow(
      (stop) => client.events({ signal: stop }),
      signal,
      (event) => {
        if (event.type === 'owner-changed') void this.refresh()
        if (event.type === 'expired' && event.conversation === conversation) this.#remove(event.messages)
      },
      failed,
    )
    void follow(
      (stop) => client.history.stream({ signal: stop }),
      signal,
      ({ messages }) => this.#pastIs(messages),
      failed,
    )
    void this.#open(unread)
  }

  /** False until the store was read once: nothing can be called empty before. */
  get loaded(): boolean {
    return this.#pages.loaded
  }

  /** There may be older ones than those in the window. */
  get hasOlder(): boolean {
    return this.#pages.hasOlder
  }

  /** There are newer ones: the window was put somewhere else. */
  get hasNewer(): boolean {
    return this.#pages.hasNewer
  }

  get unreadFrom(): MessageId | undefined {
    return this.#unreadFrom
  }

  /** The last own message that can still be edited. */
  get lastOwn(): Message | undefined {
    return this.messages.findLast(({ own, state, content }) => own && state !== 'failed' && isWords(content.type))
  }

  get(id: MessageId): Message | undefined {
    return this.messages.find((message) => message.id === id)
  }

  loadOlder(): Promise<void> {
    return this.#pages.loadOlder()
  }

  loadNewer(): Promise<void> {
    return this.#pages.loadNewer()
  }

  /** Puts the window around a message. False if it is not here any more. */
  async jumpTo(id: MessageId): Promise<boolean> {
    if (this.get(id) === undefined) await this.#pages.putAround(id)
    return this.get(id) !== undefined
  }

  /** Puts the window at the newest messages, if it is not there. */
  jumpToNewest(): Promise<void> {
    return this.#pages.putAtNewest()
  }

  /** Reads the window again: what happened to it may have been missed. */
  refresh(): Promise<void> {
    return this.#pages.refresh()
  }

  /** Sends, and shows it at once. False if it could not even be kept; the caller still has the words then. */
  async send(content: SendableContent, replyTo?: MessageId): Promise<boolean> {
    const { address: from, device } = this.#client
    const clientId = crypto.randomUUID()
    const shown: Message = {
      id: clientId as string as MessageId,
      clientId,
      conversation: this.conversation,
      from,
      device,
      own: true,
      content: replyTo === undefined ? content : { ...content, replyTo },
      state: 'queued',
      at: Date.now(),
    }
    this.#written = [...this.#written, shown]
    this.#unreadFrom = undefined
    try {
      const options = replyTo === undefined ? { clientId } : { clientId, replyTo }
      const sending = this.#client.messages.send(this.conversation, content, options)
      const [message] = await Promise.all([sending, this.jumpToNewest()])
      this.#take(message)
      return true
    } catch (error) {
      this.#failed(error)
      return false
    } finally {
      this.#written = this.#written.filter((each) => each !== shown)
    }
  }

  /** Tries a failed message again. */
  async retry(id: MessageId): Promise<void> {
    try {
      const message = await this.#client.messages.retry(id)
      if (message.id !== id) this.#remove([id])
      this.#take(message)
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Everything up to this message was on the screen: it is read. */
  see(message: Message): void {
    this.#mark.see(message)
  }

  close(): void {
    this.#over.abort()
  }

  async #open(unread: number): Promise<void> {
    await this.#pages.open(unread + 20, () => {
      const { messages } = this.#pages
      // Where more is unread than is read in, nobody knows where it begins.
      const isWhole = !this.hasOlder || messages.filter(isUnread).length >= unread
      this.#unreadFrom = isWhole ? firstUnread(messages, unread) : undefined
    })
  }

  #take(message: Message): void {
    if (isUnread(message) && this.#pages.isNewest(message) && !this.looking && !this.#hasUnreadBelowLine())
      this.#unreadFrom = message.id
    this.#pages.take(message)
  }

  /** The line stays where it is as long as something beneath it was not read. */
  #hasUnreadBelowLine(): boolean {
    const { messages } = this.#pages
    const at = messages.findIndex(({ id }) => id === this.#unreadFrom)
    return at >= 0 && messages.slice(at).some(isUnread)
  }

  #remove(ids: readonly MessageId[]): void {
    this.#pages.remove(ids)
    if (this.#unreadFrom !== undefined && ids.includes(this.#unreadFrom)) this.#unreadFrom = undefined
  }

  /** The past of a new device arrives in its place, unannounced: the upper end is open again. */
  #pastIs(messages: number): void {
    const isMore = this.#past !== undefined && messages > this.#past
    this.#past = messages
    if (isMore) this.#pages.reopen()
  }

  #withWritten(): MessageWindow {
    const { messages } = this.#pages
    if (this.#written.length === 0) return messages
    const kept = new Set(messages.slice(-PAGE).map(({ clientId }) => clientId))
    return [...messages, ...this.#written.filter(({ clientId }) => !kept.has(clientId))]
  }
}

const isWords = (type: Message['content']['type']): boolean => type === 'text' || type === 'markdown'
