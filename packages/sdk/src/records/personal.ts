import type { MessageId } from './ids.ts'

/** What a person chose for all of its devices. */
export interface Settings {
  /** Tell others when typing, and see it of them. Default true. */
  readonly typing: boolean
  /** Tell contacts when online and last seen, and see it of them. Default true. */
  readonly presence: boolean
  /** Delivery and read reports; `small`: in conversations of at most 50 people. Default 'small'. */
  readonly reports: 'always' | 'small' | 'never'
  /** What happens when a stranger writes: `ask` shows a request, `allow` lets everybody in (bots). Default 'ask'. */
  readonly strangers: 'ask' | 'allow'
  /** Message bodies in the archive at the home relays. Default false. */
  readonly archiveBodies: boolean
  /** What notifies where the conversation has no rule of its own. Default 'all'. */
  readonly notify: NotifyLevel
}

export type NotifyLevel = 'all' | 'mentions' | 'none'

/** What notifies in one conversation. */
export interface NotifyRule {
  readonly level: NotifyLevel
  /** ms since 1970; from then on the default holds again. */
  readonly until?: number
}

/** Words that were not sent yet. */
export interface Draft {
  readonly text: string
  readonly replyTo?: MessageId
}
