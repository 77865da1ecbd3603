import { permits, personOf } from '../../domain/rooms/permissions.ts'
import { DchatError } from '../../errors.ts'
import { decodeManifest } from '../../protocol/messages/bot.ts'
import type { BotEntry, Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { addJob } from '../jobs.ts'
import { addPeople } from '../rooms/add-people.ts'
import { changeRoom, removePeople } from '../rooms/change-room.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { RoomSession } from '../rooms/session.ts'
import { keepChannels, openChannel } from './keep-channels.ts'

/** Accepts a bot in a group, with the channel that it needs. Throws `conversation/not-permitted`. */
export const setUpBot = async (
  core: Core,
  rooms: Rooms,
  session: RoomSession,
  { address, manifest }: Pick<BotEntry, 'address' | 'manifest'>,
): Promise<void> => {
  const isDone = (now: Snapshot) => isAccepted(entryOf(now, address), manifest)
  if (isDone(session.snapshot)) return
  const known = entryOf(session.snapshot, address)
  const { read } = decodeManifest(manifest).manifest
  if (known !== undefined && (known.channel === undefined) !== (read === 'all'))
    throw new DchatError('conversation/not-permitted', {
      reason: 'what it reads changed between some and all messages: remove it, and install it again',
    })
  const permitted = permits(session.snapshot, core.self.address, { kind: 'unbot', address })
  if (permitted !== true) throw new DchatError('conversation/not-permitted', { reason: permitted })
  const change = { kind: 'bot', address, manifest } as const
  if (read === 'all') {
    await addPeople(core, session, [address])
    await changeRoom(session, isDone, [change])
    return
  }
  if (personOf(session.snapshot, address) !== undefined)
    throw new DchatError('conversation/not-permitted', { reason: 'it is a member, and would read everything' })
  const where =
    known?.channel === undefined
      ? await openChannel(core, rooms, session, { address, manifest })
      : { channel: known.channel }
  await changeRoom(session, (now) => isDone(now) || isElse(now, address, known), [{ ...change, ...where }])
  const task = { kind: 'channels', room: session.id } as const
  await addJob(core.store, `channels/${session.id}`, task, core.clock.now())
  await keepChannels(core, rooms, session.id)
}

/** Takes a bot out of a group. Throws `conversation/not-permitted`. */
export const removeBot = async (core: Core, rooms: Rooms, session: RoomSession, address: Address): Promise<void> => {
  const bot = entryOf(session.snapshot, address)
  if (bot === undefined) return
  if (bot.channel === undefined) return removePeople(session, [address])
  await changeRoom(session, (now) => entryOf(now, address) === undefined, [{ kind: 'unbot', address }])
  await keepChannels(core, rooms, session.id)
}

const entryOf = ({ bots = [] }: Snapshot, address: Address): BotEntry | undefined =>
  bots.find((bot) => bot.address === address)

const isAccepted = (bot: BotEntry | undefined, manifest: Uint8Array): boolean =>
  bot !== undefined && equalBytes(bot.manifest, manifest)

/** Somebody else installed it meanwhile: theirs is the channel. */
const isElse = (now: Snapshot, address: Address, known: BotEntry | undefined): boolean =>
  known === undefined && entryOf(now, address) !== undefined
