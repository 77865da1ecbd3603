import type { Client, ConversationId, Draft, Message, MessageId, SendableContent } from '@dchat/sdk'
import { isPlain } from '../lib/markdown.ts'
import { type Mentionable, withMentions, withoutMentions } from '../lib/mentions.ts'
import type { Acts } from './acts.svelte.ts'
import type { Thread } from './thread.svelte.ts'

/** ms after the last key until the draft is kept, and while somebody writes on and on. */
const PAUSE = 500
const LONGEST = 2_000

interface ComposerOptions {
  readonly client: Client
  readonly acts: Acts
  readonly thread: Thread
  /** Whom an `@` can name. */
  readonly people: () => readonly Mentionable[]
  readonly draft?: Draft | undefined
  readonly failed: (error: unknown) => void
}

/** What is being written in one conversation: new words, an answer, or an edit. Words are never lost. */
export class Composer {
  readonly #client: Client
  readonly #acts: Acts
  readonly #thread: Thread
  readonly #people: () => readonly Mentionable[]
  readonly #failed: (error: unknown) => void
  #text = $state('')
  #replyTo = $state<MessageId | undefined>(undefined)
  #editing = $state.raw<Message | undefined>(undefined)
  /** The draft that waits while something is edited. */
  #aside: Draft | undefined
  /** What is kept as the draft. */
  #kept: Draft | undefined
  /** What the record of the conversation said last. */
  #told: Draft | undefined
  /** What was kept from here and the record has not told yet. */
  #untold: (Draft | undefined)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Since when something waits to be kept. */
  #since = 0

  constructor({ client, acts, thread, people, draft, failed }: ComposerOptions) {
    this.#client = client
    this.#acts = acts
    this.#thread = thread
    this.#people = people
    this.#failed = failed
    this.#told = draft
    this.#take(draft)
  }

  get text(): string {
    return this.#text
  }

  get replyTo(): MessageId | undefined {
    return this.#replyTo
  }

  get editing(): Message | undefined {
    return this.#editing
  }

  get isEmpty(): boolean {
    return this.#text.trim() === ''
  }

  /**
   * The draft of the conversation's record. It is taken over if another device wrote it and nothing was written here
   * since the last one: a record also tells late what was kept from here, when other words stand in the field.
   */
  adopt(draft: Draft | undefined): void {
    if (isSameDraft(draft, this.#told)) return
    this.#told = draft
    const own = this.#untold.findIndex((each) => isSameDraft(each, draft))
    this.#untold.splice(0, own + 1)
    if (own !== -1 || this.#editing !== undefined || this.#timer !== undefined) return
    if (this.#text === (this.#kept?.text ?? '')) this.#take(draft)
  }

  #take(draft: Draft | undefined): void {
    this.#kept = draft
    this.#text = draft?.text ?? ''
    this.#replyTo = draft?.replyTo
  }

  input(text: string): void {
    this.#text = text
    if (this.#editing !== undefined) return
    this.#keepLater()
    const { presence } = this.#client
    const telling = this.isEmpty ? presence.stopped(this.#conversation) : presence.typing(this.#conversation)
    telling.catch(this.#failed)
  }

  reply({ id }: Message): void {
    if (this.#editing !== undefined) this.cancel()
    this.#replyTo = id
    this.#keepLater()
  }

  edit(message: Message): void {
    const { content } = message
    if (content.type !== 'text' && content.type !== 'markdown') return
    if (this.#editing === undefined) this.#aside = this.#draft()
    this.#editing = message
    this.#replyTo = undefined
    this.#text = content.type === 'text' ? content.text : withoutMentions(content.markdown)
  }

  /** Lets go of what is edited or answered. False if there was nothing. */
  cancel(): boolean {
    if (this.#editing !== undefined) {
      this.#editing = undefined
      this.#text = this.#aside?.text ?? ''
      this.#replyTo = this.#aside?.replyTo
      return true
    }
    if (this.#replyTo === undefined) return false
    this.#replyTo = undefined
    this.#keepLater()
    return true
  }

  /** Sends what is written, or the edit of it. What could not be kept comes back. */
  async send(): Promise<void> {
    if (this.isEmpty) return
    const content = this.#content()
    const editing = this.#editing
    if (editing !== undefined) {
      this.cancel()
      if (!isSame(editing, content)) await this.#acts.edit(editing.id, content)
      return
    }
    await this.sendInstead(content)
  }

  /** Sends this in place of what is written: what a bot found for it. What is written comes back if it could not be kept. */
  async sendInstead(content: SendableContent): Promise<void> {
    const [text, replyTo] = [this.#text, this.#replyTo]
    this.#text = ''
    this.#replyTo = undefined
    if (await this.#thread.send(content, replyTo)) {
      await this.flush()
      return
    }
    this.#text = this.isEmpty ? text : `${text}\n${this.#text}`
    this.#replyTo ??= replyTo
  }

  /** Keeps the draft now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const draft = this.#editing === undefined ? this.#draft() : this.#aside
    if (isSameDraft(draft, this.#kept)) return
    const before = this.#kept
    this.#kept = draft
    this.#untold.push(draft)
    try {
      await this.#client.conversations.setDraft(this.#conversation, draft)
    } catch (error) {
      // It is kept with the next key, or when the field is left.
      if (this.#kept === draft) this.#kept = before
      this.#untold = this.#untold.filter((each) => each !== draft)
      this.#failed(error)
    }
  }

  get #conversation(): ConversationId {
    return this.#thread.conversation
  }

  #keepLater(): void {
    if (this.#timer === undefined) this.#since = performance.now()
    clearTimeout(this.#timer)
    const left = LONGEST - (performance.now() - this.#since)
    this.#timer = setTimeout(() => void this.flush(), Math.max(0, Math.min(PAUSE, left)))
  }

  #draft(): Draft | undefined {
    if (this.isEmpty && this.#replyTo === undefined) return undefined
    return this.#replyTo === undefined ? { text: this.#text } : { text: this.#text, replyTo: this.#replyTo }
  }

  /** Words that mean the same without markup go out as they are. */
  #content(): SendableContent {
    const text = this.#text.trim()
    const markdown = withMentions(text, this.#people())
    return markdown === text && isPlain(text) ? { type: 'text', text } : { type: 'markdown', markdown }
  }
}

const isSameDraft = (one: Draft | undefined, other: Draft | undefined): boolean =>
  one?.text === other?.text && one?.replyTo === other?.replyTo

const isSame = ({ content }: Message, next: SendableContent): boolean =>
  content.type === 'text'
    ? next.type === 'text' && next.text === content.text
    : content.type === 'markdown' && next.type === 'markdown' && next.markdown === content.markdown
