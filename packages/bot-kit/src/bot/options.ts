import type { BotManifest, Client, Clock } from '@dchat/sdk'
import type { Action } from '../actions/action.ts'
import type { BotEvent } from '../events/event.ts'
import type { GatewayProblem } from '../gateway/problem.ts'
import type { Queue } from '../queue/queue.ts'
import type { BotStore } from '../store/bot-store.ts'
import type { RunningBot } from './running-bot.ts'

/** Where a bot's identity comes from: a client that is there, or a secret. */
export interface BotOptions {
  /** A client that the caller opens and closes. `strangers: 'allow'` lets everybody write to it. */
  readonly client?: Client
  /** Made by `createBotSecret`: the bot's identity, wherever it runs. Whoever has it is the bot. */
  readonly secret?: string | undefined
  /** Instead of `secret`: the file that holds it. Where there is none, it is made with a new secret, for its owner's eyes. */
  readonly secretFile?: string
  /** With a secret: the bot's home relays, `ws:` or `wss:`. */
  readonly relays?: readonly string[]
  /**
   * With a secret: where the bot keeps what it knows. Default `.dchat/<address>`. Where it is lost the secret brings the
   * identity back, as a new device that others let in.
   */
  readonly folder?: string
  /** What people see; the rest of the profile stays as it is. */
  readonly name?: string
  /**
   * What it wants to read in groups. `all`: it becomes a member and reads everything. A list of `commands`, `mentions` and
   * `replies`: in groups that install it, members encrypt to it what is of these kinds, and nothing else. It is signed and
   * published at each start, with the bot's commands. Left out: nothing is published, and the bot is added like a person.
   */
  readonly read?: BotManifest['read']
  /** A sentence about it, for who installs it; published with `read`. */
  readonly about?: string
  /** Enters groups that it is asked into. Default true. */
  readonly joinGroups?: boolean
  /** For `fetch`: the `whsec_…` or `whpk_…` of the gateway; several while they are rotated. */
  readonly webhookSecret?: string | readonly string[]
  /**
   * For `fetch`: where sessions and forms are kept, and what was answered to the newest 10,000 events. Default: in memory,
   * so that an event that comes again after a restart is handled again.
   */
  readonly webhookStore?: BotStore
}

/** What a bot did with an event, as it happens. */
export type BotLog =
  | { readonly type: 'event'; readonly event: BotEvent }
  | { readonly type: 'action'; readonly eventId: string; readonly action: Action }
  /** `error`: what a handler threw, whether `catch` took it or not. */
  | { readonly type: 'handled'; readonly eventId: string; readonly ms: number; readonly error?: unknown }

/** Where a bot starts: what takes the place of what it was made with, and of what it would open itself. */
export interface StartOptions {
  readonly client?: Client
  /** In place of that of `createBot`. */
  readonly secret?: string
  /** In place of those of `createBot`. */
  readonly relays?: readonly string[]
  /** In place of that of `createBot`. */
  readonly folder?: string
  /** Of sessions and forms. Default: a file in `folder`, or memory where the caller gave the client. */
  readonly store?: BotStore
  /** Of events. Default as for `store`. */
  readonly queue?: Queue
  readonly clock?: Clock
  /** What an operator should know of the webhooks that the queue keeps, as it happens. */
  readonly onProblem?: (problem: GatewayProblem) => void
  /** For the author: each event, what the handlers do, and how long they take. It holds what people write. */
  readonly onLog?: (entry: BotLog) => void
  /** How often the queue is looked at for what another program put into it, ms. Default 10,000. */
  readonly lookAgain?: number
  /** Called when the bot is at work. */
  readonly ready?: (bot: RunningBot) => unknown
}
