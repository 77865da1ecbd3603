import { placeInRoom } from '../domain/messages/place.ts'
import { type DchatError, isDchatError } from '../errors.ts'
import { slotOf } from '../protocol/history/slots.ts'
import {
  type ArchivedRoom,
  BEFORE_IT_OPENED,
  decodeArchivedRoom,
  encodeArchivedRoom,
} from '../protocol/inbox/archive.ts'
import { ARCHIVED_PEOPLE } from '../protocol/wire/limits.ts'
import type { RelayUrl } from '../records/ids.ts'
import { fromHex } from '../util/bytes.ts'
import type { Core } from './core.ts'
import { keepRecord, openSlot } from './history/records.ts'
import { atEach, getSlot } from './history/slots.ts'
import type { JobOutcome } from './jobs.ts'
import type { RoomRecord } from './records.ts'
import { othersToAsk } from './rooms/people.ts'
import { getControl } from './rooms/session.ts'

/** ms after which a home relay that was away is tried again. */
const AWAY = 30 * 60_000

/** Keeps what a device that comes later must know of a room, sealed, at every home relay. */
export const archiveRoom = async (core: Core, id: string): Promise<JobOutcome> => {
  const found = await entryOf(core, id)
  if (found === undefined) return
  const { entry, isStale } = found
  let kept = 0
  const writing = atEach(core, async (relay) => {
    // An old copy of a store reads what may be long past: what is told from further on stays, and so does what it cannot open.
    const known = isStale ? await archivedAt(core, relay, id) : undefined
    if (known === undefined || (known !== 'closed' && known.place <= entry.place))
      await keepRecord(core, relay, roomSlot(core, id), encodeArchivedRoom(entry))
    kept += 1
  })
  try {
    await writing
  } catch (error) {
    // Who reads the archive asks every home relay: one that is away gets it when it is back.
    if (kept > 0 && isDchatError(error, 'transport/unreachable')) return { again: AWAY }
    throw error
  }
}

/**
 * Tells a home relay of a room before anybody can be in it: a copy of this store that has its name, and not the room, finds
 * that out then, and opens no second one (backup.md). One relay is enough, because a copy asks them all; where none of them
 * takes it for good, the room is opened all the same. Throws what may pass.
 */
export const archiveAhead = async (core: Core, id: string): Promise<void> => {
  const found = await entryOf(core, id)
  // The room of the own devices has another name each time that it is opened.
  if (found === undefined || found.isTold || found.entry.kind === 'self') return
  const { isStale } = found
  const entry = { ...found.entry, place: BEFORE_IT_OPENED }
  // Without the hub there is no room: who waits for it waits for nobody else.
  const away = (relay: RelayUrl) => (relay === entry.hub.url ? -1 : core.links.downFor(relay))
  const tell = async (relay: RelayUrl) => {
    // It may be open for long.
    if (!isStale || (await archivedAt(core, relay, id)) === undefined)
      await keepRecord(core, relay, roomSlot(core, id), encodeArchivedRoom(entry))
  }
  const failure = await firstTold(
    core,
    [...core.self.relays].sort((a, b) => away(a) - away(b)),
    tell,
  )
  if (failure === undefined) await noteTold(core, id)
  else if (failure.retryable) throw failure
}

/** Undefined once one relay was told; else why none was: what may pass, if something may. */
const firstTold = async (
  { signal }: Core,
  relays: readonly RelayUrl[],
  tell: (relay: RelayUrl) => Promise<void>,
): Promise<DchatError | undefined> => {
  let failure: DchatError | undefined
  for (const relay of relays)
    try {
      await tell(relay)
      return undefined
    } catch (error) {
      signal.throwIfAborted()
      if (!isDchatError(error)) throw error
      if (failure === undefined || error.retryable) failure = error
    }
  return failure
}

/** Opening may take many attempts over a bad link: this part is done. */
const noteTold = ({ store }: Core, id: string): Promise<void> =>
  store.write(async (tx) => {
    const record = await tx.get<RoomRecord>('rooms', id)
    if (record?.state === 'creating')
      tx.put('rooms', { key: id, scope: 'all', position: record.ordinal, value: { ...record, told: true } })
  })

const entryOf = async (
  { self, directory, store }: Core,
  id: string,
): Promise<undefined | { readonly entry: ArchivedRoom; readonly isStale: boolean; readonly isTold: boolean }> => {
  const { record, control } = await store.read(async (tx) => ({
    record: await tx.get<RoomRecord>('rooms', id),
    control: await getControl(tx, id),
  }))
  // Without a key in the log nobody could open it who holds nothing but the phrase: a restored log has one before long.
  if (record === undefined || control === undefined || self.log.archiveKey === undefined) return
  const { snapshot } = control
  // Whoever is let into the group is let into its channels.
  if (snapshot.kind === 'channel') return
  const people = othersToAsk(snapshot, self.address).slice(0, ARCHIVED_PEOPLE)
  const entry: ArchivedRoom = {
    room: fromHex(id) as Uint8Array,
    topic: record.topic,
    hub: record.hub,
    suite: record.suite,
    kind: snapshot.kind,
    name: snapshot.name,
    people,
    relays: [...new Set(people.flatMap((address) => directory.relaysOf(address)))].slice(0, 8),
    // Kept as a mark: a device that comes later must not ask to be let in, and still reads what was said.
    over: snapshot.kind !== 'dm' && (record.state === 'closed' || record.leaving === true),
    place: Math.max(placeInRoom(snapshot, record.term, record.seq), BEFORE_IT_OPENED + 1),
  }
  return { entry, isStale: record.stale === true, isTold: record.told === true }
}

const roomSlot = ({ self }: Pick<Core, 'self'>, id: string): Uint8Array =>
  slotOf('room', self.address, fromHex(id) as Uint8Array)

/**
 * What one home relay has of a room; `closed`: something that this device cannot open, by keys that came after its backup or
 * because the relay made it up. Throws the link's errors.
 */
export const archivedAt = async (
  core: Core,
  relay: RelayUrl,
  id: string,
): Promise<ArchivedRoom | 'closed' | undefined> => {
  const slot = roomSlot(core, id)
  const body = await getSlot(core, relay, slot)
  if (body === null || body.length === 0) return undefined
  try {
    return decodeArchivedRoom(await openSlot(core, slot, body))
  } catch (error) {
    if (!isDchatError(error)) throw error
    return 'closed'
  }
}
