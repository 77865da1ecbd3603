import { personOf } from '../../domain/rooms/permissions.ts'
import { decodeWelcomePointer, type WelcomePointer } from '../../protocol/inbox/bodies.ts'
import type { BotEntry, Snapshot } from '../../protocol/messages/snapshot.ts'
import { type Hub, isSameHub } from '../../protocol/topic/hub.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import { getConversation, groupId } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { addJob, putJob } from '../jobs.ts'
import type { ConversationRecord, JobRecord } from '../records.ts'
import { addReachable } from '../rooms/add-people.ts'
import { changeRoom, removePeople } from '../rooms/change-room.ts'
import { createRoom, publishRoom } from '../rooms/create-room.ts'
import { failWaiting } from '../rooms/fail.ts'
import { askFor } from '../rooms/leave.ts'
import { readOn } from '../rooms/may-enter.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { RoomSession } from '../rooms/session.ts'
import { isBot } from './manifests.ts'

/** ms after which a device that nobody let into a channel asks for it, and until people who could not be reached are tried again. */
const ASK = 15_000
const LATER = 60_000
const ALL = 100_000

/** Opens the channel of a restricted bot, with this device alone, at the hub of the group. */
export const openChannel = async (
  core: Core,
  rooms: Rooms,
  parent: RoomSession,
  bot: Pick<BotEntry, 'address' | 'manifest'>,
): Promise<Required<Pick<BotEntry, 'channel'>>> => {
  const { self, crypto } = core
  const snapshot: Snapshot = {
    kind: 'channel',
    suite: parent.record.suite,
    room: crypto.random(32),
    opener: self.address,
    term: 1,
    name: parent.snapshot.name,
    timer: 0,
    people: [{ address: self.address, role: 'member', since: 0, log: self.log.entries.length }],
    pins: [],
    bots: [{ address: bot.address, manifest: bot.manifest, by: self.address }],
    parent: fromHex(parent.id) as Uint8Array,
  }
  const record = await createRoom(core, undefined, snapshot, { kind: 'update' }, [], hubsFrom(parent))
  await publishRoom(core, rooms, record)
  return { channel: { room: snapshot.room, topic: record.topic } }
}

/** The group's, its present one first. */
const hubsFrom = ({ record: { hub }, snapshot: { hubs = [] } }: RoomSession): readonly Hub[] => [
  hub,
  ...hubs.filter((other) => !isSameHub(other, hub)),
]

/** Keeps the channels of a group's bots in step with it, and sends what waited for that. May be repeated. */
export const keepChannels = async (
  core: Core,
  rooms: Rooms,
  room: string,
): Promise<void | { readonly again: number }> => {
  const parent = rooms.get(room)
  if (!parent?.isMember || parent.record.leaving) return
  const { bots = [] } = parent.snapshot
  for (const session of rooms.all())
    if (isChannelOf(session, parent) && !bots.some((bot) => isTheChannel(bot, session))) await endChannel(session)
  let again: number | undefined
  for (const bot of bots) if (bot.channel !== undefined) again = (await keepChannel(core, rooms, parent, bot)) ?? again
  return again === undefined ? undefined : { again }
}

/** One that nobody was let into yet is still to be told of in its group. */
const isChannelOf = ({ snapshot, record }: RoomSession, parent: RoomSession): boolean =>
  snapshot.parent !== undefined &&
  toHex(snapshot.parent) === parent.id &&
  record.state !== 'closed' &&
  snapshot.people.length > 1

const isTheChannel = ({ channel }: BotEntry, { id }: RoomSession): boolean =>
  channel !== undefined && toHex(channel.room) === id

const keepChannel = async (
  core: Core,
  rooms: Rooms,
  parent: RoomSession,
  bot: BotEntry,
): Promise<number | undefined> => {
  const { room, topic } = bot.channel as NonNullable<BotEntry['channel']>
  const id = toHex(room)
  const session = rooms.get(id)
  if (session === undefined) {
    if (await hurryWelcome(core, room)) return undefined
    // Whoever let this device into the group lets it in here too, unless they are gone.
    const ask = { ...askFor(parent, parent.record), room: id, topic }
    await addJob(core.store, `ask/${id}`, ask, core.clock.now(), ASK)
    return undefined
  }
  if (!session.isMember) return undefined
  const belongs = (address: Address) => address === bot.address || personOf(parent.snapshot, address) !== undefined
  const extra = session.snapshot.people.flatMap(({ address }) => (belongs(address) ? [] : [address]))
  if (extra.length > 0) await removePeople(session, extra)
  const missing = absentFrom(session, parent, bot.address)
  const later = missing.length === 0 ? [] : await addReachable(core, session, missing)
  const [known] = session.snapshot.bots ?? []
  const { address, manifest } = bot
  const isKnown = (now: Snapshot) => now.bots?.[0] !== undefined && equalBytes(now.bots[0].manifest, manifest)
  if (known !== undefined && !isKnown(session.snapshot))
    await changeRoom(session, isKnown, [{ kind: 'bot', address, manifest }])
  session.outgoing.open()
  return later.length === 0 ? undefined : LATER
}

