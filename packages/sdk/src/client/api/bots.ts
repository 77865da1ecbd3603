import type { BotManifest, InstalledBot } from '../../records/bot.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import type { ChangeOptions } from './change-options.ts'

/** Bots of groups, and what they may read (bots.md). */
export interface Bots {
  /**
   * Makes this identity a bot: its manifest is signed and stands at its home relays. Resolves when one of them has it.
   * Throws `usage/invalid-argument`.
   */
  publish(manifest: BotManifest): Promise<void>
  /**
   * What a bot says of itself, verified; undefined: none of its relays has a manifest of it. Throws
   * `identity/unknown-peer` and the link's errors.
   */
  manifest(address: Address): Promise<BotManifest | undefined>
  /**
   * Accepts the bot's present manifest for everybody in the group, by commit; once more after it has changed. A bot that
   * reads `all` becomes a member, any other one gets a channel of its own. Rejects as verbs of groups do, with
   * `identity/unknown-peer` where there is no manifest.
   */
  install(id: ConversationId, address: Address, options?: ChangeOptions): Promise<InstalledBot>
  /** Takes it out, and what it was granted back. */
  remove(id: ConversationId, address: Address, options?: ChangeOptions): Promise<void>
  list(id: ConversationId): Promise<readonly InstalledBot[]>
}
