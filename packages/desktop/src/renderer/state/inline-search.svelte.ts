import type { Address, Client, ConversationId, InlineResult } from '@dchat/sdk'
import { isDchatError } from '@dchat/sdk'
import { type InlineQuestion, isSameQuestion } from '../lib/inline-question.ts'

/** ms without a key until the bot is asked. */
const PAUSE = 300
/** The most characters that a bot takes. */
const LONGEST = 256
/** ms that a bot has to answer in: longer where the conversation with it begins with the question. */
const ANSWER_TIME = 10_000
const FIRST_ANSWER_TIME = 30_000
/** Answers that are kept for as long as the bot said. */
const KEPT = 50

/**
 * How far a question has come. `empty`: nothing is asked yet; `unmet`: there is no conversation with the bot, so it is not
 * asked without a word of this person; `silent`: it did not answer in time.
 */
export type InlineStage = 'empty' | 'long' | 'unmet' | 'offline' | 'asking' | 'found' | 'none' | 'silent' | 'failed'

interface InlineSearchOptions {
  readonly client: Client
  readonly isOnline: () => boolean
  /** The direct message with a bot, if there is one. */
  readonly talkWith: (bot: Address) => ConversationId | undefined
  readonly failed: (error: unknown) => void
}

/** What a bot finds while somebody types. What was found stays to be seen until there is something newer. */
export class InlineSearch {
  readonly #options: InlineSearchOptions
  readonly #kept = new Map<string, { readonly results: readonly InlineResult[]; readonly until: number }>()
  #over = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined
  #question = $state.raw<InlineQuestion | undefined>(undefined)
  #stage = $state<InlineStage>('empty')
  #results = $state.raw<readonly InlineResult[]>([])

  constructor(options: InlineSearchOptions) {
    this.#options = options
  }

  /** undefined: nobody is asked. */
  get question(): InlineQuestion | undefined {
    return this.#question
  }

  get stage(): InlineStage {
    return this.#stage
  }

  /** Those of the question before, while `stage` is 'asking'. */
  get results(): readonly InlineResult[] {
    return this.#results
  }

  /** What is typed now. */
  look(question: InlineQuestion | undefined): void {
    if (isSameQuestion(question, this.#question)) {
      this.#question = question
      return
    }
    this.close()
    if (question?.bot !== this.#question?.bot) this.#results = []
    this.#question = question
    if (question === undefined) return
    const known = this.#known(question)
    if (question.words === '') this.#settle('empty')
    else if (question.words.length > LONGEST) this.#settle('long')
    else if (known !== undefined) this.#found(known)
    else if (this.#options.talkWith(question.bot) === undefined) this.#settle('unmet')
    else {
      this.#stage = 'asking'
      this.#timer = setTimeout(() => void this.#ask(question), PAUSE)
    }
  }

  /** Asks at once: again, or a bot that this person has not talked with. */
  async ask(): Promise<void> {
    const question = this.#question
    if (question === undefined) return
    this.close()
    this.#stage = 'asking'
    await this.#ask(question)
  }

  /** Waits for nothing any more. */
  close(): void {
    clearTimeout(this.#timer)
    this.#over.abort()
  }

  async #ask(question: InlineQuestion): Promise<void> {
    const { client, isOnline, talkWith, failed } = this.#options
    // A question that waited for the network would be asked when nobody listens any more.
    if (!isOnline()) {
      this.#settle('offline')
      return
    }
    this.#over = new AbortController()
    const { signal } = this.#over
    try {
      const known = talkWith(question.bot)
      const id = known ?? (await client.conversations.dm(question.bot)).id
      const timeout = known === undefined ? FIRST_ANSWER_TIME : ANSWER_TIME
      const { results, cacheSeconds } = await client.inline.query(id, question.words, { signal, timeout })
      if (signal.aborted) return
      this.#keep(question, results, cacheSeconds)
      this.#found(results)
    } catch (error) {
      if (signal.aborted) return
      const isSilent = isDchatError(error, 'transport/unconfirmed')
      this.#settle(isSilent ? 'silent' : 'failed')
      if (!isSilent) failed(error)
    }
  }

  #found(results: readonly InlineResult[]): void {
    this.#results = results
    this.#stage = results.length === 0 ? 'none' : 'found'
  }

  #settle(stage: InlineStage): void {
    this.#results = []
    this.#stage = stage
  }

  #known(question: InlineQuestion): readonly InlineResult[] | undefined {
    const known = this.#kept.get(keyOf(question))
    return known === undefined || known.until <= performance.now() ? undefined : known.results
  }

  #keep(question: InlineQuestion, results: readonly InlineResult[], seconds: number): void {
    if (seconds === 0) return
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= KEPT && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(keyOf(question), { results, until: performance.now() + seconds * 1_000 })
  }
}

const keyOf = ({ bot, words }: InlineQuestion): string => `${bot} ${words}`