/** The bot, and people of whom a device is in the group and not in the channel. */
const absentFrom = (session: RoomSession, parent: RoomSession, bot: Address): readonly Address[] => {
  const inside = session.member().members
  const devices = parent.member().members
  const absent = devices.filter(({ deviceKey }) => !inside.some((member) => equalBytes(member.deviceKey, deviceKey)))
  const people = new Set(absent.map(({ address }) => address))
  if (personOf(session.snapshot, bot) === undefined) people.add(bot)
  return [...people]
}

/** The bot is not in the group any more: it is taken out, and nothing is said here again. */
const endChannel = async (session: RoomSession): Promise<void> => {
  const { core } = session
  const [bot] = session.snapshot.bots ?? []
  if (session.isMember && bot !== undefined && personOf(session.snapshot, bot.address) !== undefined)
    await removePeople(session, [bot.address])
  await session.lock.run(async () => {
    const record = { ...session.record, state: 'closed' as const }
    await core.store.write(async (tx) => session.put(tx, { record }))
    session.settle({ record })
  })
  await failWaiting(core, session.id)
}

/**
 * A Welcome to a channel is entered without a question where a group that this device is in has it, and by bots. What
 * decides stands in the groups that this device shares with its author, which are read to their end first.
 */
export const mayEnterChannel = async (
  core: Core,
  rooms: Rooms,
  from: Address,
  { room }: Pick<WelcomePointer, 'room'>,
): Promise<boolean | { readonly again: number }> => {
  if (await isBot(core)) return true
  const shared = rooms.all().filter(({ isMember, snapshot }) => isMember && personOf(snapshot, from) !== undefined)
  for (const session of shared) {
    if (!hasChannel(session.snapshot, room)) await readOn(core, rooms, session)
    if (hasChannel(session.snapshot, room)) return true
  }
  // It may belong to a group that this person is still to enter.
  return (await isAskedIn(core)) ? { again: LATER } : false
}

const isAskedIn = async ({ store }: Core): Promise<boolean> => {
  const rows = await store.read((tx) => tx.page<ConversationRecord>('conversations', { scope: 'all', limit: ALL }))
  return rows.some(({ value: { kind, invitation, answered } }) => kind === 'group' && (invitation ?? answered))
}

/** A Welcome to a channel that waited until its group was here; true if there was one. */
const hurryWelcome = ({ store, clock }: Core, room: Uint8Array): Promise<boolean> =>
  store.write(async (tx) => {
    const rows = await tx.page<JobRecord>('jobs', { scope: 'all', limit: ALL })
    for (const { value: job } of rows) {
      if (job.kind !== 'join' || !equalBytes(decodeWelcomePointer(job.pointer).room, room)) continue
      const { key, from, pointer } = job
      await putJob(tx, key, { kind: 'join', from, pointer }, clock.now())
      return true
    }
    return false
  })

const hasChannel = ({ bots = [] }: Snapshot, room: Uint8Array): boolean =>
  bots.some(({ channel }) => channel !== undefined && equalBytes(channel.room, room))

/** Why a channel that was joined is not what it has to be; undefined if it is. */
export const channelProblem = async (core: Core, rooms: Rooms, snapshot: Snapshot): Promise<string | undefined> => {
  const [bot] = snapshot.bots ?? []
  const parent = toHex(snapshot.parent as Uint8Array)
  if (bot?.address !== core.self.address) {
    const listed = rooms.get(parent)?.snapshot.bots?.find(({ address }) => address === bot?.address)?.channel
    return listed !== undefined && equalBytes(listed.room, snapshot.room) ? undefined : 'no group has this channel'
  }
  // A group is known by its room, so anybody who was ever in it could name it: the first channel is kept.
  const active = (await core.store.read((tx) => getConversation(tx, groupId(parent))))?.active
  const other = active === undefined || active === toHex(snapshot.room) ? undefined : rooms.get(active)
  return other?.record.state === 'open' ? 'the group has another channel' : undefined
}
