import type { StoreReader } from '../../domain/store/store.ts'
import { composeRetraction } from '../../protocol/content/compose.ts'
import { mentionsIn } from '../../protocol/content/mentions.ts'
import { readContent, type WireAction } from '../../protocol/content/read.ts'
import { decodeManifest } from '../../protocol/messages/bot.ts'
import type { BotEntry } from '../../protocol/messages/snapshot.ts'
import type { BotManifest } from '../../records/bot.ts'
import type { Content } from '../../records/content.ts'
import type { Address, MessageId } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { contentFrame, putControlIntent } from '../intents.ts'
import { findMessage, getRef } from '../message-life/rows.ts'
import { nameOf } from '../people/names.ts'
import type { IntentRecord } from '../records.ts'
import type { Effect, Work } from '../rooms/work.ts'

/** `/name`, or `/name@bot`. */
const COMMAND = /^\s*\/([a-z][a-z0-9_-]{0,31})(?:@(\S{1,128}))?(?:\s|$)/i

/**
 * An own message or action was read at its place: those bots in whose scope it is get a copy, in the same transaction
 * (bots.md). What they get is decided by the manifests that hold there.
 */
export const copiesFor = async (core: Core, work: Work, intent: IntentRecord): Promise<readonly Effect[]> => {
  const { bots = [] } = work.control.snapshot
  const { id: room } = work.record
  if (intent.content.length === 0 || intent.control !== undefined) return []
  const effects: Effect[] = []
  for (const bot of bots) {
    if (bot.channel === undefined) continue
    const content = await core.store.read((tx) => contentFor(tx, core, room, bot, intent.content))
    if (content === undefined) continue
    const channel = toHex(bot.channel.room)
    const copy = { kind: 'copy', content } as const
    effects.push({ kind: 'personal', store: async (tx) => void (await putControlIntent(tx, core, channel, copy)) })
  }
  if (effects.length > 0) effects.push({ kind: 'job', key: `channels/${room}`, task: { kind: 'channels', room } })
  return effects
}

/** What a bot is given of it; undefined: nothing. */
const contentFor = async (
  tx: StoreReader,
  core: Core,
  room: string,
  bot: BotEntry,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> => {
  const { manifest } = decodeManifest(bot.manifest)
  const scope: Scope = { bot: bot.address, manifest, names: await namesOf(tx, bot.address) }
  const read = readContent(bytes)
  if (read.kind === 'message') return (await inScope(tx, scope, read.content)) ? bytes : undefined
  if (read.kind !== 'action') return undefined
  return actionFor(tx, core, room, scope, read.action, bytes)
}

interface Scope {
  readonly bot: Address
  readonly manifest: BotManifest
  readonly names: readonly string[]
}

/** What a person may write behind the `@` of a command. */
const namesOf = async (tx: StoreReader, address: Address): Promise<readonly string[]> => {
  const name = await nameOf(tx, address)
  return [address, ...(name === undefined ? [] : [name.toLowerCase().replace(/\s+/gu, '')])]
}

const inScope = async (tx: StoreReader, { bot, manifest, names }: Scope, content: Content): Promise<boolean> => {
  if (content.type !== 'text' && content.type !== 'markdown') return false
  const { read, commands } = manifest
  const reads = (kind: 'commands' | 'mentions' | 'replies') => read !== 'all' && read.includes(kind)
  const [, name, called] = COMMAND.exec(content.type === 'text' ? content.text : content.markdown) ?? []
  const isCalled = called !== undefined && names.includes(called.toLowerCase())
  const isKnown = called === undefined && commands.some((command) => command.name === name?.toLowerCase())
  if (reads('commands') && (isCalled || isKnown)) return true
  if (reads('mentions') && content.type === 'markdown' && mentionsIn(content.markdown).includes(bot)) return true
  if (!reads('replies') || content.replyTo === undefined) return false
  return (await findMessage(tx, content.replyTo))?.message.from === bot
}

const actionFor = async (
  tx: StoreReader,
  core: Core,
  room: string,
  scope: Scope,
  action: WireAction,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> => {
  const found = await findMessage(tx, action.target)
  if (found === undefined) return undefined
  const { message } = found
  const isTheirs = message.from === scope.bot
  switch (action.type) {
    case 'press':
      return isTheirs ? bytes : undefined
    case 'react':
      return isTheirs && scope.manifest.read.includes('replies') ? bytes : undefined
    case 'retract': {
      const isReaction = (await getRef(tx, action.target))?.type === 'react'
      if (isReaction || isTheirs) return isTheirs && scope.manifest.read.includes('replies') ? bytes : undefined
      return (await wasInScope(tx, scope, message)) ? bytes : undefined
    }
    case 'edit':
      if (isTheirs || !(await wasInScope(tx, scope, message))) return undefined
      if (action.content !== undefined && (await inScope(tx, scope, withReply(action.content, message.content))))
        return bytes
      // The new words are none of the bot's business, and the old ones are gone.
      return composeRetraction(message.id, contentFrame(core, room))
    case 'answer':
      return undefined
  }
}

interface Said {
  readonly id: MessageId
  readonly content: Content
  readonly editions?: readonly { readonly content: Content }[]
}

/** The first wording decides: what the bot was given goes by it. */
const wasInScope = (tx: StoreReader, scope: Scope, { content, editions }: Said): Promise<boolean> =>
  inScope(tx, scope, withReply(editions?.[0]?.content ?? content, content))

/** What a message replies to stays as it was through all edits. */
const withReply = (content: Content, now: Content): Content =>
  (content.type === 'text' || content.type === 'markdown') && 'replyTo' in now && now.replyTo !== undefined
    ? { ...content, replyTo: now.replyTo }
    : content
