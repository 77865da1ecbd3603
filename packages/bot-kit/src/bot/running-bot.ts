import type { Address, Client } from '@dchat/sdk'

/** A bot at work. */
export interface RunningBot {
  readonly address: Address
  /** Open as long as the bot is at work. */
  readonly client: Client
  /** For others to write to it. */
  readonly invite: string
  /** Resolves after `stop`; rejects with an error that no `catch` took. */
  readonly done: Promise<void>
  /** Handlers that run now. */
  readonly busy: number
}
