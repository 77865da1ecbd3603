import type { BotManifest } from '@dchat/sdk'
import type { ChangeView } from './group-types.ts'
import type { Waiting } from './shared-types.ts'

export interface BotView {
  readonly address: string
  /** The local contact name, if any. */
  readonly name?: string
  /** What it may do, as it was accepted; or, of a bot that is in no group, what it asks for. */
  readonly manifest: BotManifest
}

export interface InstalledBotView extends BotView {
  /** Who accepted what it asks for. */
  readonly by: string
  /** It is no member of the group: no message but what its manifest names is encrypted to it. */
  readonly restricted: boolean
}

/** `group` is a name, an id or the beginning of an id; `bot` is a contact name, an address or an invite link. */
interface OfBot extends Waiting {
  readonly group: string
  readonly bot: string
}

export interface BotCalls {
  'bot.install': { params: OfBot; result: ChangeView & { readonly bot: InstalledBotView } }
  'bot.remove': { params: OfBot; result: ChangeView & { readonly address: string } }
  'bot.manifest': { params: Waiting & { readonly bot: string }; result: BotView }
}

export interface BotStreams {
  'bot.list': { params: Waiting & { readonly group: string; readonly offline?: boolean }; item: InstalledBotView }
}
