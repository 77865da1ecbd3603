import { DM_LEAVES } from '../../domain/rooms/leaves.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { activeDevices } from '../../protocol/identity/log.ts'
import { ASK_LENGTH } from '../../protocol/messages/personal.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Suite } from '../../protocol/mls/engine.ts'
import { equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import { leftOf, type Wait, waitFrom } from '../../util/time.ts'
import { getConversation, groupId } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { tellKeys } from '../history/archive-keys.ts'
import { getHistory } from '../history/note.ts'
import { putJob } from '../jobs.ts'
import { claimKeyPackages } from '../key-packages.ts'
import { keepAllBooks } from '../listings/books.ts'
import type { JobRecord, RoomRecord } from '../records.ts'
import { addPeople } from '../rooms/add-people.ts'
import { createRoom, publishRoom } from '../rooms/create-room.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { type RoomSession, showNewestKey } from '../rooms/session.ts'
import { TURN } from '../rooms/turn.ts'
import { ASKED, ENTERED, type EnteredRecord } from './entered.ts'
import { SELF_ROOM } from './registers.ts'
import { SELF_OPENING } from './self-opening.ts'
import { putPersonal, type SelfRoomRecord, selfRoom } from './send.ts'
import { putEverything } from './share.ts'

const SUITE: Suite = 'dm-xwing-aes256'
/** ms until the archive, which may know of a room, has been read. */
const SOON = 2_000
/** ms that own devices have to let this one into a room that it knows of; then it opens a new one. */
const PATIENCE = 60_000
const TIMEOUT = 15_000
/** meta: a turn that this device waits for. */
const WAIT = 'self-wait'

type Again = { readonly again: number }

/**
 * Sees to the conversation of the own devices (personal.md): finds the one to follow, opens one where there is none, and
 * asks those in who are missing. May be repeated after any crash.
 */
export const openSelf = async (core: Core, rooms: Rooms): Promise<void | Again> => {
  const { store, self, directory } = core
  const devices = activeDevices(directory.peek(self.address) ?? self.log)
  if (devices.length < 2 || !devices.some(({ deviceKey }) => self.isOwnDevice(deviceKey))) return
  const opening = await store.read((tx) => tx.get<string>('meta', SELF_OPENING))
  if (opening !== undefined) await publish(core, rooms, opening)
  const known = rooms.all().filter(({ snapshot }) => snapshot.kind === 'self')
  const members = known.filter(({ isMember }) => isMember)
  if (members.length === 0) {
    const wait = await untilTurn(core, devices, known)
    if (wait > 0) return { again: wait }
    const room = toHex(core.crypto.random(32))
    await store.write(async (tx) => tx.put('meta', { key: SELF_OPENING, value: room }))
    return openSelf(core, rooms)
  }
  const newest = await newestOf(members)
  await follow(newest)
  await complete(newest, devices)
}

type Devices = ReturnType<typeof activeDevices>

/**
 * ms until this device may open a room. The newest device knows best that there was none: the others follow in turns. Who
 * knows of a room waits for those who are in it.
 */
const untilTurn = async (core: Core, devices: Devices, known: readonly RoomSession[]): Promise<number> => {
  const { store, self, clock } = core
  const turn = [...devices].reverse().findIndex(({ deviceKey }) => self.isOwnDevice(deviceKey))
  return store.write(async (tx) => {
    if ((await tx.get('jobs', 'read-archive')) !== undefined) return SOON
    // It asks to be let in again, or comes back by itself.
    const isAsking = known.some(({ record }) => record.state !== 'closed') || (await hasAsked(tx))
    const ms = Math.max(turn, 0) * TURN + (isAsking ? PATIENCE : 0)
    const wait = (await tx.get<Wait>('meta', WAIT)) ?? waitFrom(clock.now(), ms)
    tx.put('meta', { key: WAIT, value: wait })
    return leftOf(wait, clock.now())
  })
}

/** Asked to be let into a room that the archive knows. It is no conversation that people see. */
const hasAsked = async (tx: StoreReader): Promise<boolean> => {
  for (const { value: job } of await tx.page<JobRecord>('jobs', { scope: 'all', limit: 10_000 }))
    if (job.kind === 'ask' && job.people.length === 1 && (await getConversation(tx, groupId(job.room))) === undefined)
      return true
  return false
}

const publish = async (core: Core, rooms: Rooms, room: string): Promise<void> => {
  const known = await core.store.read((tx) => tx.get<RoomRecord>('rooms', room))
  if (known !== undefined && known.state !== 'creating') return
  await publishRoom(core, rooms, known ?? (await create(core, room)))
}

const create = async (core: Core, room: string): Promise<RoomRecord> => {
  const { address, log } = core.self
  const claimed = (await claimKeyPackages(core, address, SUITE)).slice(0, DM_LEAVES - 1)
  const snapshot: Snapshot = {
    kind: 'self',
    suite: SUITE,
    room: fromHex(room) as Uint8Array,
    opener: address,
    term: 1,
    name: '',
    timer: 0,
    people: [{ address, role: 'member', since: 0, log: log.entries.length }],
    pins: [],
  }
  const keyPackages = claimed.map(({ keyPackage }) => keyPackage)
  const change = claimed.length === 0 ? ({ kind: 'update' } as const) : ({ kind: 'add', keyPackages } as const)
  const joiners = claimed.map(({ deviceKey, reference }) => ({ address, deviceKey, package: reference }))
  return createRoom(core, undefined, snapshot, change, joiners)
}

/** Of several the one that was opened last: all devices come to the same one. */
const newestOf = async (members: readonly RoomSession[]): Promise<RoomSession> => {
  let newest = { session: members[0] as RoomSession, at: -1 }
  if (members.length === 1) return newest.session
  for (const session of members) {
    const at = await openedAt(session)
    if (at > newest.at || (at === newest.at && session.id > newest.session.id)) newest = { session, at }
  }
  return newest.session
}

/** The accepted time of a room's first entry; it stays when bodies are trimmed. */
const openedAt = async (session: RoomSession): Promise<number> => {
  const { core, record } = session
  const { store, links, signal } = core
  const key = `self-opened/${record.id}`
  const known = await store.read((tx) => tx.get<number>('meta', key))
  if (known !== undefined) return known
  await showNewestKey(session)
  const read = { topic: record.topic, after: 0, limit: 1 }
  const { entries } = await links.get(record.hub.url).request('topic.read', read, { signal, timeout: TIMEOUT })
  const receipt = entries[0]?.receipt
  if (receipt === undefined || receipt.seq !== 1 || !equalBytes(receipt.topic, record.topic)) return 0
  await session.verify(receipt)
  await store.write(async (tx) => tx.put('meta', { key, value: receipt.time }))
  return receipt.time
}

/** Says what this device holds in a room that it follows from now on, and asks for what it missed there. */
const follow = async (session: RoomSession): Promise<void> => {
  const { core, id } = session
  await core.store.write(async (tx) => {
    tx.delete('meta', SELF_OPENING)
    tx.delete('meta', WAIT)
    const entered = await tx.get<EnteredRecord>('meta', ENTERED)
    const hasEntered = entered?.room === id
    if ((await selfRoom(tx)) === id && !hasEntered) return
    tx.put('meta', { key: SELF_ROOM, value: { room: id } satisfies SelfRoomRecord })
    await keepAllBooks(tx, core)
    await putEverything(tx, core)
    await tellKeys(tx, core)
    if ((await getHistory(tx))?.device === 'waiting')
      await putJob(tx, 'ask-history', { kind: 'ask-history' }, core.clock.now())
    if (!hasEntered) return
    tx.delete('meta', ENTERED)
    if (entered.first) return
    const ask = core.crypto.random(ASK_LENGTH)
    tx.put('meta', { key: ASKED, value: toHex(ask) })
    await putPersonal(tx, core, { type: 'ask', id: ask, state: true })
  })
  session.outgoing.open()
}

/** Own devices that are not in the room: one that is, asks them in. Who has no key package left asks by itself. */
const complete = async (session: RoomSession, devices: Devices): Promise<void> => {
  const { core } = session
  const members = session.member().members
  const missing = devices.filter(({ deviceKey }) => !members.some((leaf) => equalBytes(leaf.deviceKey, deviceKey)))
  if (missing.length === 0 || members.length + missing.length > DM_LEAVES) return
  await addPeople(core, session, [core.self.address])
}
