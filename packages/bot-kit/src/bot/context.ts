import type { Client, InlineResult, Offer, OfferStep, Reason, TermsDraft } from '@dchat/sdk'
import type { BotEvent, Keyboard } from '../events/event.ts'
import type { MessageData, OfferData } from '../events/parts.ts'
import type { BotStore } from '../store/bot-store.ts'
import type { Filter, Filters } from './filters.ts'
import type { Rows } from './keyboard.ts'
import type { Questionnaire } from './questions.ts'

/** What a bot says: a text alone is plain. A menu or a keyboard that is being built is a keyboard too. */
export type Saying =
  | string
  | { readonly text: string; readonly keyboard?: Keyboard | Rows }
  | { readonly markdown: string; readonly keyboard?: Keyboard | Rows }

/** A message that was sent. */
export interface Sent {
  readonly id: string
}

/** The receipt of a deal. */
export interface DealReceipt {
  readonly offer: Offer
  /** For `verifyReceipt` of the SDK: the same bytes at both sides. */
  readonly file: Uint8Array
}

/**
 * What a handler has in its hand: the event, and verbs for the conversation in which it happened. Verbs act once: where an
 * event is handled again after a kill, what was done the first time is not done again.
 */
export interface Context {
  readonly event: BotEvent
  /** The bot's client, for everything else. */
  readonly client: Client
  readonly conversation: BotEvent['data']['conversation']
  /** Who did it. */
  readonly from: BotEvent['data']['sender']
  readonly message?: MessageData
  /** What the message says. */
  readonly text?: string
  readonly command?: NonNullable<MessageData['command']>
  readonly offer?: OfferData
  readonly press?: { readonly id: string; readonly data: string }
  /** What somebody asks while they type. */
  readonly query?: { readonly id: string; readonly text: string }
  /** What the bot keeps for itself. */
  readonly store: BotStore
  /** Aborted when the bot is told to stop and waits no longer. */
  readonly signal: AbortSignal
  /** Says something in the conversation; in groups it quotes what it answers. */
  reply(saying: Saying): Promise<Sent>
  /** Says something in the conversation. */
  send(saying: Saying): Promise<Sent>
  /** Changes what the bot said. */
  edit(message: string | Sent, saying: Saying): Promise<void>
  /** Takes back what somebody said: the bot itself, or others where its role allows it. */
  delete(message: string | Sent): Promise<void>
  /** To the message of the event, or another one. */
  react(emoji: string, message?: string | Sent): Promise<void>
  /** Answers a press: a short note, or an alert, for who pressed. */
  answer(text?: string, options?: { readonly alert?: boolean }): Promise<void>
  /** Answers a query: what is found, the best first; `cacheSeconds`: how long the same words need not be asked again. */
  results(found: readonly InlineResult[], options?: { readonly cacheSeconds?: number }): Promise<void>
  /** Shows for some seconds that the bot writes. */
  typing(): Promise<void>
  /** Asks the questions of a form, one after the other; its own handler gets the answers. */
  ask(form: Questionnaire): Promise<void>
  /** Makes an offer in the conversation. */
  propose(terms: TermsDraft): Promise<OfferStep>
  /** The offer of the event is answered: by other terms … */
  counter(terms: TermsDraft): Promise<OfferStep>
  /** … as they are … */
  accept(): Promise<OfferStep>
  /** … or not at all. */
  decline(reason?: Reason): Promise<OfferStep>
  withdraw(): Promise<OfferStep>
  /**
   * The receipt of the offer's newest deal, once it is agreed. Rejects with `offer/no-receipt` where the deal does not come
   * about, or not within a minute.
   */
  receipt(): Promise<DealReceipt>
}

interface OfMessage {
  readonly message: MessageData
  readonly text: string
}

interface OfOffer {
  readonly offer: OfferData
}

/** What is there for certain, by the first level of a filter's name. */
interface Parts {
  message: OfMessage
  'message:command': OfMessage & { readonly command: NonNullable<MessageData['command']> }
  'message:deleted': object
  offer: OfOffer
  inline: { readonly query: { readonly id: string; readonly text: string } }
  callback: { readonly press: { readonly id: string; readonly data: string } }
}

type LevelOf<F extends string> = F extends keyof Parts
  ? Parts[F]
  : F extends `${infer Level}:${string}`
    ? Level extends keyof Parts
      ? Parts[Level]
      : object
    : object

/** The context of a handler for a filter; of several, what is there for each of them. */
export type ContextFor<F extends Filter> = F extends Filter
  ? Context & { readonly event: Filters[F] } & LevelOf<F>
  : never
