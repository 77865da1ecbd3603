import type { Address } from './ids.ts'

/** What a command is given, in order. `rest` takes what is left of the line. */
export interface BotCommandArg {
  readonly name: string
  readonly type: 'text' | 'rest' | 'number' | 'integer' | 'choice'
  readonly optional?: boolean
  /** Of a choice. */
  readonly choices?: readonly string[]
}

/** A command that a bot answers: `/name`, or `/name@bot` where several have it. */
export interface BotCommand {
  /** 1 to 32 of a to z, digits, `-` and `_`; begins with a letter. */
  readonly name: string
  readonly description: string
  readonly args?: readonly BotCommandArg[]
}

/** Kinds of messages that a restricted bot reads: those that begin with a command, mention it, or reply to it. */
export const BOT_READS = ['commands', 'mentions', 'replies'] as const
export type BotRead = (typeof BOT_READS)[number]

/** What a bot wants to be allowed in a group, and what it can do (bots.md). */
export interface BotManifest {
  /** `all`: it is a member and reads everything. Else it gets what this names, and no other message is encrypted to it. */
  readonly read: readonly BotRead[] | 'all'
  /** It writes messages. */
  readonly send: boolean
  readonly react: boolean
  readonly files: boolean
  /** It is told who is in the group. */
  readonly members: boolean
  /** Nothing from before it came. */
  readonly history: 'none'
  readonly commands: readonly BotCommand[]
  /** It answers while somebody types. */
  readonly inline?: boolean
  /** A sentence about it. */
  readonly about?: string
}

/** A bot of a group, with the manifest that was accepted there. */
export interface InstalledBot {
  readonly address: Address
  readonly manifest: BotManifest
  /** Who accepted the manifest. */
  readonly by: Address
  /** It reads only what its manifest names: it is no member of the group. */
  readonly restricted: boolean
}
