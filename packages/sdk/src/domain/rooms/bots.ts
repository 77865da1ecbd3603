import { BOTS_LIMIT, type BotEntry, type Snapshot } from '../../protocol/messages/snapshot.ts'
import type { BotManifest } from '../../records/bot.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import { type BotChange, withoutBot } from './control.ts'
import { personOf } from './permissions.ts'

/**
 * The state after a commit's word on a bot, or why the commit is void (bots.md). `read`: of each manifest in the commit
 * that one of the bot's own devices signed.
 */
export const judgeBot =
  (read: ReadonlyMap<Address, BotManifest['read']>) =>
  (state: Snapshot, by: Address, change: BotChange): Snapshot | string => {
    const { bots = [] } = state
    const known = bots.find(({ address }) => address === change.address)
    if (change.kind === 'unbot')
      return known === undefined
        ? 'no bot of that address is part of the conversation'
        : withoutBot(state, change.address)
    const reads = read.get(change.address)
    if (reads === undefined) return 'a manifest that does not verify'
    if (state.kind === 'channel') return inChannel(state, by, change, known, reads)
    const { address, manifest, channel } = change
    if ((channel === undefined) !== (reads === 'all')) return 'only a restricted bot has a channel'
    if ((personOf(state, address) === undefined) !== (channel !== undefined))
      return 'a bot that reads everything is a member, and no other one is'
    if (known !== undefined && !isSameChannel(known.channel, channel)) return 'a bot keeps its channel'
    if (known === undefined && bots.length >= BOTS_LIMIT) return 'the group has too many bots'
    const entry: BotEntry = { address, manifest, by, ...(channel === undefined ? {} : { channel }) }
    if (known === undefined) return { ...state, bots: [...bots, entry] }
    if (equalBytes(known.manifest, manifest)) return 'the same manifest again'
    return { ...state, bots: bots.map((bot) => (bot === known ? entry : bot)) }
  }

const isSameChannel = (a: BotEntry['channel'], b: BotEntry['channel']): boolean =>
  a === undefined || b === undefined ? a === b : equalBytes(a.room, b.room) && equalBytes(a.topic, b.topic)

/** A channel is told of what was accepted in its group. */
const inChannel = (
  state: Snapshot,
  by: Address,
  { address, manifest, channel }: Extract<BotChange, { kind: 'bot' }>,
  known: BotEntry | undefined,
  reads: BotManifest['read'],
): Snapshot | string => {
  if (known === undefined || channel !== undefined || reads === 'all') return 'a channel has one bot'
  if (equalBytes(known.manifest, manifest)) return 'the same manifest again'
  return { ...state, bots: [{ address, manifest, by }] }
}
